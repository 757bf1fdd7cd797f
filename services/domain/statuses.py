"""What a unit's own status codes mean here: one step of the task for each code.

A unit's system that cannot speak our words reports its own code (`task.status`), and answers with it when it
is asked; the table is the city's, so that the unit's staff and an official can read and check it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from services.domain.codes import OBJECTION_REASONS, OUTCOMES
from services.domain.entry import Entry, Problem, Said, UnitId

FILE = "statuses.toml"
Known = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_SAYS: Final[Mapping[str, str]] = {"complete": "outcome", "object": "reason", "progress": "code"}


class Status(Entry):
    """`status`: the unit's code, `zh`: its name there. `outcome`, `reason`, `code`: what the step says."""

    unit: UnitId
    status: Annotated[str, Field(min_length=1, max_length=64)]
    zh: Said
    step: Literal["receive", "accept", "object", "progress", "complete"]
    outcome: Known | None = None
    reason: Known | None = None
    code: Known | None = None

    @model_validator(mode="after")
    def _says_what_its_step_needs(self) -> Self:
        wanted = _SAYS.get(self.step)
        given = {name for name in _SAYS.values() if getattr(self, name) is not None}
        if given != ({wanted} if wanted else set()):
            raise ValueError(f"step {self.step} needs {wanted or 'nothing'} and nothing else")
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}")
        if self.reason is not None and self.reason not in OBJECTION_REASONS:
            raise ValueError(f"reason must be one of {', '.join(OBJECTION_REASONS)}")
        return self


class StatusesFile(Entry):
    status: tuple[Status, ...] = ()


def problems(statuses: Sequence[Status], units: Collection[str]) -> Iterator[Problem]:
    """Units that the city does not have, and codes that mean two things."""
    for one in statuses:
        if one.unit not in units:
            yield Problem(FILE, f"{one.unit} {one.status}", "没有这个单位", "there is no such unit")
    for (unit, status), times in Counter((one.unit, one.status) for one in statuses).items():
        if times > 1:
            yield Problem(FILE, f"{unit} {status}", "写了不止一次", "stands there more than once")
