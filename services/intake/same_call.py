"""One call that brings several matters: each is a case of its own, known as such to intake alone.

Nothing of it is in an event: a named caller's complaint beside a report would tell who reported
(劳动保障监察条例 art 9).
"""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from services.intake.author import Author
from services.intake.models import CaseRow
from services.kernel.columns import table
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_CASES: Final = table(CaseRow)
_FIRST: Final = Sql(
    select(_CASES.c.case_id, _CASES.c.call_id, _CASES.c.client).where(_CASES.c.case_id == bindparam("first"))
)
_MARK: Final = Sql(
    update(_CASES)
    .where(_CASES.c.case_id == bindparam("first"))
    .values(call_id=bindparam("call", type_=_CASES.c.call_id.type))
)


def call_of(tx: Tx, case_id: UUID, author: Author) -> UUID | None:
    """The call that brought this case, marked as such from now on; None: no case that the author sees."""
    found = tx.one(_FIRST, first=case_id)
    if found is None or (author.client is not None and found.client != author.client):
        return None
    if found.call_id is None:
        tx.run(_MARK, first=case_id, call=case_id)
    return UUID(str(found.call_id or case_id))
