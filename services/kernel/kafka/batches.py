"""What a member has in hand: fetched, handed out, finished; forgotten at every new share-out."""

from collections import deque
from collections.abc import Iterable, Sequence

from services.kernel.eventlog import Entry


class Batches:
    """`finished` maps a partition to the offset at which a restart would begin."""

    def __init__(self) -> None:
        self.epoch = 0
        self.ready: deque[Entry] = deque()
        self.finished: dict[int, int] = {}
        self._handed: deque[Entry] = deque()

    def arrive(self, entries: Iterable[Entry]) -> None:
        self.ready.extend(entries)

    def hand_out(self, limit: int) -> list[Entry]:
        entries = [self.ready.popleft() for _ in range(min(limit, len(self.ready)))]
        self._handed.extend(entries)
        return entries

    def finish(self, entries: Sequence[Entry]) -> None:
        """Everything handed out up to the last of these, or all with none. An earlier epoch's are void."""
        count = len(self._handed)
        if entries:
            last = (entries[-1].partition, entries[-1].offset)
            places = [(entry.partition, entry.offset) for entry in self._handed]
            count = places.index(last) + 1 if last in places else 0
        for _ in range(count):
            entry = self._handed.popleft()
            self.finished[entry.partition] = entry.offset + 1

    def start_over(self) -> None:
        """Whatever is not finished comes again, here or at another member."""
        self.epoch += 1
        self.ready.clear()
        self._handed.clear()
        self.finished.clear()
