"""The call-backs as people see them: opened, in the reader's language, the most pressing first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, func, select

from services.domain.sealing import Sealed
from services.domain.timeline import yuan
from services.notifier.callbacks import NUMBER, tries_of
from services.notifier.models import OPEN, CallBack, NotifierCase
from services.notifier.rules import Contact, national
from services.notifier.translate import Telling

SHOWN: Final = 100
Row = tuple[CallBack, NotifierCase]


@dataclass(frozen=True)
class Line:
    """A call to make. `what`: the result in a few words; `words`: what was written about it, if it opens.

    `by_number`: the telephone takes no text messages; else one was given up. `attempt`: of the next try.
    """

    id: UUID
    case_id: UUID
    number: str
    name: str | None
    phone: str | None
    about: str
    what: str
    words: str | None
    by_number: bool
    urgent: bool
    state: str
    attempts: int
    tries: Sequence[tuple[datetime, str]]
    created_at: datetime
    next_at: datetime
    is_due: bool

    @property
    def dialled(self) -> str | None:
        return national(self.phone) if self.phone else None

    @property
    def attempt(self) -> int:
        return self.attempts + 1


def pressing(session: Session, now: datetime, limit: int = SHOWN) -> list[Row]:
    """Who is to be phoned: what is due before what is not, urgent cases first, then by time."""
    wanted = (
        select(CallBack, NotifierCase)
        .where(CallBack.case_id == NotifierCase.case_id, CallBack.state == OPEN)
        .order_by(
            col(CallBack.next_at) > now, col(CallBack.urgent).desc(), col(CallBack.next_at), col(CallBack.id)
        )
        .limit(limit)
    )
    return list(session.exec(wanted))


def count_due(session: Session, now: datetime) -> int:
    """How many calls are to be made now."""
    due = select(func.count()).select_from(CallBack).where(CallBack.state == OPEN, CallBack.next_at <= now)
    return session.exec(due).one()


def page_of(session: Session, state: str, after: UUID | None, limit: int) -> list[Row]:
    """Call-backs in one state, oldest first, from `after` on."""
    wanted = select(CallBack, NotifierCase).where(
        CallBack.case_id == NotifierCase.case_id, CallBack.state == state
    )
    if after is not None:
        wanted = wanted.where(CallBack.id > after)
    return list(session.exec(wanted.order_by(col(CallBack.id)).limit(limit)))


def one_of(session: Session, callback_id: UUID) -> Row | None:
    wanted = select(CallBack, NotifierCase).where(
        CallBack.case_id == NotifierCase.case_id, CallBack.id == callback_id
    )
    return session.exec(wanted).one_or_none()


def line_of(row: Row, telling: Telling, now: datetime, language: str) -> Line:
    """The row with its seals opened. What does not open any more is left out."""
    callback, case = row
    contact = _contact(case, telling)
    return Line(
        id=callback.id,
        case_id=case.case_id,
        number=case.number,
        name=contact.name,
        phone=contact.phone,
        about=callback.about,
        what=_what(callback, telling, language),
        words=_words(callback, telling),
        by_number=callback.why == NUMBER,
        urgent=callback.urgent,
        state=callback.state,
        attempts=callback.attempts,
        tries=tries_of(callback),
        created_at=callback.created_at,
        next_at=callback.next_at,
        is_due=callback.state == OPEN and callback.next_at <= now,
    )


def _what(callback: CallBack, telling: Telling, language: str) -> str:
    """ "Some Brigade: paid in full, CNY 8,400"."""
    texts = telling.city.texts
    english = language.lower().startswith("en")
    if callback.outcome is None:
        return texts.name("about", callback.about, language)
    what = texts.name("outcome", callback.outcome, language)
    if callback.amount_fen:
        what += (", " if english else "，") + yuan(callback.amount_fen, language)
    if callback.unit is None:
        return what
    return telling.city.unit_name(callback.unit, language) + (": " if english else "：") + what


def _contact(case: NotifierCase, telling: Telling) -> Contact:
    try:
        return telling.contact(case.case_id, case.contact) if case.contact else Contact()
    except Sealed:
        return Contact()


def _words(callback: CallBack, telling: Telling) -> str | None:
    if callback.words is None or callback.field is None:
        return None
    try:
        return telling.keyring.open(callback.words, callback.case_id, callback.field)
    except Sealed:
        return None
