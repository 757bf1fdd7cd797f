"""Clocks as people read them: the table of a case, and the lists of what is overdue or draws near."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import text, tuple_
from sqlmodel import Session, col, func, select

from services.domain.city import City
from services.domain.clocks import RunningClock, State
from services.domain.names import Name
from services.domain.periods import Clock
from services.router.clocks import RouterClock, Row
from services.router.models import RouterCase, refusal

STATES: Final = {
    State.RUNNING: Name("计时中", "running"),
    State.PAUSED: Name("暂停", "paused"),
    State.MISSED: Name("逾期", "overdue"),
    State.MET: Name("完成", "met"),
    State.LAPSED: Name("不再适用", "lapsed"),
}
LEVELS: Final = {State.RUNNING: "", State.PAUSED: "warn", State.MISSED: "bad", State.MET: "good",
                 State.LAPSED: ""}  # fmt: skip
UNITS: Final = {
    "minutes": Name("分钟", "minutes"),
    "work_minutes": Name("服务分钟", "minutes of service"),
    "working_days": Name("个工作日", "working days"),
    "calendar_days": Name("日", "calendar days"),
}
# The conditions of the partial indexes, of a table that stands beside others.
LISTS: Final = {
    "overdue": "router_clock.state = 'missed'",
    "approaching": "router_clock.state = 'running' AND router_clock.said > 0",
}


class Listed(NamedTuple):
    """A clock with its case."""

    clock: RouterClock
    number: str
    kind: str
    unit: str | None


class After(NamedTuple):
    """The last row of a page of a list."""

    due: datetime
    id: UUID

    def cursor(self) -> str:
        written = f"{self.due.isoformat()} {self.id}"
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, cursor: str) -> "After":
        """Raises Refusal for what is no cursor of ours."""
        try:
            written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            due, key = written.split(" ")
            after = cls(datetime.fromisoformat(due), UUID(key))
            if after.due.tzinfo is None:
                raise ValueError
        except (ValueError, OverflowError):
            raise refusal("bad-cursor", "cursor") from None
        return after


def of_case(session: Session, case_id: UUID) -> Sequence[RouterClock]:
    """Every clock that the case has or had, in the order in which they began."""
    wanted = select(RouterClock).where(RouterClock.case_id == case_id)
    order = (col(RouterClock.started_at), col(RouterClock.due), col(RouterClock.id))
    return session.exec(wanted.order_by(*order)).all()


def listed(
    session: Session, which: str, limit: int, cursor: str | None = None, unit: str | None = None
) -> tuple[Sequence[Listed], str | None]:
    """A page of the clocks that are overdue, or that draw near; the earliest end first."""
    wanted = (
        select(RouterClock, RouterCase.number, RouterCase.kind, RouterCase.unit)
        .join(RouterCase, col(RouterCase.case_id) == col(RouterClock.case_id))
        .where(text(LISTS[which]))
        .order_by(col(RouterClock.due), col(RouterClock.id))
        .limit(limit + 1)
    )
    if unit:
        wanted = wanted.where(RouterClock.unit == unit)
    if cursor:
        after = After.read(cursor)
        wanted = wanted.where(tuple_(col(RouterClock.due), col(RouterClock.id)) > (after.due, after.id))
    rows = [Listed(*row) for row in session.exec(wanted).all()]
    last = rows[limit - 1].clock if len(rows) > limit else None
    return rows[:limit], After(last.due, last.id).cursor() if last else None


def counts(session: Session) -> dict[str, int]:
    """How many clocks are on each list."""
    found = {}
    for which, condition in LISTS.items():
        found[which] = session.exec(
            select(func.count()).select_from(RouterClock).where(text(condition))
        ).one()
    return found


@dataclass(frozen=True)
class Words:
    """Puts clocks into words for one city."""

    city: City

    def value(self, row: RouterClock) -> RunningClock | None:
        """The clock; None where the city no longer has its period."""
        definition = self.definition(row.clock)
        if definition is None:
            return None
        return Row(**row.model_dump()).value(definition)

    def definition(self, clock: str) -> Clock | None:
        return next((one for one in self.city.clocks if one.id == clock), None)

    def period(self, row: RouterClock, language: str) -> str:
        """ "5 个工作日" or, extended, "60 + 30 个工作日"."""
        clock = self.value(row)
        unit = UNITS[clock.definition.unit].in_language(language) if clock else ""
        more = f" + {clock.extended}" if clock and clock.extended else ""
        return f"{row.amount}{more} {unit}".strip()

    def state(self, row: RouterClock, language: str) -> str:
        clock = self.value(row)
        if clock is not None and clock.late:
            return self.city.texts.name("flag", "late", language)
        return STATES[State(row.state)].in_language(language)

    def level(self, row: RouterClock) -> str:
        clock = self.value(row)
        return "warn" if clock is not None and clock.late else LEVELS[State(row.state)]
