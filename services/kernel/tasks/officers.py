"""A step taken by a person of the unit at our own desk, by the page or by the API: the same for both.

A person says why and what came of it: where a call-back may leave a note out, the desk asks for it.
"""

from dataclasses import dataclass

from services.domain.city import City
from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.store import Store
from services.kernel.tasks.actions import Acceptance, Completion, Objection, Said, Text, step_of
from services.kernel.tasks.desk import Desk, Record
from services.kernel.tasks.models import Task
from services.kernel.tasks.reveals import has_identity, masked, may_see
from services.kernel.tasks.standing import TASKS
from services.kernel.tasks.steps import Taken, take
from services.kernel.tasks.worklist import record_of, scope_of, task_of


class ReasonedObjection(Objection):
    """With reasons (信访工作条例 art 23)."""

    note: Text


class ToldCompletion(Completion):
    """With the words that the caller will hear (保障农民工工资支付条例 art 10)."""

    summary: Text


@dataclass(frozen=True)
class Officers:
    """What the desk's pages and API are made of."""

    desk: Desk
    store: Store
    keyring: Keyring
    city: City

    async def take(self, key: str, said: Said, who: Principal, message_id: str | None) -> Taken:
        """Take the step. Problem: not in scope, or impossible now; Refusal: unit or procedure."""
        if isinstance(said, Acceptance) and said.officer is None:
            said = said.model_copy(update={"officer": who.by})
        if isinstance(said, Objection) and said.proposed_unit is not None:
            self._known(said.proposed_unit)
        scope = scope_of(who)
        marked = None if message_id is None else f"desk:{key}:{step_of(said)}:{message_id}"
        taken = await self.store.run(
            lambda tx: take(
                tx, self.keyring, key, scope, said, who.by, message_id=marked, procedure=self.desk.procedure
            ),
            TASKS.want(key),
        )
        if isinstance(taken, Problem | Refusal):
            raise taken
        return taken

    async def find(self, key: str, who: Principal) -> Task:
        """The task, if it is in scope. Problem: not-found."""
        scope = scope_of(who)
        found = await self.store.read(lambda session: task_of(session, key, scope))
        if found is None:
            raise Problem.of("not-found")
        return found

    async def record(self, task: Task, who: Principal) -> Record | None:
        """The record as this person may read it; None where it is erased or its key is not here."""
        found = record_of(task, self.keyring)
        if found is None or not has_identity(found):
            return found
        now = self.store.now()
        seen = await self.store.read(lambda session: may_see(session, task.key, who.by, now))
        return found if seen else masked(found)

    def _known(self, unit: str) -> None:
        if unit not in self.city.roster.by_id:
            zh, en = "没有这个承办单位，请从名单中选择。", "There is no such unit: choose one from the list."
            raise Refusal("unknown-unit", zh, en, "proposed_unit")
