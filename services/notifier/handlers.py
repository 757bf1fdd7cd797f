"""What happened to a case, and what its caller and its subscriber hear of it.

`service.py` hands every handler the `Telling`: keys, words and hours.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import bindparam, or_, select, update

from services.domain.caller_events import NO_RESULT
from services.domain.events import (
    AlertAcknowledged,
    AnswerGiven,
    CallerInformed,
    CaseClosed,
    CaseCorrected,
    CaseErased,
    CaseReceived,
    CaseReopened,
    CaseRouted,
    DeadlineExtended,
    Event,
    OutcomeReported,
    StaffAlerted,
    TaskAccepted,
)
from services.kernel.columns import table
from services.kernel.delivery import operate
from services.kernel.delivery.erasure import erase
from services.kernel.delivery.models import PENDING, UNKNOWN, DeliveryRow
from services.kernel.messages import Message
from services.kernel.sql import Sql
from services.kernel.tx import Tx
from services.notifier import callbacks, duty, extensions
from services.notifier.cases import CASES, Case, case_of, known_case
from services.notifier.models import About, CallBack, HookType, Result, SendSms
from services.notifier.translate import SMS, Telling, webhook

PRESSING: Final = frozenset({
    "CaseReceived", "AnswerGiven", "OutcomeReported", "CaseErased", "CaseReopened", "StaffAlerted",
})  # fmt: skip
_CALLS: Final = table(CallBack)
_DELIVERIES: Final = table(DeliveryRow)
_UNSAY: Final = Sql(update(_CALLS).where(_CALLS.c.case_id == bindparam("case")).values(words=None))
_WAITING: Final = Sql(
    select(_DELIVERIES.c.body).where(
        _DELIVERIES.c.key == bindparam("of_key"), _DELIVERIES.c.destination == SMS,
        or_(_DELIVERIES.c.state == PENDING, _DELIVERIES.c.state == UNKNOWN),
    )
)  # fmt: skip


def keep_contact(event: CaseReceived, tx: Tx, telling: Telling) -> Iterator[Message]:
    """Remember how to reach the caller; a mobile gets number and tracking code at once."""
    case = Case(event.case_id, event.number, event.language, event.urgent, event.told_by, tx.now)
    contact = telling.learn(case, event.contact if event.told_by == "notifier" else None, tx)
    if contact and case.reach == "sms" and contact.code:
        yield telling.received(case, contact, tx)
    CASES.add(tx, case)


def correct(event: CaseCorrected, tx: Tx, telling: Telling) -> Iterator[Message]:
    """What waits to be sent to the old number is told again, to the new one."""
    case = known_case(tx, event.case_id)
    if event.urgent is not None:
        case.urgent = event.urgent
    if event.contact or "contact" in event.changed:
        case.told_by = "notifier" if event.contact else "nobody"
        telling.learn(case, event.contact, tx)
        if waiting := _waiting(case, tx):
            yield from _tell(case, waiting, tx, telling)


def follow_route(event: CaseRouted, tx: Tx, telling: Telling) -> Iterator[Message]:
    """From now on only this unit's outcome counts."""
    if case := case_of(tx, event.case_id):
        case.unit = event.unit
        yield from _subscriber(case, "case.routed", "routed", event, tx)


def tell_accepted(event: TaskAccepted, tx: Tx, telling: Telling) -> Iterator[Message]:
    if (case := case_of(tx, event.case_id)) and case.unit in (None, event.unit):
        yield from _subscriber(case, "case.accepted", "accepted", event, tx)


def tell_answer(event: AnswerGiven, tx: Tx, telling: Telling) -> Iterator[Message]:
    """An agent's answer; the text itself is read on the web, or out by whoever phones."""
    case = known_case(tx, event.case_id)
    yield from _tell(case, Result(about="answer", words=event.text, field="text"), tx, telling)
    yield from _subscriber(case, "case.outcome", "answered", event, tx, "answer")


