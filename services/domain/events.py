"""Every event of the log, by name. A new one goes into one of these files, EVENTS and golden/."""

from collections.abc import Mapping
from typing import Final

from services.domain.alert_events import AlertAcknowledged, StaffAlerted
from services.domain.caller_events import AnswerGiven, CallerInformed, CallerUnreachable
from services.domain.case_events import (
    CallAttached,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseHeld,
    CaseMerged,
    CaseReceived,
    CaseReopened,
    CaseRouted,
    CaseSplit,
    CaseTaken,
    NoteAdded,
    UnitClosed,
)
from services.domain.cluster_events import ClusterAlarmed, ClusterJoined
from services.domain.deadline_events import (
    DEADLINES,
    DeadlineApproaching,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlinePaused,
    DeadlineRecomputed,
    DeadlineResumed,
)
from services.domain.event import Event, Instant
from services.domain.places import Place
from services.domain.task_events import (
    OutcomeReported,
    TaskAccepted,
    TaskDelivered,
    TaskObjected,
    TaskProgressed,
    TaskUndeliverable,
)

__all__ = [
    "EVENTS",
    "AlertAcknowledged",
    "AnswerGiven",
    "CallAttached",
    "CallerInformed",
    "CallerUnreachable",
    "CaseClosed",
    "CaseCorrected",
    "CaseErased",
    "CaseHeld",
    "CaseMerged",
    "CaseReceived",
    "CaseReopened",
    "CaseRouted",
    "CaseSplit",
    "CaseTaken",
    "ClusterAlarmed",
    "ClusterJoined",
    "DeadlineApproaching",
    "DeadlineExtended",
    "DeadlineMet",
    "DeadlineMissed",
    "DeadlinePaused",
    "DeadlineRecomputed",
    "DeadlineResumed",
    "Event",
    "Instant",
    "NoteAdded",
    "OutcomeReported",
    "Place",
    "StaffAlerted",
    "TaskAccepted",
    "TaskDelivered",
    "TaskObjected",
    "TaskProgressed",
    "TaskUndeliverable",
    "UnitClosed",
]

EVENTS: Final[Mapping[str, type[Event]]] = {
    event.__name__: event
    for event in (
        CaseReceived,
        CaseCorrected,
        CaseRouted,
        CaseHeld,
        TaskDelivered,
        TaskUndeliverable,
        TaskAccepted,
        TaskObjected,
        TaskProgressed,
        OutcomeReported,
        AnswerGiven,
        NoteAdded,
        CallAttached,
        CaseSplit,
        CaseMerged,
        CaseTaken,
        ClusterAlarmed,
        ClusterJoined,
        *DEADLINES,
        StaffAlerted,
        AlertAcknowledged,
        CallerInformed,
        CallerUnreachable,
        CaseClosed,
        CaseReopened,
        CaseErased,
        UnitClosed,
    )
}
