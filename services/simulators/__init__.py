"""Partner systems for tests and the demo: brigades, employment centres, the 122 desk, an SMS gateway.

They speak real HTTP on loopback and know Yikou only from outside: what they saw stands in their own
ledger, signatures are checked with the public library, and nothing here reads a table of ours.

    Yikou --task--> POST /{unit}/tasks --202--> ... --signed call-backs--> Yikou /api/partners/{unit}/events
    Yikou --text--> POST /sms            Yikou --webhook--> POST /subscriber/{name}
    anybody ------> GET /_counts, GET and POST /_behaviour
"""
