"""Reading one file of a city folder, and saying in both languages what is wrong with it."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.domain.entry import Entry, Problem

Model = TypeVar("Model", bound=Entry)

_ZH: Final = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，可能写错了名称",
    "string_pattern_mismatch": "格式不对",
    "literal_error": "不是可用的值",
    "enum": "不是可用的值",
}


class CityError(ValueError):
    """The folder cannot be used. `problems`: all that is wrong with it, one line each."""

    def __init__(self, folder: Path, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join([f"{folder}:", *(f"  {problem}" for problem in problems)]))
        self.problems = tuple(problems)


def read(path: Path, model: type[Model], problems: list[Problem]) -> Model | None:
    """The file as `model`; None, with `problems` longer, when it is not there or not right."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(Problem(path.name, "—", "文件打不开", f"cannot be opened: {error.strerror}"))
        return None
    except ValueError as error:  # not TOML, or not UTF-8
        problems.append(Problem(path.name, "—", "不是有效的 TOML 文件", f"is not TOML: {error}"))
        return None
    return check(path.name, content, model, problems)


def check(file: str, content: dict[str, object], model: type[Model], problems: list[Problem]) -> Model | None:
    """What a file held as `model`; None, with `problems` longer, when it is not right."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems.extend(_problems(file, content, error))
        return None


def check_entry(
    file: str, where: str, content: object, model: type[Model], problems: list[Problem]
) -> Model | None:
    """One entry as `model`; None, with `problems` longer, when it is not right. `where`: "rule 3"."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for told in _problems(file, content, error):
            entry = f"{where}{_title(content)} {told.entry}".removesuffix(" —")
            problems.append(told._replace(entry=entry))
        return None


def _problems(file: str, content: object, error: ValidationError) -> Iterable[Problem]:
    """One for each value: of one that may have several forms, why it has not the first."""
    first: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        told = _problem(file, content, detail)
        first.setdefault(told.entry, told)
    return first.values()


def _problem(file: str, content: object, detail: ErrorDetails) -> Problem:
    reason = detail["msg"].removeprefix("Value error, ")
    return Problem(file, _entry(content, detail["loc"]), _ZH.get(detail["type"], "填写不对"), reason)


def _entry(content: object, loc: tuple[int | str, ...]) -> str:
    """Where it stands, in the reader's terms: "unit 3 (inspection-jiangning) phone"."""
    words: list[str] = []
    for step in loc:
        if isinstance(step, int):
            content = content[step] if isinstance(content, list) and step < len(content) else None
            words.append(str(step + 1) + _title(content))
        elif isinstance(content, dict):  # what follows a value is which of its forms was tried
            content = content.get(step)
            words.append(step)
    return " ".join(words) or "—"


def _title(content: object) -> str:
    if not isinstance(content, dict):
        return ""
    title = next((content[key] for key in ("id", "code", "year", "zh") if key in content), None)
    return "" if title is None else f" ({title})"
