"""Erasing a case in the ledger (个人信息保护法 art 47): its requests say nothing any more, its rows stay."""

from typing import Final
from uuid import UUID

from sqlalchemy import update

from services.kernel.columns import table
from services.kernel.delivery.models import CALLED_OFF, DeliveryRow
from services.kernel.store import Tx

BLANK: Final = b"{}"
_ROWS = table(DeliveryRow)


def erase(tx: Tx, case_id: UUID) -> None:
    """End what is open for this case, also what is under way, and blank every request of it."""
    tx.flush_rows()
    of_case = _ROWS.c.case_id == case_id
    ended = {"state": CALLED_OFF, "settled_at": tx.now, "fence": _ROWS.c.fence + 1}
    tx.connection().execute(update(_ROWS).where(of_case, _ROWS.c.settled_at.is_(None)).values(ended))
    tx.connection().execute(update(_ROWS).where(of_case).values(body=BLANK))
