"""Texts with what they are about: our own table, and letters of an installation with their labels.

The table is tab-separated: kind, report_type, urgent, mass, text. Letters are JSON lines {"id", "subject", "body"};
their labels {"id", "kind", "report_type", "urgent", "mass"}, in a file of their own or in the same lines.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.domain.kinds import Kind, ReportType

TABLES: Final = Path("deploy/suggestion")
COLUMNS: Final = ("kind", "report_type", "urgent", "mass", "text")


class LabelError(Exception):
    """A file cannot be used; the sentence names file, line and reason."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """`own`: from our own table, whose every run of characters may stand in the model."""

    text: str
    kind: Kind
    report_type: ReportType | None
    urgent: bool
    mass: bool
    own: bool


def table(path: Path) -> list[LabelledText]:
    """The texts of a table, in its order; LabelError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path}: {getattr(error, 'strerror', 'not UTF-8')}") from None
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise LabelError(f"{path}: the first line must name the columns {', '.join(COLUMNS)}")
    return [_labelled(dict(row), str(row["text"]), True, f"{path}: line {rows.line_num}") for row in rows]


def letters(texts: Path, labels: Path | None) -> list[LabelledText]:
    """Letters and their labels, joined by id; letters without a label are left out. LabelError."""
    said = dict(_objects(texts if labels is None else labels))
    found = []
    for number, letter in _objects(texts):
        if (label := said.get(number)) is not None:
            whole = f"{letter.get('subject', '')}\n{letter.get('body', '')}"
            found.append(_labelled(label, whole, False, f"{labels or texts}: id {number}"))
    return found


def _objects(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            entry = json.loads(line)
            if not isinstance(entry, dict) or "id" not in entry:
                raise LabelError(f"{path}: line {place} is no JSON object with an id")
            yield str(entry["id"]), entry
    except OSError as error:
        raise LabelError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise LabelError(f"{path}: not JSON lines in UTF-8") from None


def _labelled(row: dict[str, object], text: str, own: bool, place: str) -> LabelledText:
    try:
        kind = Kind(str(row["kind"]))
        form = ReportType(str(row["report_type"])) if row.get("report_type") else None
    except (KeyError, ValueError):
        raise LabelError(f"{place}: no kind or report_type that there is") from None
    return LabelledText(text, kind, form, _yes(row.get("urgent")), _yes(row.get("mass")), own)


def _yes(value: object) -> bool:
    return value in (True, "yes")
