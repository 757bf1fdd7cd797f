"""Texts with what they are about: our own table, and letters with their labels, which stay outside.

The table is tab-separated: kind, report_type, urgent, mass, text. Letters are JSON lines {"id", "subject",
"body"}; their labels {"id", "kind", "report_type", "urgent", "mass"}, in a file of their own or the same.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.domain.kinds import Kind, ReportType

TABLE: Final = Path(__file__).with_name("texts.tsv")
COLUMNS: Final = ("kind", "report_type", "urgent", "mass", "text")
_SIGNS: Final = re.compile(r"\W+")
_SHINGLE: Final = 5
_SAME: Final = 0.4


class LabelError(Exception):
    """A file cannot be used; the sentence names file, line and reason."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`own`: from our own table, whose every run of characters may stand in the model."""

    text: str
    kind: Kind
    report_type: ReportType | None
    urgent: bool
    mass: bool
    own: bool


def table(path: Path = TABLE) -> list[Labelled]:
    """The texts of a table, in its order; LabelError."""
    rows = csv.DictReader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise LabelError(f"{path}: the first line must name the columns {', '.join(COLUMNS)}")
    return [_labelled(dict(row), str(row["text"]), True, f"{path}: line {rows.line_num}") for row in rows]


def letters(texts: Path, labels: Path | None) -> list[Labelled]:
    """Letters and their labels, joined by id; letters without a label are left out. LabelError."""
    said = dict(_objects(texts if labels is None else labels))
    found = []
    for number, letter in _objects(texts):
        if (label := said.get(number)) is not None:
            whole = f"{letter.get('subject', '')}\n{letter.get('body', '')}"
            found.append(_labelled(label, whole, False, f"{labels or texts}: id {number}"))
    return found


def groups_of(texts: Sequence[Labelled]) -> list[int]:
    """For each text the number of its group: people send a letter again, with other words around it."""
    shingles = [_shingles(one.text) for one in texts]
    group = list(range(len(texts)))
    for later, one in enumerate(shingles):
        for earlier in range(later):
            other = shingles[earlier]
            if one and other and len(one & other) > _SAME * min(len(one), len(other)):
                group = [group[earlier] if number == group[later] else number for number in group]
    return group


def _shingles(text: str) -> frozenset[str]:
    signs = _SIGNS.sub("", text)
    return frozenset(signs[at : at + _SHINGLE] for at in range(len(signs) - _SHINGLE + 1))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise LabelError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LabelError(f"{path}: not UTF-8") from None


def _objects(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for place, line in enumerate(_lines(path), start=1):
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict) or "id" not in entry:
            raise LabelError(f"{path}: line {place} is no JSON object with an id")
        yield str(entry["id"]), entry


def _labelled(row: dict[str, object], text: str, own: bool, place: str) -> Labelled:
    try:
        kind = Kind(str(row["kind"]))
        form = ReportType(str(row["report_type"])) if row.get("report_type") else None
    except (KeyError, ValueError):
        raise LabelError(f"{place}: no kind or report_type that there is") from None
    return Labelled(text, kind, form, _yes(row.get("urgent")), _yes(row.get("mass")), own)


def _yes(value: object) -> bool:
    return value in (True, "yes")
