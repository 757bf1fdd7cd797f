"""What an entry of a visit is for its task: a stage of procedure.toml, checked before anything changes."""

from dataclasses import dataclass

from services.domain.city import City
from services.domain.refusals import Refusal
from services.domain.sealing import Keyring
from services.employment_adapter.entries import STAGES
from services.employment_adapter.standing import Standing
from services.kernel.problem import Problem
from services.kernel.tasks import standing as tasks
from services.kernel.tasks.actions import Acceptance, Progress
from services.kernel.tasks.life import WAITING, State
from services.kernel.tasks.procedure import Procedure, follow
from services.kernel.tasks.steps import Taken, take
from services.kernel.tx import Tx


@dataclass(frozen=True)
class Office:
    """What visits are made with."""

    city: City
    keyring: Keyring
    procedure: Procedure


def step(
    tx: Tx, office: Office, by: str, task: tasks.Standing, entry: str, note: str | None
) -> Problem | Refusal | None:
    """Take the step that this entry is at the present stage; accept the task with it if nobody has."""
    stages, procedure = STAGES[entry], office.procedure
    stage = next((one for one in stages if one in procedure.possible(task.stage)), stages[0])
    try:
        follow(procedure.stages[stage], task.stage)
    except Refusal as refused:
        return refused
    if State(task.state) in WAITING:
        take(tx, office.keyring, task.key, None, Acceptance(officer=by), by)
    taken = take(tx, office.keyring, task.key, None, Progress(step=stage, note=note), by, procedure=procedure)
    return None if isinstance(taken, Taken) else taken


def sealed(tx: Tx, office: Office, visit: Standing, field: str, text: str) -> str:
    return office.keyring.seal("task", visit.case_id, field, text, tx.random.randbytes)
