"""What a step means for the procedure of a task: its stage, and who handles it from there."""

import json
from typing import Final

from services.kernel.tasks.actions import Completion, Progress, Said
from services.kernel.tasks.procedure import Procedure, Rule, follow, require, staff
from services.kernel.tasks.standing import Standing

HANDED_BACK: Final = Rule("handed_back", needs=("note",))


def pursue(procedure: Procedure, row: Standing, said: Said) -> None:
    """Move the task's stage and officers. Raises Refusal, and has then changed nothing.

    What is handed back needs words whatever the procedure: they are the record of another case.
    """
    if isinstance(said, Progress) and said.hand_back is not None:
        require(HANDED_BACK, said.model_dump())
    if isinstance(said, Progress) and (rule := procedure.stages.get(said.step)) is not None:
        follow(rule, row.stage)
        require(rule, said.model_dump())
        recused = tuple(json.loads(row.recused))
        handling = tuple(json.loads(row.officers))
        if rule.recuses:
            staff(rule, said.officers, recused)
            recused = tuple(dict.fromkeys((*recused, *said.officers)))
            handling = tuple(one for one in handling if one not in recused)
        else:
            handling = said.officers or handling
            staff(rule, handling, recused)
        row.stage, row.officers, row.recused = said.step, json.dumps(handling), json.dumps(recused)
    elif isinstance(said, Completion) and (rule := procedure.outcomes.get(said.outcome)) is not None:
        follow(rule, row.stage)
        require(rule, said.model_dump())
