"""What the visits' pages and API show of a visit, in the reader's language; names stay masked in lists."""

import json
from dataclasses import dataclass
from datetime import datetime

from services.domain.city import City
from services.domain.sealing import Keyring, Sealed
from services.employment_adapter.entries import RESULTS, STAGES
from services.employment_adapter.models import Visit
from services.employment_adapter.rounds import Rounds, Row
from services.employment_adapter.translate import seeker
from services.employment_adapter.vacancies import Area
from services.employment_adapter.wishes import Wish, read_wish
from services.kernel.tasks.desk import said
from services.kernel.tasks.models import Task
from services.kernel.tasks.procedure import Procedure
from services.kernel.tasks.worklist import record_of

Option = tuple[str, str]


@dataclass(frozen=True)
class Card:
    """A visit in a list. `late`: its time is over and nothing was entered. `street`, `stage`: names; "" none.

    `safety`: what whoever goes there must know. `outcome`: of one that is followed up.
    """

    visit: Visit
    task: Task
    who: str
    street: str
    stage: str
    next: list[Option]
    safety: str | None
    outcome: str
    late: bool

    @property
    def area(self) -> Area:
        street = self.visit.street
        return Area(street[:6] if street else self.task.district, street)

    @property
    def bring(self) -> list[str]:
        """Ids of the vacancies to bring along."""
        return [str(one) for one in json.loads(self.visit.bring)]


@dataclass(frozen=True)
class Groups:
    """An assistant's rounds as they are read from the top."""

    late: list[Card]
    today: list[Card]
    follow_up: list[Card]
    unplanned: list[Card]
    later: list[Card]


@dataclass(frozen=True)
class Cards:
    """Puts names to codes."""

    city: City
    keyring: Keyring
    procedure: Procedure

    def card(self, row: Row, now: datetime, language: str) -> Card:
        visit, task = row
        names = self.city.texts.name
        return Card(
            visit=visit,
            task=task,
            who=seeker(record_of(task, self.keyring) or {}),
            street=self.city.gazetteer.home.streets.get(visit.street or "", ""),
            stage=names("step", task.stage, language) if task.stage else "",
            next=self.results(task, language),
            safety=self._opened(visit, "safety", visit.safety),
            outcome=names("outcome", task.outcome, language) if task.outcome else "",
            late=visit.closed_at is None and visit.ends_at is not None and visit.ends_at < now,
        )

    def results(self, task: Task, language: str) -> list[Option]:
        """What an attempt may have come to at the present stage."""
        possible = self.procedure.possible(task.stage)
        return [
            (result, name.in_language(language))
            for result, name in RESULTS.items()
            if any(stage in possible for stage in STAGES[result])
        ]

    def groups(self, found: Rounds, now: datetime, language: str) -> Groups:
        tomorrow = self.city.calendar.midnight_after(now)
        cards = [self.card(row, now, language) for row in found.planned]
        planned = [(one, one.visit.starts_at) for one in cards if one.visit.starts_at is not None]
        return Groups(
            late=[one for one, _ in planned if one.late],
            today=[one for one, begins in planned if not one.late and begins < tomorrow],
            follow_up=[self.card(row, now, language) for row in found.due],
            unplanned=[self.card(row, now, language) for row in found.waiting],
            later=[one for one, begins in planned if begins >= tomorrow],
        )

    def wish(self, card: Card) -> Wish:
        """As the assistant put it right; until then as the record says it."""
        written = self._opened(card.visit, "wish", card.visit.wish)
        if written is not None:
            return Wish.model_validate_json(written)
        return read_wish(said(record_of(card.task, self.keyring) or {}, "text"))

    def _opened(self, visit: Visit, field: str, sealed: str | None) -> str | None:
        if sealed is None:
            return None
        try:
            return self.keyring.open(sealed, visit.case_id, field)
        except Sealed:
            return None
