"""The timeline of a case: one row per event as it was heard, one sentence per row when it is read.

A row keeps the few fields that its sentence needs, and sealed words that somebody wrote; who may read those
is decided by the reader (`opened`), never here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from services.domain.city import City
from services.domain.events import EVENTS, Event
from services.domain.texts import TIMELINE
from services.domain.timeline import sentence
from services.intake.models import TimelineRow
from services.kernel.tx import Tx

_SOURCE: Final = {
    "unit_name": "unit",
    "proposed_unit_name": "proposed_unit",
    "successor_name": "successor",
    "amount": "amount_recovered_fen",
    "owed": "amount_owed_fen",
}
WORDS: Final[Mapping[str, str]] = {
    "TaskObjected": "note",
    "TaskProgressed": "note",
    "OutcomeReported": "summary",
    "AnswerGiven": "text",
    "NoteAdded": "note",
    "CallAttached": "note",
    "DeadlineExtended": "note",
    "CaseReopened": "reason",
}
"""The sealed field of an event that holds somebody's own words."""

PERSON: Final = "taken_over_by"
"""The sealed name of who took a caller over; told before the words."""

TO_CALLER: Final = frozenset({"OutcomeReported", "AnswerGiven"})
"""Events whose words are meant for the caller; the others' are for staff."""


def _kept(name: str, event: type[Event]) -> set[str]:
    told = {_SOURCE.get(field, field) for field in TIMELINE[name]}
    return (told | {WORDS.get(name, ""), PERSON, "resolved"}) & set(event.model_fields)


KEPT: Final[Mapping[type[Event], set[str]]] = {event: _kept(name, event) for name, event in EVENTS.items()}
_INSTANTS: Final = ("accept_by", "due", "was", "taken_over_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the timeline, told. `words`: what somebody wrote, if the reader may see it."""

    type: str
    at: datetime
    source: str
    by: str | None
    text: str
    words: str | None


def write(tx: Tx, event: Event) -> None:
    """Keep the event; it stands in the timeline from the commit on."""
    tx.insert(
        TimelineRow,
        case_id=event.case_id,
        at=event.at,
        type=type(event).__name__,
        source=tx.source,
        by=event.by,
        details=event.model_dump_json(include=KEPT[type(event)], exclude_none=True),
    )


def rows_of(session: Session, case_id: UUID) -> list[TimelineRow]:
    """A case's rows in the order of the events."""
    wanted = select(TimelineRow).where(TimelineRow.case_id == case_id)
    return list(session.exec(wanted.order_by(col(TimelineRow.at), col(TimelineRow.id))))


def tell(
    row: TimelineRow, city: City, language: str, opened: Callable[[TimelineRow, str], str | None]
) -> Entry:
    """The row in the reader's language. `opened(row, field)`: a sealed field's text, or None."""
    fields = (PERSON, WORDS[row.type]) if row.type in WORDS else ()
    words = "：".join(said for field in fields if (said := opened(row, field)))
    return Entry(row.type, row.at, row.source, row.by, sentence_of(row, city, language), words or None)


def sentence_of(row: TimelineRow, city: City, language: str) -> str:
    """What happened, in a sentence; an event from a newer service is told by its name."""
    kind = EVENTS.get(row.type)
    if kind is None:
        return row.type
    details: dict[str, Any] = {key: _read(key, value) for key, value in json.loads(row.details).items()}
    event = kind.model_construct(case_id=row.case_id, at=row.at, by=row.by, **details)
    return sentence(event, city, language)


def sealed(row: TimelineRow, field: str) -> str | None:
    """The row's sealed field, still sealed."""
    found = json.loads(row.details).get(field)
    return found if isinstance(found, str) else None


def without_words(kind: str, details: str) -> str:
    """A row's details after an erasure: what happened stays, what was written goes."""
    kept = json.loads(details)
    for field in (WORDS.get(kind), PERSON):
        kept.pop(field, None)
    return json.dumps(kept)


def _read(key: str, value: object) -> object:
    if key in _INSTANTS and isinstance(value, str):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
