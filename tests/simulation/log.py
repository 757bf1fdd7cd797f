"""A log that keeps its promises and nothing more: answers are lost, records come twice, neighbours swap.

Two partitions, shared out among the members that show signs of life; what was saved may be older than what
was done.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence

from services.kernel.eventlog import Entry, LogUnavailable, Record
from tests.simulation.loop import PROCESS

PARTITIONS = 2
SESSION = 6.0  # seconds without a sign of life after which the others take over
PATIENT = 5.0  # seconds that a fetch may wait, whatever was asked


class FakeLog:
    """`alive`: whether a process still is; a dead one's membership ends."""

    apart = 0.02

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.partitions: list[list[Record]] = [[] for _ in range(PARTITIONS)]
        self.saved: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.members: defaultdict[str, dict[str, FakeFollower]] = defaultdict(dict)
        self.generation: defaultdict[str, int] = defaultdict(int)
        self.appended = asyncio.Event()

    async def append(self, records: Sequence[Record]) -> None:
        """Some may be written although it raises."""
        await asyncio.sleep(self.chance.uniform(0.001, 0.05))
        luck = self.chance.random()
        count = self.chance.randrange(len(records) + 1) if luck < 0.04 else len(records)
        for record in records[:count]:
            self.partitions[record.case_id.int % PARTITIONS].append(record)
        self.appended.set()
        self.appended = asyncio.Event()
        await asyncio.sleep(self.chance.uniform(0.001, 0.05))
        if luck < 0.08:
            raise LogUnavailable("the answer was lost")

    async def follow(self, group: str) -> "FakeFollower":
        follower = FakeFollower(self, group)
        self.members[group][PROCESS.get()] = follower
        self.generation[group] += 1
        return follower

    def leave(self, process: str) -> None:
        """A member is gone, or is held to be."""
        for group, members in self.members.items():
            if members.pop(process, None) is not None:
                self.generation[group] += 1

    async def lag(self, group: str) -> int:
        return sum(len(one) for one in self.partitions) - sum(
            self.saved[group, number] for number in range(PARTITIONS)
        )

    async def failing(self) -> str | None:
        return None

    async def close(self) -> None:
        pass


class FakeFollower:
    """A member; what it had in hand when its partitions were taken is still in its hand."""

    def __init__(self, log: FakeLog, group: str) -> None:
        self.epoch = 0
        self._log, self._group, self._process = log, group, PROCESS.get()
        self._generation = -1
        self._places: dict[int, int] = {}

    async def fetch(self, limit: int, wait: float) -> list[Entry]:
        self._join()
        until = self._time() + PATIENT
        while not (entries := self._read(limit)) and self._time() < until:
            try:
                async with asyncio.timeout(until - self._time()):
                    await self._log.appended.wait()
            except TimeoutError:
                break
            await asyncio.sleep(self._log.chance.uniform(0.0, 0.05))
            self._join()
        return entries

    async def done(self, entries: Sequence[Entry]) -> None:
        if self._generation != self._log.generation[self._group] or self._log.chance.random() < 0.3:
            return  # saving is advisory, and lost now and then
        for partition, place in self._places.items():
            key = (self._group, partition)
            self._log.saved[key] = max(self._log.saved[key], place)

    async def close(self) -> None:
        self._log.leave(self._process)

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _join(self) -> None:
        """Take what is ours now; a new share-out begins at what was saved."""
        members = self._log.members[self._group]
        if self._process not in members:  # it was held to be dead
            members[self._process] = self
            self._log.generation[self._group] += 1
        if self._generation == self._log.generation[self._group]:
            return
        self._generation = self._log.generation[self._group]
        self.epoch += 1
        names = sorted(members)
        ours = range(names.index(self._process), PARTITIONS, len(names))
        self._places = {number: self._log.saved[self._group, number] for number in ours}

    def _read(self, limit: int) -> list[Entry]:
        entries: list[Entry] = []
        for partition, place in self._places.items():
            records = self._log.partitions[partition][place : place + limit]
            entries += [Entry(partition, place + n, record) for n, record in enumerate(records)]
            self._places[partition] = place + len(records)
        return _disturbed(entries, self._log.chance.random, self._log.chance.randrange)


def _disturbed(entries: list[Entry], luck: Callable[[], float], draw: Callable[[int], int]) -> list[Entry]:
    """Now and then one comes twice, or two neighbours change places."""
    if entries and luck() < 0.1:
        entries.append(entries[draw(len(entries))])
    if len(entries) > 1 and luck() < 0.1:
        place = draw(len(entries) - 1)
        entries[place], entries[place + 1] = entries[place + 1], entries[place]
    return entries
