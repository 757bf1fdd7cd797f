"""What was wrong with some input, in words, without ever repeating the input.

pydantic's own messages and its `input` may hold a name or a phone number; only the error's type and the
limits of the schema are used here.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, cast

from services.domain.refusals import Refusal


class FieldProblem(NamedTuple):
    """One field's problem: a dotted path ("caller.phone", empty for the whole input) and two sentences."""

    field: str
    zh: str
    en: str


_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_-]{0,39}")  # what our own field names look like
_PLACES: Final = frozenset({"body", "query", "path", "header", "cookie"})
_THEIR_KEY: Final = frozenset({"extra_forbidden", "invalid_key"})  # the last step is the caller's own word

_OTHERWISE: Final = ("内容不符合要求", "is not acceptable")
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    kind: (said["zh"], said["en"])
    for kind, said in tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8")).items()
}


def problems_of(errors: Sequence[Mapping[str, object]]) -> list[FieldProblem]:
    """One sentence per pydantic error, in its order, at most twenty."""
    return [_problem(error) for error in errors[:20]]


def sentences_of(errors: Sequence[Mapping[str, object]], language: str) -> dict[str, str]:
    """By field its first sentence, for a form that is shown again."""
    found = reversed(problems_of(errors))
    return {one.field: one.en if language == "en" else one.zh for one in found}


def refusal_in(error: Mapping[str, object]) -> Refusal | None:
    """The domain's refusal behind a pydantic error, when a validator raised one."""
    cause = _context(error).get("error")
    return cause if isinstance(cause, Refusal) else None


def _problem(error: Mapping[str, object]) -> FieldProblem:
    kind, place = str(error["type"]), cast(tuple[str | int, ...], error["loc"])
    if refusal := refusal_in(error):
        return FieldProblem(_path(place), refusal.zh, refusal.en)
    if kind == "json_invalid":
        return FieldProblem("", *_fill(kind, {"position": place[-1]}))
    return FieldProblem(_path(place[:-1] if kind in _THEIR_KEY else place), *_fill(kind, _context(error)))


def _context(error: Mapping[str, object]) -> Mapping[str, object]:
    return cast(Mapping[str, object], error.get("ctx", {}))


def _fill(kind: str, context: Mapping[str, object]) -> tuple[str, str]:
    zh, en = SENTENCES.get(kind, _OTHERWISE)
    try:
        return zh.format_map(context), en.format_map(context)
    except KeyError:
        return _OTHERWISE


def _path(place: Sequence[object]) -> str:
    steps = place[1:] if place and place[0] in _PLACES else place
    return ".".join(str(s) if isinstance(s, int) or _NAME.fullmatch(str(s)) else "*" for s in steps)
