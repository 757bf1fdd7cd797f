"""What a difference between a unit's system and ours means: verdicts.toml, read once. Pure."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from services.kernel.tasks.life import State

Do = Literal["same", "deliver", "accept", "progress", "send_again", "person"]
NONE, OTHER = "none", "other"
OURS: Final = (*(str(state) for state in State), NONE)
WORDS: Final = ("received", "accepted", "in_progress", "completed", "objected")
THEIRS: Final = (*WORDS, NONE, OTHER)


class Verdict(BaseModel):
    """`zh`, `en`: what a person is to do; empty for what needs nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Do
    zh: str = ""
    en: str = ""


class _Rule(Verdict):
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def verdict(ours: str, theirs: str) -> Verdict:
    """`ours`: a State or NONE; `theirs`: whatever the unit's system said, or NONE."""
    return TABLE[ours, theirs if theirs in THEIRS else OTHER]


def _read(path: Path) -> Iterator[tuple[tuple[str, str], Verdict]]:
    for entry in tomllib.loads(path.read_text("utf-8"))["rule"]:
        rule = _Rule.model_validate(entry)
        for ours in rule.ours:
            for theirs in rule.theirs:
                yield (ours, theirs), Verdict(do=rule.do, zh=rule.zh, en=rule.en)


PAIRS: Final = tuple(_read(Path(__file__).with_name("verdicts.toml")))
TABLE: Final[Mapping[tuple[str, str], Verdict]] = dict(PAIRS)
