"""A case becomes a unit's task: what the three adapters share. They differ only in their `Desk`.

CaseRouted to us ─▶ task ─▶ SendTask ─▶ the unit's system ─▶ TaskDelivered (http)
                      └──────────────▶ our worklist page ──▶ TaskDelivered (worklist)
signed call-backs, worklist page, API ─▶ the same steps ─▶ TaskAccepted | TaskObjected | TaskProgressed
                                                           | OutcomeReported
CallAttached, ClusterAlarmed, ClusterJoined ─▶ the task's history ─▶ SendNews ─▶ the unit's system
CaseClosed, or routed elsewhere ─▶ the task is withdrawn
automation ends ─▶ the task is a person's (by_hand) ─▶ TaskUndeliverable
"""
