"""The parts of a case (分办): a case is not closed before its parts are, and closing it cancels none of them.

What would have closed it is kept; the last part that closes, closes it.
"""

from collections.abc import Iterable

from services.domain.clusters import ClustersFile
from services.domain.events import CaseClosed, CaseSplit, Event
from services.domain.life import Status
from services.intake.creation import enter
from services.intake.scribe import Written
from services.intake.standing import Standing, standing
from services.kernel.messages import Message
from services.kernel.tx import Tx


def close_as(case: Standing, event: Event, reason: str) -> Iterable[Message]:
    """Close it for this reason, now or when its parts are closed."""
    if case.open_parts:
        case.closes_as = reason
        return ()
    return (CaseClosed(case_id=event.case_id, at=event.at, by=event.by, reason=reason),)


def open_part(tx: Tx, case: Standing, written: Written, by: str | None, clusters: ClustersFile) -> CaseSplit:
    """The part is written down and said, and the case waits for it; what the case says of it."""
    case.open_parts += 1
    enter(tx, written, clusters)
    part = written.event
    return CaseSplit(
        case_id=case.case_id, at=tx.now, by=by, part=part.case_id, number=part.number, kind=part.kind
    )


def part_closed(part: Standing, event: CaseClosed, tx: Tx) -> Iterable[Message]:
    """One part less is open; the case that waited for the last of them is closed with it."""
    case = standing(tx, part.parent) if part.parent else None
    if case is None or case.open_parts == 0:
        return ()
    case.open_parts -= 1
    if case.open_parts or case.closes_as is None or case.stands is Status.CLOSED:
        return ()
    return (CaseClosed(case_id=case.case_id, at=event.at, by=event.by, reason=case.closes_as),)


def part_reopened(part: Standing, tx: Tx) -> None:
    """One part more is open. A case that is closed already stays so: its own matter is done."""
    if part.parent and (case := standing(tx, part.parent)):
        case.open_parts += 1
