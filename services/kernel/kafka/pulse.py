"""Is a consumer alive? Its fetching can end in silence: then it returns nothing for ever, and says nothing.

Alive means: every partition that is ours was asked for lately. Times are seconds of a monotonic clock.
"""

from collections.abc import Mapping
from typing import Final

JOINING: Final = 120.0  # seconds without any while a group shares its partitions out: others may be slow


class Pulse:
    """Of one member: `stopped` judges the consumer that it has now, `silent` spans those before it."""

    def __init__(self, now: float, silence: float) -> None:
        self._silence = silence
        self._sign = self._alive = now
        self._limit, self._resting = JOINING, False
        self._seen: dict[int, tuple[object, float]] = {}

    def joining(self, now: float) -> None:
        """A consumer starts, or the group shares out its partitions again."""
        self._alive, self._limit, self._resting = now, JOINING, False
        self._seen.clear()

    def moving(self, now: float) -> None:
        """Records come, or partitions were given to us."""
        self._sign = self._alive = now
        self._limit, self._resting = self._silence, False
        self._seen.clear()

    def rest(self) -> None:
        """Nothing is polled, because the caller has enough: no sign of death."""
        self._resting = True

    def beat(self, polled: Mapping[int, object], now: float) -> None:
        """Nothing came. `polled`: the stamp of each partition's last poll; one that stands still ages."""
        self._seen = {
            partition: seen if (seen := self._seen.get(partition)) and seen[0] == stamp else (stamp, now)
            for partition, stamp in polled.items()
        }
        self._sign = self._alive = min((since for _, since in self._seen.values()), default=now)

    def stopped(self, now: float) -> bool:
        return not self._resting and now - self._alive > self._limit

    def silent(self, now: float) -> bool:
        """No sign of life from this consumer or those before it."""
        return not self._resting and now - self._sign > self._silence
