"""What happens to the case itself, said by intake and the router."""

from typing import Literal
from uuid import UUID

from services.domain.clusters import Cluster
from services.domain.event import Code, ContactSealed, Event, Instant, TaskSealed
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.places import Place

Service = Literal["inspection", "employment", "helpdesk"]
Urgency = Literal["urgent", "normal"]


class CaseReceived(Event):
    """A call, form or message was written down completely (the full record, never a summary).

    `work`, `employer_place`, `residence`: what routing goes by. `amount_owed_fen` in fen (分, 1/100 yuan).
    `told_by`: who tells the caller the result; intake where the identity must not leave intake (举报), nobody
    where no way to reach the caller is known. `cluster`: of its employer or site, this case counted.
    `parent`: the case of which this is a part.
    """

    number: str
    kind: Kind
    report_type: ReportType | None = None
    channel: Channel
    urgent: bool
    work: Place | None = None
    employer_place: Place | None = None
    residence: Place | None = None
    employer_name: str | None = None
    uscc: str | None = None
    amount_owed_fen: int | None = None
    workers_affected: int | None = None
    tags: tuple[str, ...] = ()
    language: str = "zh-CN"
    record: TaskSealed
    contact: ContactSealed | None = None
    told_by: Literal["notifier", "intake", "nobody"]
    cluster: Cluster | None = None
    parent: UUID | None = None


class CaseCorrected(Event):
    """What intake wrote down was put right. `changed` names the fields meant: None there is "now empty"."""

    kind: Kind | None = None
    report_type: ReportType | None = None
    urgent: bool | None = None
    work: Place | None = None
    employer_place: Place | None = None
    residence: Place | None = None
    record: TaskSealed | None = None
    contact: ContactSealed | None = None
    changed: tuple[str, ...]


class CaseRouted(Event):
    """The router chose a unit, by `rule` at `version`, because of the facts in `reason`.

    `accept_by`: when the unit must have accepted or objected (5 working days by
    实施《劳动保障监察条例》若干规定 art 18, unless the city configures less).
    `bounces`: how often the case came back before. `cluster`: as the router last heard of it. `street`: of
    the residence, nine digits, where it is known: within a centre's area assistants have streets.
    """

    number: str
    kind: Kind
    unit: str
    unit_name: str
    service: Service
    district: str | None = None
    rule: str
    version: str
    reason: dict[str, str]
    urgency: Urgency
    accept_by: Instant | None = None
    bounces: int = 0
    record: TaskSealed
    cluster: Cluster | None = None
    street: str | None = None


class CaseHeld(Event):
    """The router is not sure and asks a person. `reason`: codes.HOLD_REASONS; `facts`: what it went by."""

    reason: Code
    facts: dict[str, str]


class NoteAdded(Event):
    """Somebody wrote something down beside the case."""

    note: TaskSealed


class CallAttached(Event):
    """The caller rang again about this case (补充来电); no second one was opened.

    `note`: what the caller said; `recording`: where the call is recorded.
    """

    channel: Channel
    note: TaskSealed
    recording: TaskSealed | None = None


class CaseSplit(Event):
    """A part of the matter is somebody else's to do (分办): it became the case `part` with this number.

    The case is not closed before its parts are. Its caller is told of each.
    """

    part: UUID
    number: str
    kind: Kind


class CaseMerged(Event):
    """The same matter of the same caller, written down twice (并案): it goes on as the case `into`."""

    into: UUID
    number: str


class CaseTaken(Event):
    """Somebody at the hotline took the case on (接办), by staff number: a voice mail has a named answerer.

    `owner`: who sees to it now; with `by` another person, who gave it.
    """

    owner: str


class CaseClosed(Event):
    """The hotline is done: the caller knows, or could not be reached (保障农民工工资支付条例 art 10).

    `reason`: codes.CLOSE_REASONS.
    """

    reason: Code


class CaseReopened(Event):
    """The case starts again, usually because the caller does not agree with what was claimed."""

    reason: TaskSealed | None = None


class CaseErased(Event):
    """The purpose is met and the time is up (个人信息保护法 art 47).

    Every service blanks its personal columns and keeps the counts.
    """


class UnitClosed(Event):
    """A unit takes no more cases; `successor` takes over, if any. `case_id` is the uuid5 of the unit's id."""

    unit: str
    successor: str | None = None
