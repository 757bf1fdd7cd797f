"""Employment: cases for the districts' employment centres (公共就业服务中心) and their assistants.

In: CaseRouted with service `employment`, call-backs of the centres' systems, assistants at the worklist.
Keeps: one task per decision, with the complete record sealed, its steps and its outcome; a visit beside each
job seeker's task of a unit without a system of its own, with assistant, time, safety note and follow-up; the
city's vacancies; the assistants' calendar links.
Out: the task to the centre's system or the worklist; TaskDelivered, TaskAccepted, TaskObjected,
TaskProgressed, OutcomeReported, TaskUndeliverable.

How a task lives is the same for every adapter and stands in kernel/tasks; here is what centres call things.
"""
