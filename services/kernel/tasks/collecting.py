"""Reports that units leave in their folders: read, applied in one transaction each, and removed.

    {"type": "task.received", "task": …, "at": …, "reference": …}    the acknowledgement: the unit has it
    task.accepted, task.objected, task.progressed, task.completed     as in callbacks.py

The same report twice is applied once. A task that nobody acknowledges in time is a person's.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final, Literal

from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from sqlalchemy import bindparam, select

from services.domain.events import TaskUndeliverable
from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.kernel.among import among
from services.kernel.columns import UtcDateTime, table
from services.kernel.failures import from_refusal, from_validation
from services.kernel.logs import logger
from services.kernel.problem import Problem
from services.kernel.sql import Sql
from services.kernel.store import Looking, Store
from services.kernel.tasks.actions import Said
from services.kernel.tasks.callbacks import Call, TaskKey, read_call, said_by
from services.kernel.tasks.folder import Folder, TooLarge
from services.kernel.tasks.life import WAITING, WORKING, State, Turn, after
from services.kernel.tasks.models import Task
from services.kernel.tasks.sending import REFERENCE
from services.kernel.tasks.standing import MESSAGES, TASKS
from services.kernel.tasks.statuses import Received, Statuses
from services.kernel.tasks.steps import Taken, message_key, receive, take
from services.kernel.tx import Tx

log = logger("kernel.tasks")
PATIENCE: Final[Mapping[str, timedelta]] = {"urgent": timedelta(minutes=30), "normal": timedelta(hours=4)}
"""How long a task of this urgency may lie in a folder without an acknowledgement."""
_TASK: Final = table(Task)
_LYING: Final = Sql(
    select(_TASK.c.key)
    .where(_TASK.c.unit == bindparam("of_unit"), _TASK.c.finished_at.is_(None), _TASK.c.via == "file")
    .where(_TASK.c.state == State.OPEN, _TASK.c.urgency == bindparam("of_urgency"))
    .where(_TASK.c.routed_at < bindparam("before", type_=UtcDateTime))
    .limit(200)
)
_STATES: Final = Sql(select(_TASK.c.key, _TASK.c.state).where(among(_TASK.c.key, "keys")))


class TaskReceived(BaseModel):
    """The acknowledgement. `reference`: the unit's own number of the task."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: Literal["task.received"]
    task: TaskKey
    at: AwareDatetime
    reference: str | None = None

    @property
    def known_as(self) -> str | None:
        """The unit's number, where it is one and no name."""
        return self.reference if self.reference and REFERENCE.fullmatch(self.reference) else None


@dataclass(frozen=True)
class Collector:
    """`folders` by unit: those of one service."""

    store: Store
    keyring: Keyring
    folders: Mapping[str, Folder]
    statuses: Statuses

    async def collect(self) -> None:
        """One round: every report that waits, tasks that may go, tasks that lie there for too long."""
        for unit, folder in self.folders.items():
            try:
                for name in await asyncio.to_thread(folder.reports):
                    await self._report(unit, folder, name)
                await self._sweep(folder, (State.OPEN, State.BY_HAND))
                await self._sweep(replace(folder, ours="news"), (*WAITING, *WORKING))
            except OSError as error:
                log.warning("folder.unreachable", unit=unit, error=error)
            await self.store.run(partial(_give_up, unit=unit))

    async def _report(self, unit: str, folder: Folder, name: str) -> None:
        try:
            body = await asyncio.to_thread(folder.read, name)
            said = read_report(body)
            step = Received() if isinstance(said, TaskReceived) else said_by(said, unit, self.statuses)
        except FileNotFoundError:
            return  # another process was first
        except (TooLarge, OSError):
            refused: Taken | Problem = Problem.of("body-too-large")
        except RequestValidationError as error:
            refused = from_validation(error)
        except Problem as problem:
            refused = problem
        else:
            refused = await self._applied(unit, said, step, body)
        if isinstance(refused, Problem):
            log.warning("report.refused", unit=unit, status=refused.status)
            reason = {"type": f"/problems/{refused.slug}", "status": refused.status}
            errors = [one._asdict() for one in refused.errors]
            reason |= {"detail": refused.zh, "detail_en": refused.en, "errors": errors}
            await asyncio.to_thread(folder.refuse, name, reason)
        else:
            await asyncio.to_thread(folder.applied, name)

    async def _applied(
        self, unit: str, said: "TaskReceived | Call", step: Said, body: bytes
    ) -> Taken | Problem:
        task = said.task
        message = f"file-{hashlib.sha256(body).hexdigest()[:32]}"

        def work(tx: Tx) -> Taken | Problem:
            if isinstance(step, Received):
                return receive(tx, task, unit, said.known_as if isinstance(said, TaskReceived) else None)
            taken = take(tx, self.keyring, task, (unit,), step, unit, message_id=message)
            return from_refusal(taken) if isinstance(taken, Refusal) else taken

        return await self.store.run(work, TASKS.want(task), MESSAGES.want(message_key(unit, message)))

    async def _sweep(self, folder: Folder, wanted: Collection[State]) -> None:
        """Take back what belongs to a task that is not, or no longer, in one of these states."""
        lying = await asyncio.to_thread(folder.lying)
        tasks = {key.partition(".")[0] for key in lying}
        if not tasks:
            return

        def look(session: Looking) -> set[str]:
            return {row.key for row in session.all(_STATES, keys=tasks) if row.state in wanted}

        kept = await self.store.read(look)
        for key in lying:
            if key.partition(".")[0] not in kept:
                await asyncio.to_thread(folder.remove, key)


def read_report(body: bytes) -> "TaskReceived | Call":
    """An acknowledgement, or a call-back's words. Raises RequestValidationError and Problem as read_call."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("type") != "task.received":
        return read_call(body)
    try:
        return TaskReceived.model_validate(found)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


def _give_up(tx: Tx, *, unit: str) -> None:
    for urgency, patience in PATIENCE.items():
        for found in tx.all(_LYING, of_unit=unit, of_urgency=urgency, before=tx.now - patience):
            row = TASKS.get(tx, found.key)
            if row is None or (state := after(State(row.state), Turn.GIVE_UP)) is None:
                continue
            row.state, row.reason = state, "no_acknowledgement"
            tx.put(
                TaskUndeliverable(
                    case_id=row.case_id, at=tx.now, unit=unit, task=row.key, reason="no_acknowledgement"
                )
            )
