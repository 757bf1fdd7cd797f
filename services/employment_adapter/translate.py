"""The record in an employment centre's words. Pure.

A centre knows a job seeker (求职者) who may be visited at home, and a former employer; everything else keeps
its name, and nothing is left out.
"""

from collections.abc import Mapping
from typing import Final

from services.kernel.tasks.desk import Record, part, said

RENAMED: Final = {"caller": "job_seeker", "employer": "former_employer"}


def translate(record: Record) -> Mapping[str, object]:
    """Our record → the body's `record`."""
    return {RENAMED.get(name, name): value for name, value in record.items()}


def seeker(record: Record) -> str:
    """For the worklist: the job seeker by family name only; the whole name stands in the opened task."""
    name = said(part(record, "caller"), "name")
    return f"{name[0]}**" if name else ""


def home(record: Record) -> str:
    """For the worklist: where to go."""
    return said(part(record, "caller"), "residence")


def wish(record: Record) -> str:
    """For the worklist: the beginning of what was said."""
    text = said(record, "text")
    return f"{text[:40]}…" if len(text) > 40 else text
