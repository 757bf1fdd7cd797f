"""A task on its way to the unit's own system, and what its answers mean.

    POST {endpoint}/tasks        {"task", "case", "kind", "urgency", "unit", "accept_by", "cluster",
                                  "record": {…}}
                                 2xx {"reference": …}: the unit has it
    GET  {endpoint}/tasks/{key}  200: it has it · 404: it never came · anything else: not known

Both are signed (Standard Webhooks). The key is the Idempotency-Key of every try. Where a folder is shared
with the system, the body is a file there (folder.py).
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from urllib.parse import quote

from services.domain.case_events import Urgency
from services.domain.clusters import Cluster
from services.domain.event import TaskSealed
from services.domain.events import CaseRouted, Event, TaskDelivered, TaskUndeliverable
from services.domain.sealing import Keyring, Sealed
from services.kernel.delivery import ledger
from services.kernel.messages import CallFailed, Delivery, Message, Request
from services.kernel.partner.answers import Answer, require_success
from services.kernel.partner.client import PartnerHttp
from services.kernel.partners import Partner, Partners
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.folder import Folder
from services.kernel.tasks.life import State, Turn, after
from services.kernel.tasks.standing import TASKS
from services.kernel.tx import Tx
from services.kernel.webhooks import sign

Translate = Callable[[Mapping[str, object]], Mapping[str, object]]
REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:#-]{0,63}")


class SendTask(Request):
    """Hand the task `key` to the unit's system. `record`: the complete record, sealed."""

    number: str
    kind: str
    unit: str
    urgency: Urgency
    accept_by: datetime | None = None
    record: TaskSealed
    cluster: Cluster | None = None


def send_task(event: CaseRouted, key: str) -> SendTask:
    return SendTask(
        case_id=event.case_id,
        key=key,
        destination=event.unit,
        urgent=event.urgency == "urgent",
        number=event.number,
        kind=event.kind,
        unit=event.unit,
        urgency=event.urgency,
        accept_by=event.accept_by,
        record=event.record,
        cluster=event.cluster,
    )


@dataclass(frozen=True)
class Sender:
    """Speaks to the units' systems; `translate` turns our record into the words that they know."""

    http: PartnerHttp
    partners: Partners
    keyring: Keyring
    around: Surroundings
    translate: Translate

    async def send(self, delivery: Delivery) -> Sequence[Event]:
        """Caller of SendTask. A 2xx that cannot be read is a lost answer: who gave it, and what for?"""
        task, partner = self._reached(delivery)
        body = json.dumps(self._body(task), ensure_ascii=False, separators=(",", ":")).encode()
        if partner.folder is not None:
            await lay_down(Folder(partner.folder), task.key, body)
            return ()  # nothing is said yet: the unit has it when it acknowledges (collecting.py)
        headers = {
            "content-type": "application/json",
            "idempotency-key": f'"{task.key}"',
            "x-task-fence": str(delivery.fence),
        }
        answer = await self._call("POST", "tasks", task, partner, headers, body)
        found = require_success(answer).json()
        if found is None:
            raise CallFailed(answer.flaw, lost=True, status=answer.status)
        return [self._delivered(task, found)]

    async def ask(self, delivery: Delivery) -> str | Sequence[Event]:
        """Asker of SendTask: whether the unit has it."""
        task, partner = self._reached(delivery)
        if partner.folder is not None:  # written again, it replaces itself
            return "delivered" if await asyncio.to_thread(Folder(partner.folder).has, task.key) else "absent"
        answer = await self._call("GET", f"tasks/{quote(task.key, safe='')}", task, partner, {}, b"")
        found = answer.json()
        if found is None or answer.status not in (200, 404):
            return "unknown"
        return "absent" if answer.status == 404 else [self._delivered(task, found)]

    def _reached(self, delivery: Delivery) -> tuple[SendTask, Partner]:
        task = cast(SendTask, delivery.request)
        partner = self.partners.of(task.unit)
        if partner.via == "worklist":
            raise CallFailed("no_endpoint", permanent=True)
        return task, partner

    async def _call(
        self,
        method: str,
        path: str,
        task: SendTask,
        partner: Partner,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        signature = sign(self.keyring.partner_secrets(task.unit), task.key, self.around.now(), body)
        return await self.http.call(
            method,
            f"{partner.endpoint}/{path}",
            allow=partner.allow,
            headers={"accept": "application/json", **headers, **signature},
            body=body,
        )

    def _body(self, task: SendTask) -> dict[str, object]:
        try:
            record = json.loads(self.keyring.open(task.record, task.case_id, "record"))
        except (Sealed, ValueError):
            raise CallFailed("unsealable", permanent=True) from None
        return {
            "task": task.key,
            "case": task.number,
            "kind": task.kind,
            "urgency": task.urgency,
            "unit": task.unit,
            "accept_by": task.accept_by.isoformat() if task.accept_by else None,
            "cluster": task.cluster and task.cluster.model_dump(),
            "record": self.translate(record),
        }

    def _delivered(self, task: SendTask, found: Mapping[str, object]) -> TaskDelivered:
        """The unit's own number travels readably, so one that could be a person's name is left out."""
        said = found.get("reference")
        reference = said if isinstance(said, str) and REFERENCE.fullmatch(said) else None
        return TaskDelivered(
            case_id=task.case_id,
            at=self.around.now(),
            unit=task.unit,
            task=task.key,
            via="http",
            reference=reference,
        )


async def lay_down(folder: Folder, name: str, body: bytes) -> None:
    """Write a file for the unit."""
    try:
        await asyncio.to_thread(folder.put, name, body)
    except OSError:
        raise CallFailed("folder_unreachable") from None


def mark_delivered(event: TaskDelivered, tx: Tx) -> Iterable[Message]:
    """The unit's system took the task; one that has moved on since only learns its number there."""
    if tx.source != tx.service or event.via != "http":
        return ()
    row = TASKS.get(tx, event.task)
    if row is not None:
        row.state = after(State(row.state), Turn.DELIVER) or row.state
        row.reference = event.reference
        row.delivered_at = row.delivered_at or event.at
    return ()


def give_up(delivery: Delivery, reason: str, tx: Tx) -> Iterable[Message]:
    """Automation ended, or takes too long for an urgent task: it is a person's now."""
    task = cast(SendTask, delivery.request)
    row = TASKS.get(tx, task.key)
    if row is None or (state := after(State(row.state), Turn.GIVE_UP)) is None:
        return ()
    status, _ = ledger.last_answer(tx, delivery)
    row.state, row.reason, row.status = state, reason, status
    return (
        TaskUndeliverable(
            case_id=task.case_id, at=tx.now, unit=task.unit, task=task.key, reason=reason, status=status
        ),
    )
