"""A unit written as units.toml has it, in its place among the others: all else in the file stays as it is."""

import json
from collections.abc import Sequence
from datetime import time
from typing import Final

from services.domain.lines import Block, blocks
from services.domain.units import Unit

_TEXTS: Final = ("id", "type", "service", "name", "name_en")
_CODES: Final = ("districts", "streets")
_LATER: Final = ("superior", "successor")
_FLAGS: Final = ("suspended", "closed")


def with_unit(text: str, unit: Unit) -> str:
    """The file with this unit instead of the one of its id, or behind all others if it is new."""
    head, *entries = blocks(text, "unit")
    if all(block.id != unit.id for block in entries):
        entries.append(Block(0, ""))
    parts = [head.text]
    for block in entries:
        mine = block.id in (unit.id, None)
        parts.append("\n".join([*written(unit), *_behind(block.text)]) if mine else block.text)
    return "\n".join(parts if head.text else parts[1:]).rstrip("\n") + "\n"


def written(unit: Unit) -> list[str]:
    """The entry's lines; what is not said is left out."""
    lines = ["[[unit]]", *(f"{key} = {_text(getattr(unit, key))}" for key in _TEXTS)]
    lines += [f"{key} = {_list(getattr(unit, key))}" for key in _CODES if getattr(unit, key)]
    if unit.phone:
        lines.append(f"phone = {_text(unit.phone)}")
    if unit.contacts:
        entries = (
            f"{{ zh = {_text(one.zh)}, en = {_text(one.en)}, phone = {_text(one.phone)} }}"
            for one in unit.contacts
        )
        lines.append(f"contacts = [{', '.join(entries)}]")
    if isinstance(unit.hours, str):
        lines.append(f"hours = {_text(unit.hours)}")
    elif unit.hours:
        spans = (f"{{ opens = {_time(one.opens)}, closes = {_time(one.closes)} }}" for one in unit.hours)
        lines.append(f"hours = [{', '.join(spans)}]")
    lines += [f"{key} = {_text(getattr(unit, key))}" for key in _LATER if getattr(unit, key)]
    return [*lines, *(f"{key} = true" for key in _FLAGS if getattr(unit, key))]


def _behind(text: str) -> list[str]:
    """Blank lines and comments after an entry: they are about what follows."""
    lines = text.split("\n")
    count = len(lines)
    while count and (not lines[count - 1].strip() or lines[count - 1].lstrip().startswith("#")):
        count -= 1
    return lines[count:]


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _time(at: time) -> str:
    return at.isoformat("seconds")
