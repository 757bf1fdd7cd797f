"""What a unit hands back (交回): a further matter of the caller becomes a case of its own, linked to this.

The 122 desk helps a stranded worker and hears of unpaid wages: the desk goes on helping, the hotline sends
the wages to the brigade (首问负责, 保障农民工工资支付条例 art 10).
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import bindparam, select

from services.domain.events import TaskProgressed
from services.domain.kinds import Kind, ReportType
from services.domain.life import Status
from services.domain.refusals import Refusal
from services.domain.sealing import Sealed
from services.intake.author import Author
from services.intake.correction import read_back
from services.intake.facts import Refusals
from services.intake.handlers import move_with_unit
from services.intake.models import CaseRow
from services.intake.parts import open_part
from services.intake.schemas import LONGEST, CallerIn, CaseIn
from services.intake.scribe import Scribe, Written
from services.intake.standing import standing
from services.kernel.columns import table
from services.kernel.messages import Message
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_CASE: Final = table(CaseRow)
_ROW: Final = Sql(select(_CASE).where(_CASE.c.case_id == bindparam("whole")))


def hand_back(event: TaskProgressed, tx: Tx, *, scribe: Scribe) -> Iterable[Message]:
    """The step, and the case of its own that it asks for; of a unit that the case has left, neither."""
    yield from move_with_unit(event, tx)
    case = standing(tx, event.case_id)
    if event.hand_back is None or case is None or case.unit != event.unit or case.stands is Status.CLOSED:
        return
    found = tx.one(_ROW, whole=event.case_id)
    if found is None or found.record is None:
        return  # erased meanwhile
    written = _written(CaseRow(**found._asdict()), event, scribe)
    yield open_part(tx, case, written, event.by, scribe.city.clusters)


def _written(row: CaseRow, event: TaskProgressed, scribe: Scribe) -> Written:
    """The part: what the unit says and the record of the case, caller and employer with it.

    Where both together are too long for one record, what the unit says; the case is linked.
    """
    author = Author("agent", event.by, language=row.language)
    texts = list(_texts(row, event, scribe))
    for text in texts[:-1]:
        try:
            return scribe.write(_part(row, event, text, scribe), author, parent=row.case_id)
        except (Refusal, Refusals):
            continue
    return scribe.write(_part(row, event, texts[-1], scribe), author, parent=row.case_id)


def _texts(row: CaseRow, event: TaskProgressed, scribe: Scribe) -> Iterator[str]:
    before = read_back(row, scribe.keyring).text
    try:
        said = scribe.keyring.open(event.note, row.case_id, "note") if event.note else ""
    except Sealed:
        said = ""
    both = f"{said}\n\n{before}" if said else before
    if len(both) <= LONGEST:
        yield both
    yield said or before


def _part(row: CaseRow, event: TaskProgressed, text: str, scribe: Scribe) -> CaseIn:
    """A report stays a report; where its new kind knows none, nobody learns who the caller is."""
    case, kind = read_back(row, scribe.keyring), Kind(event.hand_back or Kind.OTHER)
    report = row.report_type == ReportType.REPORT
    stays = report and kind is Kind.WAGE_ARREARS
    caller = case.caller if stays or not report else CallerIn(anonymous=True)
    changed: dict[str, object] = {
        "kind": kind, "report_type": ReportType.REPORT if stays else None, "text": text, "caller": caller,
        "callback_url": None,
    }  # fmt: skip
    return case.model_copy(update=changed)
