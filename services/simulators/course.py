"""The course of one task at a unit: accepted, perhaps a step, completed; or objected to. Pure and seeded."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from services.simulators.behaviour import Pace
from services.simulators.outcomes import OBJECTIONS, STEPS, USUAL_STEPS, outcome

Value = str | bool | float


@dataclass(frozen=True, slots=True)
class Task:
    """What a unit keeps of a task: enough to act, nothing of the caller. `owed` in yuan."""

    key: str
    unit: str
    case: str
    kind: str
    urgency: str
    owed: float | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Step:
    """A call-back: `after` seconds since the step before, its type, and its further fields."""

    after: float
    type: str
    fields: dict[str, Value]


def course(task: Task, units: Sequence[str], pace: Pace, seed: int) -> tuple[Step, ...]:
    """What `task.unit` will do: the same for the same seed and task. `units` are the partner's own."""
    chance = Random(f"{seed}:{task.unit}:{task.key}")
    officer = str(chance.randrange(10000, 99999))
    if chance.random() < pace.objecting:
        return (
            Step(chance.uniform(*pace.accept), "task.objected", _objection(task, units, chance, officer)),
        )
    steps = [Step(chance.uniform(*pace.accept), "task.accepted", {"officer": officer})]
    if chance.random() < pace.progressing:
        code, note = chance.choice(STEPS.get(task.kind, USUAL_STEPS))
        fields: dict[str, Value] = {"step": code, "note": note, "officer": officer}
        steps.append(Step(chance.uniform(*pace.progress), "task.progressed", fields))
    steps.append(Step(chance.uniform(*pace.complete), "task.completed", _result(task, chance, officer)))
    return tuple(steps)


def _objection(task: Task, units: Sequence[str], chance: Random, officer: str) -> dict[str, Value]:
    reason, note = chance.choice(OBJECTIONS)
    fields: dict[str, Value] = {"reason": reason, "note": note, "officer": officer}
    service = task.unit.split("-")[0]
    peers = [unit for unit in units if unit.startswith(f"{service}-") and unit != task.unit]
    if reason == "not_our_district" and peers:
        fields["proposed_unit"] = chance.choice(peers)
    return fields


def _result(task: Task, chance: Random, officer: str) -> dict[str, Value]:
    found = outcome(task.kind, chance)
    owed = task.owed if task.owed else float(chance.randrange(20, 300) * 100)
    fields: dict[str, Value] = {"outcome": found.code, "resolved": found.resolved, "officer": officer}
    if found.share is None:
        return {**fields, "summary": found.text}
    recovered = round(owed * found.share, 2)
    return {**fields, "summary": found.text.format(yuan=f"{recovered:g}"), "amount_recovered": recovered}
