"""Inspection: cases for the districts' labour inspection brigades (劳动保障监察大队).

In: CaseRouted with service `inspection`, call-backs of the brigades' systems, officers at the worklist.
Keeps: one task per decision, with the complete record sealed, its steps and its outcome.
Out: the task to the brigade's system or the worklist; TaskDelivered, TaskAccepted, TaskObjected,
TaskProgressed, OutcomeReported, TaskUndeliverable.

How a task lives is the same for every adapter and stands in kernel/tasks; here is what brigades call things.
"""
