"""The record in the social-help desk's words. Pure.

The desk knows a person in need (求助人) and where that person is; everything else keeps its name, and nothing
is left out.
"""

from collections.abc import Mapping

from services.kernel.tasks.desk import Record, dialled, part, said


def translate(record: Record) -> Mapping[str, object]:
    """Our record → the body's `record`. `whereabouts`: where to look first."""
    rest = {name: value for name, value in record.items() if name != "caller"}
    return {"person": record.get("caller"), "whereabouts": whereabouts(record) or None, **rest}


def whereabouts(record: Record) -> str:
    """For the worklist too: where the person lives, or else worked."""
    return said(part(record, "caller"), "residence") or said(
        part(record, "employer"), "work_address", "address"
    )


def person(record: Record) -> str:
    """For the worklist: who it is and how to reach them, as minutes count."""
    return " ".join(text for text in (said(part(record, "caller"), "name"), dialled(record)) if text)


def need(record: Record) -> str:
    """For the worklist: the beginning of what was said."""
    text = said(record, "text")
    return f"{text[:40]}…" if len(text) > 40 else text
