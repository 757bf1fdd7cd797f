"""After an erasure what is personal is gone and the counts stay (个人信息保护法 art 47)."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from services.intake import timeline, traces
from services.intake.models import CaseRow, ClusterCaseRow, TimelineRow
from services.kernel.columns import table
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_CASES, _LINES, _COUNTED = table(CaseRow), table(TimelineRow), table(ClusterCaseRow)
_BLANK: Final = Sql(
    update(_CASES)
    .where(_CASES.c.case_id == bindparam("case"))
    .values(
        identity=None, record=None, phone_index=None, employer_name=None, employer_core=None, call_id=None
    )
)
_NOBODY: Final = Sql(
    update(_COUNTED).where(_COUNTED.c.case_id == bindparam("case")).values(caller=bindparam("nobody"))
)
_WORDS: Final = Sql(
    select(_LINES.c.id, _LINES.c.type, _LINES.c.details).where(_LINES.c.case_id == bindparam("case"))
)
_UNSAY: Final = Sql(update(_LINES).where(_LINES.c.id == bindparam("row")).values(details=bindparam("left")))


def blank(tx: Tx, case_id: UUID) -> None:
    """Who called, what was said and written, and all by which it could be found again."""
    tx.run(_BLANK, case=case_id)
    tx.run(_NOBODY, case=case_id, nobody=case_id.hex)
    traces.efface(tx, case_id)
    for row in tx.all(_WORDS, case=case_id):
        tx.later(_UNSAY, row=row.id, left=timeline.without_words(row.type, row.details))
