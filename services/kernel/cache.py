"""A small memory of answers that may be a few seconds old."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """At most `size` values by key, each for `keep`; the ones looked up longest ago go first."""

    def __init__(self, keep: timedelta, size: int) -> None:
        self._keep, self._size = keep, size
        self._values: OrderedDict[str, tuple[datetime, V]] = OrderedDict()

    def get(self, key: str, now: datetime) -> V | None:
        found = self._values.get(key)
        if found is None:
            return None
        if now >= found[0]:
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return found[1]

    def put(self, key: str, value: V, now: datetime) -> None:
        self._values[key] = (now + self._keep, value)
        self._values.move_to_end(key)
        if len(self._values) > self._size:
            self._values.popitem(last=False)

    def drop(self, key: str) -> None:
        self._values.pop(key, None)

    def clear(self) -> None:
        self._values.clear()
