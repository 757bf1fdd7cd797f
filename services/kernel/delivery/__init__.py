"""Deliveries: the ledger of every request to a partner, from `pending` to its end.

A row is claimed with a lease and a fencing number, an attempt row is written before each try, and the
answer is settled only if the lease still holds. When automation ends, a person's task begins.
"""
