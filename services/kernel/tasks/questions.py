"""What a unit's system says it has: of one task after the other, and as a list where it can give one.

GET {endpoint}/tasks/{key}             200 {"state": …}: it has it · 404: it has not · else: no answer
GET {endpoint}/tasks?open=true&after=  200 {"tasks": [{"key", "state"}, …], "next": null | "…"}; a system
                                       that cannot, answers 404, 405 or 501
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote

from services.domain.sealing import Keyring
from services.kernel.messages import CallFailed
from services.kernel.partner.client import PartnerHttp
from services.kernel.partners import Partners
from services.kernel.surroundings import Surroundings
from services.kernel.tasks.statuses import Statuses, word_for
from services.kernel.tasks.verdicts import NONE, OTHER, WORDS
from services.kernel.webhooks import sign

KEY: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
STATE: Final = re.compile(r"[a-z_]{1,20}")
PAGES: Final = 1_000  # of a list: a system that never comes to an end is not followed for ever
CANNOT: Final = (404, 405, 501)


class Theirs(NamedTuple):
    """A task as the unit's system has it."""

    key: str
    state: str


class NoList(Exception):
    """The system cannot say what it has, or did not answer."""


@dataclass(frozen=True)
class Questions:
    """Asks the units' systems; nothing here changes anything, on either side."""

    http: PartnerHttp
    partners: Partners
    keyring: Keyring
    around: Surroundings
    statuses: Statuses

    async def state(self, unit: str, key: str) -> str | None:
        """The state of the task there, NONE where it is not known; None: no answer."""
        try:
            status, found = await self._get(unit, f"tasks/{quote(key, safe='')}")
        except CallFailed:
            return None
        if found is None or status not in (200, 404):
            return None
        return NONE if status == 404 else self._state(unit, found)

    async def listed(self, unit: str) -> AsyncIterator[list[Theirs]]:
        """Page by page the tasks that are open there. NoList, also in the middle."""
        after = ""
        for _ in range(PAGES):
            where = f"tasks?open=true&after={quote(after, safe='')}" if after else "tasks?open=true"
            try:
                status, found = await self._get(unit, where)
            except CallFailed:
                raise NoList from None
            tasks = found.get("tasks") if found is not None and status == 200 else None
            if found is None or not isinstance(tasks, list):
                raise NoList
            yield [Theirs(str(one["key"]), self._state(unit, one)) for one in tasks if _is_task(one)]
            then = found.get("next")
            if not isinstance(then, str) or not then or then == after:
                return
            after = then

    async def _get(self, unit: str, path: str) -> tuple[int, Mapping[str, object] | None]:
        partner, now = self.partners.of(unit), self.around.now()
        name = f"compare-{self.around.random.getrandbits(64):016x}"
        signature = sign(self.keyring.partner_secrets(unit), name, now, b"")
        answer = await self.http.call(
            "GET", f"{partner.endpoint}/{path}", allow=partner.allow,
            headers={"accept": "application/json", **signature},
        )  # fmt: skip
        return answer.status, answer.json()

    def _state(self, unit: str, found: Mapping[str, object]) -> str:
        """The contract's word, or that for which the unit's own code stands (statuses.toml).

        Another word that could be a state as it is; what could be anything, also a name, is not repeated.
        """
        said = found.get("state")
        code = str(said) if isinstance(said, str | int) and not isinstance(said, bool) else ""
        if code in WORDS:
            return code
        if (known := word_for(code, unit, self.statuses)) is not None:
            return known
        return code if STATE.fullmatch(code) and code != NONE else OTHER


def _is_task(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("key"), str) and bool(KEY.fullmatch(one["key"]))
