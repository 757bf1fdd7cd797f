"""Deliveries: the ledger of every request to a partner, from `pending` to its end.

    claim (lease, fence, a try written down) → calls (one remote call, no transaction) → ledger (settle)
       ▲ worker: woken by commits and due times         answer lost → unknown → ask → delivered | again

A row is claimed with a lease and a fencing number, an attempt row is written before each try, and the
answer is settled only if the lease still holds. When automation ends, a person's task begins (`watch`,
`ledger.end`). When and whom: `schedule` and `circuit`, both pure. What operators do: `operate`.
"""
