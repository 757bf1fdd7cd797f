"""Cases that come in at an even pace while something breaks, followed until the last is closed."""

import asyncio
import itertools
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.flow import evidence
from tests.flow.cases import body, closed, post
from tests.flow.scaled.town import Town
from tests.kernel.cells import until

NUMBERS = itertools.count(1)  # of cases, over all runs on one town
PATIENCE = 120.0  # seconds until the last case is closed, on a busy machine
RATE = float(os.environ.get("FAULT_RATE", "10"))  # cases a second
REPORT = os.environ.get("FAULT_REPORT")  # a file that gets each run's counts as a line of JSON
Partners = Mapping[str, Mapping[str, int]]


@dataclass
class Load:
    """`accepted`, `closed`: when, by case. `answers`: what the posts were answered, repetitions too."""

    town: Town
    http: httpx.AsyncClient
    before: Partners
    accepted: dict[str, float] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    posting: "asyncio.Task[None] | None" = None

    async def enough(self) -> None:
        """No more cases; back when all that were posted are accepted."""
        self.stop.set()
        if self.posting is not None:
            await self.posting

    async def post(self) -> None:
        async with asyncio.TaskGroup() as posting:
            began = time.monotonic()
            for number in itertools.count():
                if self.stop.is_set():
                    return
                posting.create_task(self._one(next(NUMBERS)))
                await asyncio.sleep(max(0.0, began + (number + 1) / RATE - time.monotonic()))

    async def _one(self, number: int) -> None:
        case = await post(self.http, f"load-{number}", body(number, self.town.districts), self.answers)
        self.accepted[case] = time.monotonic()

    async def watch(self) -> None:
        while True:
            open_ones = [case for case in self.accepted if case not in self.closed]
            now_closed = await closed(self.http, open_ones)
            self.closed |= dict.fromkeys(now_closed, time.monotonic())
            await asyncio.sleep(0.2)

    async def drained(self, since: float) -> float:
        """Wait until every case is closed; the seconds from `since` to that."""
        await until(lambda: len(self.closed) == len(self.accepted), PATIENCE)
        return max(self.closed.values()) - since

    async def flowing(self, since: float) -> float:
        """Wait until a case that was accepted after `since` is closed; the seconds from `since` to that."""

        def ends() -> list[float]:
            return [end for case, end in self.closed.items() if self.accepted[case] > since]

        await until(ends, PATIENCE)
        return min(ends()) - since

    async def longest(self) -> float:
        """Wait until every case is closed; the longest seconds from accepted to closed."""
        await self.drained(0)
        return self.waits()[-1]

    def waits(self, since: float = 0.0, until: float = float("inf")) -> list[float]:
        """Seconds from accepted to closed of the cases that came then, the shortest first."""
        return sorted(self.closed[case] - at for case, at in self.accepted.items() if since <= at < until)

    async def counts(self) -> Counter[str]:
        """What came of it, at the partners and in the databases."""
        rows, partners = self.town.rows, await self.town.counts()

        def more(who: str, what: str) -> int:
            return partners[who].get(what, 0) - self.before[who].get(what, 0)

        applied = await asyncio.to_thread(evidence.told_apart, rows, set(self.accepted))
        log = evidence.out_of_order(await self.town.log())
        return Counter({
            "accepted": len(self.accepted),
            "closed": len(self.closed),
            "delivered": more("units", "task"),
            "told": more("sms", "message"),
            "asked_again": more("units", "request") - more("units", "task"),
            "doubled": applied["doubled"] + more("sms", "repeat") + more("sms", "conflict"),
            "lost": applied["lost"],
            "out_of_order": applied["out_of_order"] + len(log),
            "holes": len(evidence.holes(rows)),
            "parked": evidence.parked(rows),
            "unpublished": evidence.unpublished(rows),
        })  # fmt: skip

    async def check(self, what: str, **seconds: float) -> None:
        """Nothing lost, nothing doubled, every case in its order; the counts are printed."""
        await evidence.settled(self.town.rows, PATIENCE)
        counts = await self.counts()
        said = {"run": what, **counts, **{name: round(value, 1) for name, value in seconds.items()}}
        await asyncio.to_thread(_report, {**said, "answers": self.answers})
        cases = len(self.accepted)
        owed = {"accepted": cases, "closed": cases, "delivered": cases, "told": 2 * cases}
        assert +counts == Counter(owed | {"asked_again": counts["asked_again"]})
        assert evidence.misplaced(self.town.rows) == []


@asynccontextmanager
async def load(town: Town) -> AsyncIterator[Load]:
    """Cases come in until `enough`, or the block ends."""
    async with town.client() as http:
        run = Load(town, http, await town.counts())
        run.posting, watching = asyncio.create_task(run.post()), asyncio.create_task(run.watch())
        try:
            yield run
        finally:
            run.stop.set()
            watching.cancel()
            await asyncio.wait({run.posting, watching})


def _report(said: Mapping[str, object]) -> None:
    print(f"\n{json.dumps(said)}")
    if REPORT:
        with Path(REPORT).open("a") as report:
            report.write(json.dumps(said) + "\n")
