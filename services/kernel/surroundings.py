"""The outside world that code may not reach for itself: the clock and randomness.

Everything that needs an instant, an id or a random draw is handed these, so that a test (or the
simulation) can replay a run exactly.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True)
class Surroundings:
    """`now` gives an aware UTC instant; `random` is SystemRandom in production, Random(seed) in tests.

    `steered`: a test turns the clock, and a database that has one of its own follows it.
    """

    now: Callable[[], datetime]
    random: random.Random
    steered: bool = False

    def new_id(self) -> UUID:
        """A UUIDv7 (RFC 9562): sorted by time, so that inserts stay at the end of an index."""
        milliseconds = int(self.now().timestamp() * 1000)
        value = (milliseconds << 80) | self.random.getrandbits(80)
        value = (value & ~(0xF << 76)) | (0x7 << 76)
        value = (value & ~(0x3 << 62)) | (0x2 << 62)
        return UUID(int=value)


class PooledRandom(random.SystemRandom):
    """The system's randomness, fetched by the page: ids and nonces ask for a few bytes, often.

    Not for a process that forks: both would draw the same.
    """

    PAGE = 4096

    def __init__(self) -> None:
        super().__init__()
        self._pool, self._used = b"", 0

    def randbytes(self, n: int) -> bytes:
        """`n` bytes that nobody else gets."""
        if n > self.PAGE:
            return super().randbytes(n)
        if self._used + n > len(self._pool):
            self._pool, self._used = super().randbytes(self.PAGE), 0
        taken = self._pool[self._used : self._used + n]
        self._used += n
        return taken

    def random(self) -> float:
        return self.getrandbits(53) * 2.0**-53

    def getrandbits(self, k: int) -> int:
        size = (k + 7) // 8
        return int.from_bytes(self.randbytes(size)) >> (size * 8 - k)


def real() -> Surroundings:
    return Surroundings(now=lambda: datetime.now(UTC), random=PooledRandom())
