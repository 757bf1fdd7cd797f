"""What differs between the three adapters: their service's words, columns, steps and outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from services.domain.case_events import Service
from services.kernel.tasks.models import Task
from services.kernel.tasks.procedure import Procedure
from services.kernel.tasks.sending import Translate

FOLDER: Final = Path(__file__).parent
Record = Mapping[str, object]


class Column(NamedTuple):
    """A column of the worklist: its heading (a Chinese msgid) and what it shows of an opened record."""

    label: str
    value: Callable[[Record], str]
    number: bool = False


@dataclass(frozen=True)
class Desk:
    """One service's desk.

    title: a Chinese msgid, the label of its entry in the navigation.
    steps, outcomes: the codes offered on the page, the usual ones first; the city's texts name them.
    money: whether an amount recovered is asked for. translate: our record in the units' own words.
    procedure: the stages of its work. referred_to: the authorities that take over from it.
    beside: the page with more of a task (path, Chinese msgid), if any.
    """

    service: Service
    title: str
    columns: tuple[Column, ...]
    steps: tuple[str, ...]
    outcomes: tuple[str, ...]
    money: bool
    translate: Translate
    procedure: Procedure = field(default_factory=Procedure)
    referred_to: tuple[str, ...] = ("police", "arbitration", "court", "other_authority")
    beside: Callable[[Task], tuple[str, str] | None] = lambda _task: None


def part(record: Record, name: str) -> Record:
    """A part of the record such as "employer"; empty when it is not there (a report has no caller)."""
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def said(record: Record, *names: str) -> str:
    """The first of these fields that says something, as text."""
    return next((str(found) for name in names if (found := record.get(name)) not in (None, "")), "")


def owed(record: Record) -> str:
    """The amount owed in yuan, as people write it; empty when none was named."""
    found = record.get("amount_owed")
    return f"{found:,.2f}".removesuffix(".00") if isinstance(found, int | float) else ""


def dialled(record: Record) -> str:
    """The caller's number as it is dialled here: 138 0013 8000, 025 5555 0101 转 801; empty: none."""
    caller = part(record, "caller")
    number, extension = _dialled(said(caller, "phone")), said(caller, "extension")
    return f"{number} 转 {extension}" if extension else number


def _dialled(number: str) -> str:
    if not number.startswith("+86"):
        return number
    home = number.removeprefix("+86")
    if home.startswith("1") and len(home) == 11:
        return f"{home[:3]} {home[3:7]} {home[7:]}"
    return f"0{home[:-8]} {home[-8:-4]} {home[-4:]}" if len(home) > 9 else f"0{home}"
