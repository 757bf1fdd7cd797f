"""Does a unit's system keep the partner contract? What `yikou unit check` plays against its test system.

    tasks.py     invented tasks, marked as a test          client.py   sends them, as our adapters do
    ear.py       hears the unit's call-backs               run.py      the checks in order, and their verdicts
    requests.py, reports.py, load.py: the checks           verdict.py  passed, failed with a reason, not tried

docs/partners.md is the contract in words.
"""
