"""Signed call-backs to Yikou, each repeated under one message id until it is taken (2xx)."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from tenacity import (
    AsyncRetrying,
    RetryError,
    retry_if_exception,
    stop_after_delay,
    wait_exponential_jitter,
)

from services.simulators.course import Step, Task
from services.simulators.ledger import Ledger
from services.simulators.line import Line, LineBroke
from services.simulators.wire import signed

FINAL = {409, 410, 422}  # asking again cannot help: the step is not possible any more, or never was


class NotTaken(Exception):
    """Yikou answered, but not with 2xx. `status` in FINAL: it will not take this call-back."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class CallBacks:
    """`yikou` is its base URL, e.g. "http://127.0.0.1:8080"; `secrets` newest first, per unit.

    At most `at_once` call-backs are on the way together; one is given up after `patience` seconds.
    """

    def __init__(
        self,
        yikou: str,
        secrets: Mapping[str, Sequence[str]],
        ledger: Ledger,
        *,
        at_once: int = 8,
        patience: float = 3600,
    ) -> None:
        self._secrets, self._ledger, self._patience = secrets, ledger, patience
        self._lanes = asyncio.Semaphore(at_once)
        self._idle = [Line(yikou) for _ in range(at_once)]

    async def send(self, task: Task, number: int, step: Step) -> bool:
        """Tell Yikou of the task's step `number` (from 0).

        False, and the task goes no further, when Yikou refused it for good or nobody took it in time.
        """
        body = json.dumps(
            {"type": step.type, "task": task.key, "at": datetime.now(UTC).isoformat(), **step.fields},
            ensure_ascii=False,
        )
        message_id = f"msg_{sha256(f'{task.unit}:{task.key}:{number}'.encode()).hexdigest()[:32]}"
        tries = AsyncRetrying(
            retry=retry_if_exception(_may_yet_succeed),
            wait=wait_exponential_jitter(multiplier=0.2, max=5, jitter=0.2),
            stop=stop_after_delay(self._patience),
        )
        try:
            await tries(self._post, task.unit, message_id, body)
        except (RetryError, NotTaken) as error:
            status = error.status if isinstance(error, NotTaken) else None
            facts = {"key": task.key, "type": step.type, "id": message_id, "status": status}
            self._ledger.note(task.unit, "abandoned", **facts)
            return False
        self._ledger.note(task.unit, "callback", key=task.key, type=step.type, id=message_id, step=number)
        return True

    def close(self) -> None:
        for line in self._idle:
            line.close()

    async def _post(self, unit: str, message_id: str, body: str) -> None:
        headers = signed(self._secrets[unit][0], message_id, body)
        async with self._lanes:
            line = self._idle.pop()
            try:
                status = await line.post(f"/api/partners/{unit}/events", headers, body.encode())
            finally:
                self._idle.append(line)
        if not 200 <= status < 300:
            raise NotTaken(status)


def _may_yet_succeed(error: BaseException) -> bool:
    return isinstance(error, LineBroke) or (isinstance(error, NotTaken) and error.status not in FINAL)
