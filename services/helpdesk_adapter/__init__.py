"""Help desk: urgent cases for the city's social-help desk (122 社会求助服务台), one configured partner.

In: CaseRouted with service `helpdesk`, call-backs of the desk's system, operators at the worklist.
Keeps: one task per decision, with the complete record sealed, its steps and its outcome.
Out: the task to the desk's system or the worklist; TaskDelivered, TaskAccepted, TaskObjected,
TaskProgressed, OutcomeReported, TaskUndeliverable.

How a task lives is the same for every adapter and stands in kernel/tasks; here is what the desk calls things.
"""
