"""What the supervisor's page shows: the queue, one case with its record and history, units to choose from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.domain.city import City
from services.domain.names import Name
from services.domain.sealing import Keyring, Sealed
from services.domain.units import Unit
from services.kernel.store import Looking
from services.router import explanation, queue, rules
from services.router.models import RouterCase, RouterDecision, State
from services.router.rules import Desk

SHOWN: Final = 50
SERVICES: Final[Mapping[str, Name]] = {
    "inspection": Name("劳动保障监察", "Labour inspection"),
    "employment": Name("公共就业服务", "Employment services"),
    "helpdesk": Name("社会求助", "Social help"),
}
_PROPOSED: Final = Name("建议", "Suggested")


class Waiting(NamedTuple):
    """A line of the queue."""

    case_id: UUID
    number: str
    kind: str
    urgent: bool
    why: str
    held_at: datetime
    bounces: int


class Sent(NamedTuple):
    """A line of what was decided by hand."""

    case_id: UUID
    number: str
    kind: str
    unit: str
    by: str
    at: datetime


class Choice(NamedTuple):
    """A unit in the form. `had`: it had this case already."""

    id: str
    name: str
    had: bool


@dataclass(frozen=True)
class Open:
    """The case in hand. `record`: None if it cannot be opened; `history`: when, who, what."""

    line: Waiting
    facts: Sequence[tuple[str, str]]
    record: Mapping[str, object] | None
    history: Sequence[tuple[datetime, str, str]]
    choices: Sequence[tuple[str, Sequence[Choice]]]


@dataclass(frozen=True)
class Board:
    """The whole page. `count`: of all that wait; `next`: cursor of the next page."""

    count: int
    waiting: Sequence[Waiting]
    next: str | None
    open: Open | None
    decided: Sequence[Sent]


@dataclass(frozen=True)
class Clerk:
    """Puts rows into words, for one city and whoever may open its records."""

    desk: Desk
    keyring: Keyring

    @property
    def city(self) -> City:
        return self.desk.city

    def board(
        self, session: Looking, language: str, since: datetime, cursor: str | None, case_id: UUID | None
    ) -> Board:
        """The queue from `cursor` on, the case `case_id` (else the first) opened, decisions `since`."""
        page = queue.held(session, SHOWN, cursor)
        chosen = next((row for row in page.rows if row.case_id == case_id), None)
        if chosen is None and case_id is not None:
            found = session.get(RouterCase, case_id)
            chosen = found if found is not None and found.state == State.HELD else None
        chosen = chosen or next(iter(page.rows), None)
        decided = queue.decided_by_hand(session, since)
        return Board(
            count=queue.count_held(session),
            waiting=[self._line(row, language) for row in page.rows],
            next=page.next,
            open=self._open(session, chosen, language) if chosen else None,
            decided=[self._sent(decision, row, language) for decision, row in decided],
        )

    def _line(self, row: RouterCase, language: str) -> Waiting:
        names = self.city.texts.name
        return Waiting(
            row.case_id, row.number, names("kind", row.kind, language), row.urgent,
            names("hold", row.hold_reason or "", language), row.held_at or row.updated_at, row.bounces,
        )  # fmt: skip

    def _sent(self, decision: RouterDecision, row: RouterCase, language: str) -> Sent:
        unit = self.city.unit_name(decision.unit or "", language)
        kind = self.city.texts.name("kind", row.kind, language)
        return Sent(row.case_id, row.number, kind, unit, decision.by or "", decision.at)

    def _open(self, session: Looking, row: RouterCase, language: str) -> Open:
        history = [
            (one.at, one.by or "", self._told(session, one, language))
            for one in queue.decisions_of(session, row.case_id)
        ]
        return Open(
            line=self._line(row, language),
            facts=explanation.facts_told(rules.used(row.hold_facts), self.city, language),
            record=self._record(row),
            history=history,
            choices=self._choices(row, language),
        )

    def _told(self, session: Looking, decision: RouterDecision, language: str) -> str:
        city = self.desk.book.city_at(session, decision.version)
        return explanation.sentence(decision, city, language)

    def _record(self, row: RouterCase) -> Mapping[str, object] | None:
        try:
            record = json.loads(self.keyring.open(row.record, row.case_id, "record"))
        except (Sealed, ValueError):
            return None
        return record if isinstance(record, dict) else None

    def _choices(self, row: RouterCase, language: str) -> list[tuple[str, Sequence[Choice]]]:
        """Open units by service; before them the proposed one, and who stands above the last one (art 13)."""
        roster, tried = self.desk.rules.roster, row.tried.split()
        last = roster.by_id.get(tried[-1]) if tried else None
        near = [row.proposed_unit, last.superior if last else None]
        first = [roster.by_id[unit] for unit in near if unit and unit in roster.by_id]
        groups = [(_PROPOSED, first)]
        groups += [
            (name, [unit for unit in roster.by_id.values() if unit.service == service])
            for service, name in SERVICES.items()
        ]
        return [
            (name.in_language(language), [_choice(unit, tried, language) for unit in units if unit.is_open])
            for name, units in groups
            if units
        ]


def _choice(unit: Unit, tried: Sequence[str], language: str) -> Choice:
    return Choice(unit.id, unit.title(language), unit.id in tried)
