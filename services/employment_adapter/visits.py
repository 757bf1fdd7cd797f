"""The visits of the desk: found and entered for a person, within the units that they see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.domain.refusals import Refusal
from services.domain.visits import SERVICE, Time, times
from services.employment_adapter.cards import Card, Cards, Groups
from services.employment_adapter.entries import Said
from services.employment_adapter.models import Vacancy
from services.employment_adapter.rounds import Row, free, rounds, visit_of
from services.employment_adapter.standing import VISITS
from services.employment_adapter.steps import Office
from services.employment_adapter.vacancies import Match, chosen, suitable
from services.employment_adapter.visiting import Entered, enter
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.standing import TASKS
from services.kernel.tasks.steps import Taken
from services.kernel.tasks.worklist import scope_of


@dataclass(frozen=True)
class Visits:
    """What the visits' pages and API are made of."""

    officers: Officers

    @property
    def cards(self) -> Cards:
        return Cards(self.officers.city, self.officers.keyring, self.officers.desk.procedure)

    async def enter(self, key: str, said: Said, who: Principal, once: str | None) -> Taken:
        """Apply the entry. Problem: not in scope, or impossible now; Refusal: the procedure forbids it."""
        office = Office(self.officers.city, self.officers.keyring, self.officers.desk.procedure)
        entered = Entered(key, scope_of(who), who.by, once)
        taken = await self.officers.store.run(
            lambda tx: enter(tx, office, entered, said), TASKS.want(key), VISITS.want(key)
        )
        if isinstance(taken, Problem | Refusal):
            raise taken
        return taken

    async def groups(self, who: Principal, everybody: bool, language: str) -> Groups:
        """The person's own rounds with what nobody has yet, or everybody's."""
        now, scope, mine = self.officers.store.now(), scope_of(who), None if everybody else who.by
        units = [unit.id for unit in self.officers.city.units if unit.service == SERVICE]
        units = units if scope is None else [unit for unit in units if unit in scope]
        found = await self.officers.store.read(lambda session: rounds(session, units, now, mine))
        return self.cards.groups(found, now, language)

    async def find(self, key: str, who: Principal) -> Row:
        """The visit and its task. Problem: not-found."""
        scope = scope_of(who)
        found = await self.officers.store.read(lambda session: visit_of(session, key, scope))
        if found is None:
            raise Problem.of("not-found")
        return found

    async def card(self, key: str, who: Principal, language: str) -> Card:
        return self.cards.card(await self.find(key, who), self.officers.store.now(), language)

    async def free(self, card: Card, who: Principal) -> Sequence[Time]:
        """The times at which the visit's assistant, or this person where it has none, has no other."""
        city, now = self.officers.city, self.officers.store.now()
        slots = times(city.visits, now, city.calendar)
        whose = card.visit.assistant or who.by
        return await self.officers.store.read(lambda session: free(session, slots, whose))

    async def matches(self, card: Card) -> Sequence[Match]:
        """The vacancies that suit the seeker today."""
        wish, area, today = self.cards.wish(card), card.area, self._today()
        return await self.officers.store.read(lambda session: suitable(session, wish, area, today))

    async def brought(self, card: Card) -> Sequence[Vacancy]:
        """The vacancies chosen to be brought along."""
        ids = card.bring
        return await self.officers.store.read(lambda session: chosen(session, ids)) if ids else []

    def _today(self) -> date:
        return self.officers.store.now().astimezone(self.officers.city.calendar.zone).date()
