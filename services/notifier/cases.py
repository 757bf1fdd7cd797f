"""The cases of a transaction: loaded together, changed in memory, written by one statement before the commit.

A batch holds several events of a case, so the rows are looked at through `case_of` only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import bindparam, event, select, update

from services.domain.events import Event
from services.kernel.columns import table
from services.kernel.store import Tx
from services.notifier.models import NotifierCase


@dataclass(slots=True)
class Case:
    """How the caller of a case is told.

    `contact`: sealed[contact] JSON as intake made it. `reach`: "sms", "call", "web" (by the webhook
    alone), or None: nothing is ever sent. `hook`: the destination of the subscriber's webhook,
    "webhook:<host>"; `hook_url`: sealed under "callback_url"; `hook_client`: whose secret signs.
    `unit`: who has the case. `calling`: a call-back is open. `newest`: key of the text message with the
    latest result. `texts`, `hooks`: how many were asked for, which numbers their keys.
    """

    case_id: UUID
    number: str
    language: str
    urgent: bool
    told_by: str
    received_at: datetime
    contact: str | None = None
    reach: str | None = None
    hook: str | None = None
    hook_url: str | None = None
    hook_client: str | None = None
    unit: str | None = None
    closed: bool = False
    calling: bool = False
    newest: str | None = None
    texts: int = 0
    hooks: int = 0
    erased_at: datetime | None = None


class Unheard(LookupError):
    """News of a case of which the notifier never heard: somebody must look why."""


_CASE: Final = table(NotifierCase)
_NAMES: Final = tuple(one.name for one in fields(Case))
_LOAD: Final = select(*(_CASE.c[name] for name in _NAMES))
_WRITE: Final = (
    update(_CASE)
    .where(_CASE.c.case_id == bindparam("row"))
    .values({name: bindparam(name) for name in _NAMES if name != "case_id"})
)
_KEY: Final = "notifier.cases"


@dataclass(slots=True)
class _Gathered:
    """The cases that a transaction has looked at; None: there is no such case."""

    known: dict[UUID, Case | None] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)


def _gathered(tx: Tx) -> _Gathered:
    return cast(_Gathered, tx.info.setdefault(_KEY, _Gathered()))


def prefetch(events: Sequence[Event], tx: Tx) -> None:
    """Load the cases of a batch with one statement."""
    _load(tx, {one.case_id for one in events})


def add(tx: Tx, case: Case) -> None:
    """A new case."""
    tx.insert(NotifierCase, **{name: getattr(case, name) for name in _NAMES})
    _gathered(tx).known[case.case_id] = case


def case_of(tx: Tx, case_id: UUID) -> Case | None:
    """The case with all that this transaction changed; None when there is no such case."""
    known = _gathered(tx).known
    if case_id not in known:
        _load(tx, {case_id})
    return known[case_id]


def known_case(tx: Tx, case_id: UUID) -> Case:
    """As `case_of`; raises Unheard."""
    case = case_of(tx, case_id)
    if case is None:
        raise Unheard
    return case


def change(tx: Tx, case: Case) -> None:
    """Have what was changed written with this transaction."""
    _gathered(tx).touched.add(case.case_id)


def _load(tx: Tx, cases: Iterable[UUID]) -> None:
    known = _gathered(tx).known
    if missing := [case for case in cases if case not in known]:
        tx.flush_rows()
        for row in tx.connection().execute(_LOAD.where(_CASE.c.case_id.in_(missing))):
            known[row[0]] = Case(*row)
        for case in missing:
            known.setdefault(case)


@event.listens_for(Tx, "before_commit")
def _write_last(tx: Tx) -> None:
    if (gathered := tx.info.pop(_KEY, None)) is None or not gathered.touched:
        return
    rows = [gathered.known[case] for case in gathered.touched]
    tx.connection().execute(
        _WRITE,
        [{"row" if name == "case_id" else name: getattr(row, name) for name in _NAMES} for row in rows],
    )
