"""The record in a brigade's words. Pure.

A brigade knows a complainant (投诉人) or, for a report, nobody; everything else keeps its name, and nothing
is left out: the complaint travels completely.
"""

from collections.abc import Mapping
from typing import Final

from services.kernel.tasks.desk import Record, owed, part, said

BURDEN_OF_PROOF: Final = "用人单位对工资支付记录负举证责任（保障农民工工资支付条例第五十条）。"


def translate(record: Record) -> Mapping[str, object]:
    """Our record → the body's `record`. Wage cases say who has to prove what (art 50)."""
    rest = {name: value for name, value in record.items() if name != "caller"}
    hint = {"legal_hint": BURDEN_OF_PROOF} if record.get("kind") == "wage_arrears" else {}
    return {"complainant": record.get("caller"), **rest, **hint}


def employer(record: Record) -> str:
    """For the worklist: who is complained of."""
    return said(part(record, "employer"), "name", "work_address", "address")


def place(record: Record) -> str:
    """For the worklist: where to go, the place of employment first (劳动保障监察条例 art 13)."""
    return said(part(record, "employer"), "work_address", "address")


def stakes(record: Record) -> str:
    """For the worklist: amount in yuan and number of people."""
    amount, people = owed(record), said(record, "workers_affected")
    return f"{amount or '—'} / {people or '—'}" if amount or people else ""
