"""Which faults come when: drawn from the seed alone, so that the same seed makes the same plan.

A plan has tracks that run beside each other; the faults of a track come one after the other.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

Chance = random.Random
PARTNER_MODES: Final = (
    "down", "slow", "flapping", "garbage", "error500", "answer_lost", "retry_after",
)  # fmt: skip
NETWORK_MODES: Final = ("reset", "refuse", "swallow", "slow", "half")
PARTNERS_UNTIL: Final = 0.6  # of the time: a circuit that opened late would still be open at the end
LONG: Final = 65.0  # seconds: longer than a lease
EVERYBODY: Final = "*"
POISON: Final = 0.01  # of the cases
EARLY: Final = 0.85  # of the kills are followed by the next at once, before the process can work again
EARLY_OF_MANY: Final = 0.92  # the same where others go on meanwhile
SELDOM: Final = 0.25  # the same where there is time to let it work before the next
PATIENCE: Final = 3.0  # times as long as planned: a busy machine starts processes slowly
STEP: Final = 2.0  # seconds that a start takes about
LEAST, SHORT, MOST = 0.05, 0.4, 0.9  # seconds between two faults of a process, the last two at most


@dataclass(frozen=True, slots=True)
class Fault:
    """`after`: seconds since the last one of its track ended; `lasts`: seconds until it is undone.

    `mode`: of a kill whether the next fault waits until the process can work ("ready") or not ("at_once").
    """

    kind: str
    target: str
    after: float
    lasts: float = 0.0
    mode: str = ""


Tracks = Mapping[str, tuple[Fault, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds`: how long faults are made; what a track has not done by then is left out.

    `kills`: it goes on until there were so many of them.
    """

    stack: str
    seed: int
    seconds: float
    tracks: Tracks
    kills: int = 0

    def lines(self) -> list[dict[str, str | float]]:
        """The whole plan, to be kept with its histories."""
        return [{"track": name, **asdict(fault)} for name, track in self.tracks.items() for fault in track]


@dataclass(frozen=True, slots=True)
class Targets:
    """What there is to break: processes, units, and connections by name; `full`: whether a disk may fill.

    `rate`: cases a second meanwhile.
    """

    processes: Sequence[str]
    units: Sequence[str]
    ways: Sequence[str]
    servers: bool = False
    full: bool = False
    skewed: Sequence[str] = ()
    kills: int = 0
    rate: float = 6.0


def plan(stack: str, seed: int, seconds: float, targets: Targets, kills: int = 0) -> Plan:
    """Each track draws from a generator of its own: what one gets does not depend on another."""
    targets = replace(targets, kills=max(kills, targets.kills))

    def track(name: str, make: Callable[[Chance, float, Targets], Iterator[Fault]]) -> tuple[Fault, ...]:
        return tuple(make(random.Random(f"{seed}:{stack}:{name}"), seconds, targets))

    tracks = {name: track(name, make) for name, make in _TRACKS.items()}
    drawn = {name: faults for name, faults in tracks.items() if faults}
    return Plan(stack, seed, seconds, drawn, kills)


def _processes(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    """Kills, some so soon after a start that nothing was ready yet, and pauses."""
    spent, kills, (gap, early) = 0.0, 0, _pace(seconds, targets)
    while spent < seconds or kills < targets.kills:
        target, after = chance.choice(targets.processes), round(chance.uniform(LEAST, gap), 3)
        if chance.random() < 0.1:
            fault = Fault("freeze", target, after, round(chance.uniform(0.2, 2.0), 3))
        else:
            fault = Fault("kill", target, after, mode="at_once" if chance.random() < early else "ready")
            kills += 1
        spent += after + fault.lasts + (STEP if fault.mode == "ready" else 0.1)
        yield fault


def _pace(seconds: float, targets: Targets) -> tuple[float, float]:
    """The longest time between two faults, and the share of kills that come before a process can work.

    The more time each kill has, the more of them hit a process that works.
    """
    most = EARLY if len(targets.processes) == 1 else EARLY_OF_MANY
    if not targets.kills:
        return MOST, most
    each = seconds / targets.kills
    gap = min(MOST, max(SHORT, each))
    return gap, max(SELDOM, min(most, 1 - (each - (LEAST + gap) / 2) / STEP))


def _leases(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    """A pause longer than a lease, where another process can take over: it wakes up with an old fence."""
    others = [name for name in targets.processes if name.startswith("inspection_adapter")]
    if len(others) > 1 and seconds >= LONG * 2:
        yield Fault("freeze", chance.choice(others), round(chance.uniform(2, 10), 3), LONG)


def _partners(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    spent = 0.0
    while True:
        after, lasts = round(chance.uniform(0.5, 3.0), 3), round(chance.uniform(1.0, 5.0), 3)
        spent += after + lasts
        if spent > seconds * PARTNERS_UNTIL:
            return
        target = chance.choice([*targets.units, "sms", "sms", "sms", EVERYBODY])
        yield Fault("partner", target, after, lasts, chance.choice(PARTNER_MODES))


def _network(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    spent = 0.0
    while targets.ways:
        after, lasts = round(chance.uniform(1.0, 5.0), 3), round(chance.uniform(0.5, 3.0), 3)
        spent += after + lasts
        if spent > seconds * 0.9:
            return
        yield Fault("network", chance.choice(targets.ways), after, lasts, chance.choice(NETWORK_MODES))


def _poison(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    """One for each hundred cases: bytes that nobody can read, or an event that no model takes."""
    each = seconds / (number := max(2, round(seconds * targets.rate * POISON)))
    for _ in range(number):
        yield Fault("poison", chance.choice(("bytes", "schema")), round(chance.uniform(0.5, 0.9) * each, 3))


def _bug(_chance: Chance, seconds: float, _targets: Targets) -> Iterator[Fault]:
    """One that hits one case in twenty-five until all is mended: the operator replays what it left behind."""
    yield Fault("bug", "handlers", round(seconds * 0.3, 3), seconds * PATIENCE)


def _servers(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    """PostgreSQL and Kafka: killed, their sessions ended, and once in the middle the log loses everything."""
    spent, lost = 0.0, False
    while targets.servers:
        after, lasts = round(chance.uniform(4.0, 9.0), 3), round(chance.uniform(0.5, 2.0), 3)
        spent += after + lasts + 4.0
        if spent > seconds * 0.85:
            return
        if not lost and spent > seconds * 0.4:
            lost = True
            yield Fault("broker_lost", "kafka", after, lasts)
        else:
            kind = chance.choice(("database_kill", "sessions", "sessions", "broker_kill"))
            yield Fault(kind, "kafka" if kind == "broker_kill" else "postgres", after, lasts)


def _disk(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    for _ in range(2 if targets.full else 0):
        yield Fault("disk", "full", round(chance.uniform(seconds * 0.2, seconds * 0.3), 3), 3.0)


def _clock(chance: Chance, seconds: float, targets: Targets) -> Iterator[Fault]:
    """One process starts again with a clock that is ten minutes off, and later with the right one."""
    for target in targets.skewed:
        off = chance.choice(("+10m", "-10m"))
        yield Fault("clock", target, round(seconds * 0.1, 3), round(seconds * 0.5, 3), off)


_TRACKS: Final[Mapping[str, Callable[[Chance, float, Targets], Iterator[Fault]]]] = {
    "processes": _processes,
    "leases": _leases,
    "partners": _partners,
    "network": _network,
    "poison": _poison,
    "bug": _bug,
    "servers": _servers,
    "disk": _disk,
    "clock": _clock,
}
