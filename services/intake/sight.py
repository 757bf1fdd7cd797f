"""Who may see what of a case. Scope is part of every query: a case out of scope does not exist."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, false, true

from services.domain.kinds import ReportType
from services.domain.sealing import Keyring, Sealed
from services.intake.models import CaseRow, TimelineRow
from services.intake.timeline import TO_CALLER, sealed
from services.kernel.columns import table
from services.kernel.roles import Principal

_CASE: Final = table(CaseRow)


def scope(who: Principal) -> ColumnElement[bool]:
    """Agents see every case, another system its own."""
    if who.may("case.read.all"):
        return true()
    if who.kind != "machine":
        return false()
    return and_(_CASE.c.created_by == who.by, _CASE.c.client == who.name)  # the first has an index


def reveals(who: Principal) -> bool:
    """Whether names behind a report's seal are shown."""
    return who.may("case.reveal")


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader may read of sealed parts. Whatever cannot be opened is None, never an error."""

    who: Principal
    keyring: Keyring

    def identity_hidden(self, row: CaseRow) -> bool:
        """Of a report the caller is for intake's call-backs, and for those who may lift the seal."""
        return row.report_type == ReportType.REPORT and row.identity is not None and not reveals(self.who)

    def record(self, row: CaseRow) -> Mapping[str, object] | None:
        return _opened(self.keyring, row, row.record, "record")

    def caller(self, row: CaseRow) -> Mapping[str, object] | None:
        """Name, phone, residence and the rest of the identity, for those who may know."""
        return None if self.identity_hidden(row) else identity_of(row, self.keyring)

    def words(self, row: TimelineRow, field: str) -> str | None:
        """What somebody wrote: staff read all of it, others what is meant for the caller."""
        closed = sealed(row, field)
        if closed is None or not (self.who.may("case.read.all") or row.type in TO_CALLER):
            return None
        return open_words(row, field, self.keyring)


def open_words(row: TimelineRow, field: str, keyring: Keyring) -> str | None:
    closed = sealed(row, field)
    try:
        return None if closed is None else keyring.open(closed, row.case_id, field)
    except Sealed:
        return None


def identity_of(row: CaseRow, keyring: Keyring) -> Mapping[str, object] | None:
    """Who the caller is. Only for a reader who was found to have the right."""
    return _opened(keyring, row, row.identity, "identity")


def _opened(keyring: Keyring, row: CaseRow, closed: str | None, field: str) -> Mapping[str, object] | None:
    if closed is None:
        return None
    try:
        content: Mapping[str, object] = json.loads(keyring.open(closed, row.case_id, field))
    except Sealed:
        return None
    return content
