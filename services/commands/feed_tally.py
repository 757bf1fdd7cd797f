"""What a feed has seen so far, and the figures it ends with."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.commands.feed_lines import Case
from services.commands.feed_requests import Answer, Progress

ENDED = frozenset({"told", "closed"})


@dataclass(slots=True)
class Followed:
    """An accepted case; times as the server states them."""

    case_id: str
    district: str
    progress: Progress | None = None
    was_held: bool = False

    @property
    def held(self) -> bool:
        return self.progress is not None and self.progress.status == "held"

    @property
    def delivered(self) -> bool:
        return self.progress is not None and self.progress.delivered_at is not None

    @property
    def told(self) -> bool:
        return self.progress is not None and self.progress.informed_at is not None

    @property
    def ended(self) -> bool:
        return self.told or (self.progress is not None and self.progress.status in ENDED)


@dataclass(frozen=True)
class Latency:
    """Milliseconds at the median and at the 99th percentile (nearest rank); None without a single value."""

    p50: float | None
    p99: float | None

    @classmethod
    def of(cls, values: Iterable[float]) -> "Latency":
        ranked = sorted(values)
        return cls(_rank(ranked, 0.50), _rank(ranked, 0.99))


@dataclass(frozen=True)
class Report:
    """How a feed went. `held`: ever, of which `still_held` at the end.

    `seconds`: from the first case received to the last news of one, by the server's clock;
    `cases_per_second`: told in that time.
    """

    sent: int
    accepted: int
    refused: dict[str, int]
    held: int
    still_held: int
    decided: int
    delivered: int
    told: int
    posting: Latency
    to_delivered: Latency
    to_told: Latency
    seconds: float
    cases_per_second: float


@dataclass
class Tally:
    followed: dict[str, Followed] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    posting_ms: list[float] = field(default_factory=list)
    sent: int = 0
    decided: int = 0
    changes: int = 0  # grows whenever something moved

    def posted(self, case: Case, answer: Answer) -> None:
        self.sent += 1
        self.changes += 1
        self.posting_ms.append(answer.ms)
        if answer.case_id is None:
            self.refused[answer.refused or ""] += 1
        else:
            self.followed.setdefault(answer.case_id, Followed(answer.case_id, case.district))

    def heard(self, progress: Progress) -> None:
        case = self.followed[progress.case_id]
        if case.progress != progress:
            self.changes += 1
        case.progress = progress
        case.was_held = case.was_held or progress.status == "held"

    def number(self, what: str) -> int:
        """How many followed cases are "held", "delivered", "told" or "ended" now."""
        return sum(bool(getattr(case, what)) for case in self.followed.values())

    def report(self) -> Report:
        seen = [case.progress for case in self.followed.values() if case.progress is not None]
        delivered = [_ms(one.received_at, one.delivered_at) for one in seen if one.delivered_at is not None]
        told = [_ms(one.received_at, one.informed_at) for one in seen if one.informed_at is not None]
        last = [at for one in seen for at in (one.received_at, one.delivered_at, one.informed_at) if at]
        seconds = (max(last) - min(one.received_at for one in seen)).total_seconds() if seen else 0.0
        return Report(
            sent=self.sent,
            accepted=len(self.followed),
            refused=dict(self.refused.most_common()),
            held=sum(case.was_held for case in self.followed.values()),
            still_held=self.number("held"),
            decided=self.decided,
            delivered=len(delivered),
            told=len(told),
            posting=Latency.of(self.posting_ms),
            to_delivered=Latency.of(delivered),
            to_told=Latency.of(told),
            seconds=seconds,
            cases_per_second=len(told) / seconds if seconds else 0.0,
        )


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000


def _rank(ranked: Sequence[float], share: float) -> float | None:
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else None