def tell_outcome(event: OutcomeReported, tx: Tx, telling: Telling) -> Iterator[Message]:
    """The unit's claim. A unit that the case has left is not heard any more."""
    case = known_case(tx, event.case_id)
    if case.unit not in (None, event.unit) or case.closed:
        return
    result = Result(
        about="outcome", outcome=event.outcome, amount_fen=event.amount_recovered_fen, unit=event.unit,
        words=event.summary, field="summary",
    )  # fmt: skip
    yield from _tell(case, result, tx, telling)
    yield from _subscriber(case, "case.outcome", "resolved", event, tx, "outcome")


def note_told(event: CallerInformed, tx: Tx, telling: Telling) -> Iterable[Message]:
    """Whoever has heard it, from anybody, needs no call, and no text message that still waits."""
    case = case_of(tx, event.case_id) if event.about not in NO_RESULT else None
    if case is not None:
        callbacks.drop(case, tx)
        if event.channel != "sms":
            _take_back(case, tx)
    return ()


def stop_telling(event: CaseClosed, tx: Tx, telling: Telling) -> Iterator[Message]:
    """Nobody phones about a closed case; what was withdrawn is not announced either."""
    if case := case_of(tx, event.case_id):
        case.closed = True
        callbacks.drop(case, tx)
        if event.reason == "withdrawn":
            _take_back(case, tx)
        yield from _subscriber(case, "case.closed", "closed", event, tx)


def start_again(event: CaseReopened, tx: Tx, telling: Telling) -> Iterable[Message]:
    """What was claimed no longer holds."""
    if case := case_of(tx, event.case_id):
        case.closed = False
        callbacks.drop(case, tx)
        _take_back(case, tx)
    return ()


def forget(event: CaseErased, tx: Tx, telling: Telling) -> Iterable[Message]:
    """Blank what is personal, also in what was sent, and keep the counts (个人信息保护法 art 47)."""
    if case := case_of(tx, event.case_id):
        telling.learn(case, None, tx)
        case.erased_at, case.newest = tx.now, None
        callbacks.drop(case, tx)
        tx.run(_UNSAY, case=event.case_id)
        erase(tx, event.case_id)
    return ()


def _tell(case: Case, result: Result, tx: Tx, telling: Telling) -> Iterator[Message]:
    """By text message or by a person; an earlier result that still waits is told no more."""
    callbacks.drop(case, tx)
    _take_back(case, tx)
    if case.contact is None or case.reach not in ("sms", "call"):
        return
    if case.reach == "call":
        callbacks.open_callback(case, result, callbacks.NUMBER, telling, tx)
        return
    message = telling.result(case, telling.contact(case.case_id, case.contact), result, tx)
    case.newest = message.key
    yield message


def _take_back(case: Case, tx: Tx) -> None:
    """No text message with an earlier result any more, if it has not left yet."""
    if case.newest:
        operate.call_off(tx, SMS, case.newest)
        case.newest = None


def _waiting(case: Case, tx: Tx) -> Result | None:
    """The result that is to be told by a text message which has not left yet."""
    if case.newest is None:
        return None
    found = tx.one(_WAITING, of_key=case.newest)
    return None if found is None else SendSms.model_validate_json(found.body).result


def _subscriber(
    case: Case, what: HookType, status: str, event: Event, tx: Tx, about: About | None = None
) -> Iterator[Message]:
    """Tell the system that asked for it; where there is no telephone, the caller is told by it."""
    if case.hook:
        yield webhook(case, what, status, event.at, about if case.reach == "web" else None)


HANDLERS: Final[Mapping[type[Event], Callable[..., Iterable[Message]]]] = {
    CaseReceived: keep_contact,
    CaseCorrected: correct,
    CaseRouted: follow_route,
    TaskAccepted: tell_accepted,
    AnswerGiven: tell_answer,
    OutcomeReported: tell_outcome,
    DeadlineExtended: extensions.tell_extension,
    StaffAlerted: duty.call_staff,
    AlertAcknowledged: duty.note_answer,
    CallerInformed: note_told,
    CaseClosed: stop_telling,
    CaseReopened: start_again,
    CaseErased: forget,
}
