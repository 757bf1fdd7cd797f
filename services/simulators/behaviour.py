"""How simulated partners behave: an ordinary pace, and faults that are switched on and off while they run."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal[
    "ok",
    "down",
    "slow",
    "garbage",
    "error500",
    "answer_lost",
    "flapping",
    "retry_after",
    "redirect",
    "half_answer",
    "accept_twice",
    "packed",
    "endless",
    "deep",
]
Span = tuple[float, float]  # seconds, least and most
EVERYBODY: Final = "*"


class Fault(BaseModel):
    """What is wrong with one partner.

    down: 503 · slow: answers after `seconds` · garbage: 200 with a page instead of JSON · error500 ·
    answer_lost: does what was asked, then cuts the connection · flapping: every other request gets 503 ·
    retry_after: 429 with Retry-After `seconds` · redirect: 307 elsewhere · half_answer: does what was asked,
    and cuts the connection in the middle of its answer · accept_twice: takes a known task for a new one ·
    packed: a gzip bomb, endless: a body without an end, deep: JSON of 10,000 levels; none has acted.
    `requests`: heals itself after so many; None: until changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Mode = "ok"
    seconds: float = Field(default=1.0, ge=0, le=600)
    requests: int | None = Field(default=None, ge=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a unit takes for each step, in seconds, and which share of its tasks it objects to."""

    accept: Span = (0.0, 0.02)
    progress: Span = (0.0, 0.02)
    complete: Span = (0.0, 0.05)
    progressing: float = 0.2
    objecting: float = 0.0


FAST: Final = Pace()
DEMO: Final = Pace((2, 6), (4, 12), (10, 40), progressing=0.7, objecting=0.06)
PACES: Final = {"fast": FAST, "demo": DEMO}


class Behaviour:
    """The switchboard of all simulated partners, by name: a unit's id, "sms", "subscriber", "*" for all.

    `seed` decides every course: the same task at the same unit goes the same way in every run.
    """

    def __init__(self, seed: int = 0, pace: Pace = FAST) -> None:
        self.seed = seed
        self._pace = pace
        self._paces: dict[str, Pace] = {}
        self._faults: dict[str, Fault] = {}
        self._disturbed: dict[str, int] = {}

    def pace(self, name: str) -> Pace:
        return self._paces.get(name, self._pace)

    def set_pace(self, name: str, pace: Pace) -> None:
        if name == EVERYBODY:
            self._pace = pace
            self._paces.clear()
        else:
            self._paces[name] = pace

    def set(self, name: str, fault: Fault) -> None:
        """Replace the fault of `name`; for "*" the faults of everybody."""
        if name == EVERYBODY:
            self._faults.clear()
            self._disturbed.clear()
        self._faults[name] = fault
        self._disturbed[name] = 0

    def next_fault(self, name: str) -> Fault:
        """What happens to the next request of `name`; counts it against the fault's `requests`."""
        key = name if name in self._faults else EVERYBODY
        fault = self._faults.get(key)
        if fault is None or fault.mode == "ok":
            return Fault()
        self._disturbed[key] += 1
        nth = self._disturbed[key]
        if fault.requests is not None and nth > fault.requests:
            return Fault()
        if fault.mode == "flapping":
            return Fault(mode="down") if nth % 2 else Fault()
        return fault

    def faults(self) -> dict[str, Fault]:
        return dict(self._faults)
