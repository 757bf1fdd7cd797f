"""`yikou chaos`: the proof that nothing is lost and nothing doubled, as a command.

    plan (seed) -> campaign: real processes, load, partners, faults -> histories (JSON lines) -> checks

The load, the partners and the text message gateway run outside the system and write down for themselves
what they saw; the checks look at nothing but those histories and the last dumps of the databases and the log.
"""
