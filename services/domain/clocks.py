"""One running clock of one case: a frozen value, and what may be done with it, as a table.

    running ──pause──▶ paused        running ──miss──▶ missed
       ▲ ◀──resume───────┘              │                 │
       └─extend (also paused)           └──meet, lapse────┴──▶ met, lapsed

Every change gives a new value with a new `due`, which moves later or stays, never earlier; a clock that has
ended does not change any more. What may not be done is refused with a sentence. When a clock ends and when it
reminds is computed in `clock_course`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.domain.names import Name
from services.domain.periods import Clock
from services.domain.refusals import Refusal


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MISSED = "missed"
    MET = "met"
    LAPSED = "lapsed"


class Act(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    MEET = "meet"
    MISS = "miss"
    LAPSE = "lapse"


TRANSITIONS: Final[Mapping[tuple[State, Act], State]] = {
    (State.RUNNING, Act.PAUSE): State.PAUSED,
    (State.RUNNING, Act.EXTEND): State.RUNNING,
    (State.RUNNING, Act.MISS): State.MISSED,
    (State.RUNNING, Act.MEET): State.MET,
    (State.RUNNING, Act.LAPSE): State.LAPSED,
    (State.PAUSED, Act.RESUME): State.RUNNING,
    (State.PAUSED, Act.EXTEND): State.PAUSED,
    (State.PAUSED, Act.MEET): State.MET,
    (State.PAUSED, Act.LAPSE): State.LAPSED,
    (State.MISSED, Act.MEET): State.MET,
    (State.MISSED, Act.LAPSE): State.LAPSED,
}

STATE_NAMES: Final[Mapping[State, Name]] = {
    State.RUNNING: Name("正在计时", "is running"),
    State.PAUSED: Name("已暂停", "stands still"),
    State.MISSED: Name("已逾期", "has run out"),
    State.MET: Name("已完成", "was met"),
    State.LAPSED: Name("已不适用", "no longer applies"),
}

ACT_NAMES: Final[Mapping[Act, Name]] = {
    Act.PAUSE: Name("暂停", "paused"),
    Act.RESUME: Name("恢复", "resumed"),
    Act.EXTEND: Name("延长", "extended"),
    Act.MEET: Name("记为完成", "met"),
    Act.MISS: Name("记为逾期", "missed"),
    Act.LAPSE: Name("撤销", "dropped"),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that is not counted; `until` is None while it lasts. `reason`: codes.PAUSE_REASONS."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Extended:
    """More time, in the clock's unit. `approved_by`: a staff number; `reason`: codes.EXTENSION_REASONS."""

    at: datetime
    amount: int
    approved_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A period (期限) that counts for one case, and since when. Instants are aware; `due` is in UTC.

    `amount`: as the city had it when the clock started, so that a later change of its tables moves no running
    clock. `urgent`: reminders come at any hour. `missed_at`: when it was found to have run out.
    """

    definition: Clock
    amount: int
    started_at: datetime
    due: datetime
    provisional: bool
    urgent: bool = False
    state: State = State.RUNNING
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extended, ...] = ()
    missed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def total(self) -> int:
        """The period with its extensions, in its own unit."""
        return self.amount + self.extended

    @property
    def extended(self) -> int:
        return sum(one.amount for one in self.extensions)

    @property
    def late(self) -> bool:
        """Whether what had to be done was done after the period."""
        return self.state is State.MET and self.ended_at is not None and self.ended_at > self.due

    @property
    def changed_at(self) -> datetime:
        """The last moment of which the clock knows something."""
        pauses = (at for one in self.pauses for at in (one.since, one.until) if at is not None)
        return max((self.started_at, *pauses, *(one.at for one in self.extensions)))

    def after(self, act: Act) -> State:
        """The state after `act`. Refusal `clock-not-allowed` where the table has no row."""
        state = TRANSITIONS.get((self.state, act))
        if state is None:
            stands, wanted = STATE_NAMES[self.state], ACT_NAMES[act]
            raise self.refusal(
                "clock-not-allowed",
                f"{stands.zh}，不能{wanted.zh}。",
                f"{stands.en} and cannot be {wanted.en}.",
            )
        return state

    def require_time_left(self, at: datetime, act: Act) -> None:
        """Refusal `clock-backwards` for a moment before the last change, `clock-overdue` from `due` on."""
        if at < self.changed_at:
            raise self.refusal(
                "clock-backwards", "不能用更早的时间变更。", "cannot be changed as of an earlier moment."
            )
        if self.state is State.RUNNING and at >= self.due:
            wanted = ACT_NAMES[act]
            raise self.refusal(
                "clock-overdue",
                f"已到期，不能再{wanted.zh}。",
                f"has run out and cannot be {wanted.en} any more.",
            )

    def refusal(self, code: str, zh: str, en: str) -> Refusal:
        """A sentence that begins with the clock's name."""
        return Refusal(code, f"时限“{self.definition.zh}”{zh}", f'The clock "{self.definition.en}" {en}')

    def ended(self, act: Act, at: datetime) -> "RunningClock":
        """Met or lapsed, at a moment not before its start."""
        return replace(self, state=self.after(act), ended_at=max(at, self.started_at))
