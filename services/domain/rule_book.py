"""Units and rules as one text each, read and checked together: what a supervisor drafts and what is in force.

The city folder holds the first edition; the board makes the later ones. Both are read by the same models.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.domain import rule_checks, rule_entries, unit_checks, units
from services.domain.city_files import check_entry
from services.domain.entry import Entry, Problem, Said
from services.domain.lines import blocks, syntax_problems, with_lines
from services.domain.rule_entries import Rule
from services.domain.units import Roster, Unit

Model = TypeVar("Model", bound=Entry)
_VERSION = TypeAdapter(Said)


@dataclass(frozen=True, slots=True)
class Texts:
    """units.toml and rules.toml as they are written."""

    units: str
    rules: str

    @classmethod
    def of(cls, folder: Path) -> "Texts":
        """As the folder of a city has them; "" for a file that cannot be read."""
        return cls(_text(folder / units.FILE), _text(folder / rule_entries.FILE))


@dataclass(frozen=True, slots=True)
class RuleBook:
    """What the texts say. `problems`: all that is wrong; only without any may it be put in force."""

    version: str
    units: tuple[Unit, ...]
    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def parse(cls, texts: Texts) -> "RuleBook":
        """The entries as far as each can be read by itself."""
        found = [
            *syntax_problems(units.FILE, texts.units, "unit"),
            *syntax_problems(rule_entries.FILE, texts.rules, "rule"),
        ]
        roster = _entries(units.FILE, texts.units, "unit", Unit, found)
        rules = _entries(rule_entries.FILE, texts.rules, "rule", Rule, found)
        version = _head(texts, found)
        return cls(version, tuple(roster), tuple(rules), tuple(found))

    @classmethod
    def read(cls, texts: Texts, districts: Mapping[str, str]) -> "RuleBook":
        """`districts`: of the city, code to name. Every mistake is found at once, with its line."""
        book = cls.parse(texts)
        found, roster, rules = [*book.problems], book.units, book.rules
        if roster and not _in(found, units.FILE):
            found += unit_checks.problems(roster, districts)
        if roster:
            found += rule_entries.problems(rules, roster, districts)
        if not book.problems:  # of half a file every other case would have no rule
            found += rule_checks.problems(rules, Roster.of(roster), districts)
        found = located(found, texts)
        found.sort(key=lambda one: (one.file != rule_entries.FILE, one.line or 0))
        return replace(book, problems=tuple(dict.fromkeys(found)))


def located(found: Sequence[Problem], texts: Texts) -> list[Problem]:
    """The problems with the lines on which they stand."""
    found = with_lines(found, units.FILE, texts.units, "unit")
    return with_lines(found, rule_entries.FILE, texts.rules, "rule")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _entries(file: str, text: str, entry: str, model: type[Model], found: list[Problem]) -> list[Model]:
    """The entries that can be read; for the others `found` gets longer."""
    read: list[Model] = []
    for number, block in enumerate(blocks(text, entry)[1:], 1):
        try:
            said = tomllib.loads(block.text)
        except ValueError:
            continue  # told already, as no TOML
        content, *more = said.pop(entry)
        found += [_unknown(file, f"[[{entry}]]", block.line) for _ in more]
        found += [_unknown(file, key, block.line_of_table(key)) for key in said]
        one = check_entry(file, f"{entry} {number}", content, model, found)
        read += [one] if one is not None else []
    if not read and not _in(found, file):
        found.append(Problem(file, "—", f"一个 [[{entry}]] 也没有", f"there is no [[{entry}]]"))
    return read


def _head(texts: Texts, found: list[Problem]) -> str:
    """The version that rules.toml gives itself; nothing else may stand before the entries."""
    version = ""
    for file, text, entry in (
        (units.FILE, texts.units, "unit"), (rule_entries.FILE, texts.rules, "rule"),
    ):  # fmt: skip
        try:
            head: dict[str, Any] = tomllib.loads(blocks(text, entry)[0].text)
        except ValueError:
            continue
        if file == rule_entries.FILE:
            try:
                version = _VERSION.validate_python(head.pop("version", ""))
            except ValidationError:
                found.append(Problem(file, "version", "缺少版本", "the version is missing", 1))
        found += [_unknown(file, key, 1) for key in head]
    return version


def _unknown(file: str, key: str, line: int) -> Problem:
    return Problem(file, key, "没有这一项，可能写错了名称", "Extra inputs are not permitted", line)


def _in(found: Iterable[Problem], file: str) -> bool:
    return any(problem.file == file for problem in found)
