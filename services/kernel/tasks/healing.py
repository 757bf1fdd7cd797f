"""What is done about a difference, in one transaction with writing it down: by rule, or left to a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain.sealing import Keyring
from services.kernel.delivery import operate
from services.kernel.problem import Problem
from services.kernel.tasks.actions import Acceptance, Progress
from services.kernel.tasks.compared import DIFFERENCES, Difference, difference_id
from services.kernel.tasks.life import FINISHED, State
from services.kernel.tasks.questions import Theirs
from services.kernel.tasks.standing import TASKS, Standing
from services.kernel.tasks.steps import receive, take
from services.kernel.tasks.verdicts import NONE, Do, verdict
from services.kernel.tx import Tx

STEP = "compared"  # of a task that has moved on there, and nobody told us


@dataclass
class Found:
    """What a run has found so far."""

    same: int = 0
    healed: int = 0
    person: int = 0


def weigh(tx: Tx, keyring: Keyring, unit: str, answers: Iterable[Theirs], *, listed: bool = False) -> Found:
    """Hold these answers against what we know now, heal what a rule can heal, write down the rest.

    `listed`: they come from the unit's own list; those that are open here were asked for one by one.
    """
    answers, found = list(answers), Found()
    TASKS.load(tx, [one.key for one in answers])
    DIFFERENCES.load(tx, [difference_id(unit, one.key) for one in answers])
    for one in answers:
        row = TASKS.get(tx, one.key)
        if row is not None and row.unit != unit:
            row = None
        if listed and row is not None and State(row.state) not in FINISHED:
            continue
        ours = row.state if row is not None else NONE
        do = verdict(ours, one.state).do
        if do != "same" and do != "person" and (row is None or not _heal(tx, keyring, row, do)):
            do = "person"
        if do == "same":
            found.same += 1
            _is_over(tx, difference_id(unit, one.key))
            continue
        _note(tx, unit, one, row, ours, do)
        if do == "person":
            found.person += 1
        else:
            found.healed += 1
    return found


def _heal(tx: Tx, keyring: Keyring, row: Standing, do: Do) -> bool:
    """False: it is not possible now, so a person has to look."""
    match do:
        case "deliver":
            return not isinstance(receive(tx, row.key, row.unit), Problem)
        case "accept":
            return not isinstance(take(tx, keyring, row.key, (row.unit,), Acceptance(), row.unit), Problem)
        case "progress":
            said = Progress(step=STEP)
            return not isinstance(take(tx, keyring, row.key, (row.unit,), said, row.unit), Problem)
        case "send_again":
            return operate.send_again(tx, row.unit, row.key)
    return False


def _is_over(tx: Tx, identity: str) -> None:
    known = DIFFERENCES.get(tx, identity)
    if known is not None and known.settled_at is None:
        known.settled_at, known.settled_by = tx.now, "rule"


def _note(tx: Tx, unit: str, one: Theirs, row: Standing | None, ours: str, do: Do) -> None:
    identity = difference_id(unit, one.key)
    known = DIFFERENCES.get(tx, identity)
    if known is None:
        known = DIFFERENCES.add(
            tx,
            Difference(
                identity, unit, one.key, row.case_id if row else None, row.number if row else None, ours,
                one.state, do, tx.now, tx.now,
            ),
        )  # fmt: skip
    elif known.settled_at is not None or (known.ours, known.theirs) != (ours, one.state):
        known.ours, known.theirs, known.verdict, known.found_at = ours, one.state, do, tx.now
        known.settled_at = known.settled_by = known.note = None
    known.seen_at = tx.now
    if do != "person":
        known.settled_at, known.settled_by = tx.now, "rule"
