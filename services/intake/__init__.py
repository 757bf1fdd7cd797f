"""Intake: the case record, from the first word to the caller knowing the result.

In:    what agents write down, other systems send, citizens submit; every event of every service.
Keeps: intake_case (where a case stands, personal parts sealed), intake_timeline (all that happened to it),
       intake_band (keyed traces of texts) and intake_untraced (those that are owed), intake_cluster and
       intake_cluster_case (who is complained of by how many), intake_idempotency (answers already given),
       intake_callback (reporters whom only intake may ring).
Out:   CaseReceived, CaseCorrected, CallAttached, CaseSplit, CaseMerged, ClusterAlarmed, ClusterJoined,
       AnswerGiven, NoteAdded, CallerInformed, CallerUnreachable, CaseClosed, CaseReopened.

The hotline keeps a case that it passed on (首问负责, 保障农民工工资支付条例 art 10): it closes only when the
caller was told, or could not be reached in three timed attempts, never because a partner is done.
"""
