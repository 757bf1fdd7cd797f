"""What the API says of editions and dry runs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.domain.entry import Problem
from services.router.comparison import Sign

MOST_TEXT = 1_000_000
MOST_NOTE = 500
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_NOTE)]
Text = Annotated[str, StringConstraints(max_length=MOST_TEXT)]


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class DraftIn(Given):
    """`note`: what the edition is for."""

    note: Note


class EditionIn(DraftIn):
    """Both texts whole: units.toml and rules.toml."""

    units: Text
    rules: Text


class ActivateIn(Given):
    """`effective_at`: from when on, with its zone; left out: at once."""

    effective_at: AwareDatetime | None = None


class DryRunIn(Given):
    days: Annotated[int, Field(ge=1, le=366)] = 30


class MistakeOut(BaseModel):
    """One mistake. `line`: None where it is about no single line."""

    file: str
    line: int | None
    entry: str
    text: str
    zh: str
    en: str

    @classmethod
    def of(cls, one: Problem, english: bool) -> "MistakeOut":
        return cls(
            file=one.file, line=one.line, entry=one.entry, text=one.en if english else one.zh,
            zh=one.zh, en=one.en,
        )  # fmt: skip


class EditionLine(BaseModel):
    """`stage`: draft, active or discarded; `in_force`: it is the one that applies now."""

    number: int
    version: str
    stage: str
    in_force: bool
    base: int | None
    author: str
    note: str
    made_at: datetime
    edited_by: str
    edited_at: datetime
    activated_by: str | None
    activated_at: datetime | None
    effective_at: datetime | None


class EditionOut(EditionLine):
    """`problems`: all mistakes of the texts; without any the draft can be activated."""

    units: str
    rules: str
    problems: list[MistakeOut]


class EditionPage(BaseModel):
    """`in_force`: the number of the one that applies now; `next`: give it as `below` for the next page."""

    in_force: int
    editions: list[EditionLine]
    next: int | None


class LineOut(BaseModel):
    sign: Sign
    text: str


class FileOut(BaseModel):
    file: str
    lines: list[LineOut]


class DifferenceOut(BaseModel):
    """`against`: the edition on the left-hand side."""

    against: int
    files: list[FileOut]


class MoveOut(BaseModel):
    """`was`, `now`: a unit's id, or "held." and a reason; `cases`: how many would go there instead."""

    was: str
    was_name: str
    now: str
    now_name: str
    cases: int


class DryRunOut(BaseModel):
    """`course`: waiting, running, done, stopped or failed. `outdated`: the draft was edited since."""

    edition: int
    against: int
    days: int
    course: str
    total: int
    seen: int
    changed: int
    seconds: float | None
    outdated: bool
    moves: list[MoveOut]


class TriedCase(BaseModel):
    case_id: UUID
    number: str
    kind: str
    was: str
    was_rule: str | None
    now: str
    now_rule: str | None


class TriedPage(BaseModel):
    """`next`: give it as `after` for the next page."""

    cases: list[TriedCase]
    next: int | None
