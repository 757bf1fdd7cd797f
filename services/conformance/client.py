"""Speaks to the unit's system as our adapters do: same client, same limits, same signatures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from services.conformance.tasks import Task
from services.conformance.verdict import FLAWS, NO_ANSWER, NOTHING, Fails, named
from services.domain.names import Name
from services.kernel.messages import CallFailed
from services.kernel.partner.answers import Answer
from services.kernel.partner.client import PartnerHttp
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.sending import REFERENCE
from services.kernel.webhooks import sign

NOW: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Said:
    """`status`: None without an answer; `fields`: its JSON object; `why`: what is wrong, if something is."""

    status: int | None
    fields: Mapping[str, object] | None = None
    why: Name = NOTHING

    def reference(self) -> str:
        """The unit's own number of the task that it took. Fails when it did not take it, or does not say."""
        if self.status is None:
            raise Fails(*self.why)
        if not 200 <= self.status < 300:
            raise Fails(f"回答 {self.status}，应为 2xx", f"answered {self.status} instead of 2xx")
        if self.fields is None:
            raise Fails(*self.why)
        found = self.fields.get("reference")
        if not isinstance(found, str) or not REFERENCE.fullmatch(found):
            raise Fails(
                "回答里没有可用的 reference（字母、数字和 ._/:#-，至多 64 位）",
                "no usable reference in the answer (letters, digits and ._/:#-, 64 at most)",
            )
        return found

    def refused(self, what: Name, *statuses: int) -> None:
        """Fails unless the status is one of these: `what` had to be refused."""
        if self.status is None:
            raise Fails(*self.why)
        if self.status not in statuses:
            wanted = "、".join(map(str, statuses))
            raise Fails(
                f"{what.zh}，回答 {self.status}，应为 {wanted}",
                f"{what.en}: answered {self.status} instead of {wanted.replace('、', ' or ')}",
            )


@dataclass(frozen=True)
class UnitClient:
    """`secrets`: newest first. `allow`: networks besides the internet."""

    http: PartnerHttp
    endpoint: str
    secrets: Sequence[str]
    allow: Sequence[str]
    around: Surroundings

    async def post(
        self,
        task: Task,
        *,
        secrets: Sequence[str] | None = None,
        late: timedelta = NOW,
        body: bytes | None = None,
        http: PartnerHttp | None = None,
    ) -> Said:
        """Hand the task over. secrets: () leaves it unsigned; late: its time lies so far back; body: what is
        sent after the task's own was signed; http: another client than ours.
        """
        keys = self.secrets if secrets is None else secrets
        signed = sign(keys, task.key, self.around.now() - late, task.body) if keys else {}
        headers = {
            "content-type": "application/json",
            "idempotency-key": f'"{task.key}"',
            "x-task-fence": "1",
            **signed,
        }
        return await self._call("POST", "tasks", headers, task.body if body is None else body, http)

    async def tell(self, key: str, news: str, fields: Mapping[str, object]) -> Said:
        """Further news of a task that the unit has, under a key of its own."""
        return await self.post_raw(news, json.dumps(fields).encode(), f"tasks/{quote(key, safe='')}/news")

    async def post_raw(self, key: str, body: bytes, path: str = "tasks") -> Said:
        """Send any body, rightly signed."""
        signed = sign(self.secrets, key, self.around.now(), body)
        headers = {"content-type": "application/json", "idempotency-key": f'"{key}"', **signed}
        return await self._call("POST", path, headers, body, None)

    async def ask(self, key: str) -> Said:
        """Whether the unit has the task, and where it stands."""
        signed = sign(self.secrets, key, self.around.now(), b"")
        return await self._call("GET", f"tasks/{quote(key, safe='')}", signed, b"", None)

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, http: PartnerHttp | None
    ) -> Said:
        try:
            answer = await (http or self.http).call(
                method, f"{self.endpoint}/{path}", allow=self.allow,
                headers={"accept": "application/json", **headers}, body=body,
            )  # fmt: skip
        except CallFailed as failed:
            return Said(None, None, named(NO_ANSWER, failed.reason))
        return _said(answer)


def _said(answer: Answer) -> Said:
    fields = answer.json()
    return Said(answer.status, fields, NOTHING if fields is not None else named(FLAWS, answer.flaw))
