"""Erasing a case in the ledger (个人信息保护法 art 47): its requests say nothing any more, its rows stay."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update

from services.kernel.columns import table
from services.kernel.delivery.models import CALLED_OFF, DeliveryRow
from services.kernel.sql import Sql
from services.kernel.tx import Tx

BLANK: Final = b"{}"
_ROWS: Final = table(DeliveryRow)
_OF_CASE: Final = update(_ROWS).where(_ROWS.c.case_id == bindparam("of_case"))
_END: Final = Sql(
    _OF_CASE.where(_ROWS.c.settled_at.is_(None)).values(
        state=CALLED_OFF, settled_at=bindparam("at"), fence=_ROWS.c.fence + 1
    )
)
_BLANK: Final = Sql(_OF_CASE.values(body=BLANK))


def erase(tx: Tx, case_id: UUID) -> None:
    """End what is open for this case, also what is under way, and blank every request of it."""
    tx.run(_END, of_case=case_id, at=tx.now)
    tx.run(_BLANK, of_case=case_id)
