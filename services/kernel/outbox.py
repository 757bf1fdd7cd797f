"""The outbox: events leave a service through a table of its own, in the transaction that made them.

`seq` is contiguous per case: one service writes its events of a case 1, 2, 3 … whoever asks. Rows stay
after publishing, so that a lost log can be filled again (`yikou outbox republish`).
"""

import zlib
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Index, Integer, UniqueConstraint, bindparam, delete, func, select, text, update
from sqlmodel import Field, SQLModel

from services.domain.events import Event
from services.kernel.among import among
from services.kernel.columns import Big, UtcDateTime, table
from services.kernel.database.shards import SHARDS
from services.kernel.eventlog import MAX_BODY, Record, RecordTooLarge
from services.kernel.place import PLACES, Place
from services.kernel.sql import Look, Row, Sql

if TYPE_CHECKING:
    from services.kernel.tx import Tx


class Outgoing(SQLModel, table=True):
    """An event on its way to the log; `published_at` is None until the log has acknowledged it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("case_id", "case_seq"),
        Index(
            "outbox_unpublished",
            "shard",
            "id",
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    event_id: UUID
    case_id: UUID
    case_seq: int
    shard: int
    type: str
    at: datetime = Field(sa_type=UtcDateTime)
    body: bytes
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Span(NamedTuple):
    """A case's rows that are still there: their numbers go from `first` to `last`."""

    case_id: UUID
    first: int
    last: int


_TABLE: Final = table(Outgoing)
_RECORD: Final = (
    _TABLE.c.event_id, _TABLE.c.case_id, _TABLE.c.case_seq, _TABLE.c.type, _TABLE.c.at, _TABLE.c.body,
)  # fmt: skip
_UNPUBLISHED: Final = Sql(
    select(*_RECORD)
    .where(_TABLE.c.published_at.is_(None), among(_TABLE.c.shard, "shards"))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most", type_=Integer))
)
_MARK: Final = Sql(
    update(_TABLE)
    .where(_TABLE.c.case_id == bindparam("case"), _TABLE.c.case_seq == bindparam("number"))
    .values(published_at=bindparam("at"))
)
_SPANS: Final = Sql(
    select(_TABLE.c.case_id, func.min(_TABLE.c.case_seq), func.max(_TABLE.c.case_seq))
    .where(_TABLE.c.case_id > bindparam("beyond"), _TABLE.c.at >= bindparam("since"))
    .group_by(_TABLE.c.case_id)
    .order_by(_TABLE.c.case_id)
    .limit(bindparam("most", type_=Integer)),
    Span,
)
_OF_CASES: Final = Sql(
    select(*_RECORD).where(among(_TABLE.c.case_id, "cases")).order_by(_TABLE.c.case_id, _TABLE.c.case_seq)
)
_OLD: Final = (
    select(_TABLE.c.id)
    .where(_TABLE.c.published_at < bindparam("before"))
    .order_by(_TABLE.c.id)
    .limit(bindparam("most", type_=Integer))
)
_PRUNE: Final = Sql(delete(_TABLE).where(_TABLE.c.id.in_(_OLD)))


def shard(case_id: UUID) -> int:
    return zlib.crc32(case_id.bytes) % SHARDS


def begin(tx: "Tx", case_id: UUID) -> None:
    """A case that is new in the world: nobody has said anything of it, and nobody need look."""
    PLACES.add(tx, Place(case_id))


def write(tx: "Tx", events: Sequence[Event]) -> list[Record]:
    """Number the events and insert them; return their records in order, for the relay's memory."""
    PLACES.load(tx, [event.case_id for event in events])
    records: list[Record] = []
    for event in events:
        place = PLACES.get(tx, event.case_id) or PLACES.add(tx, Place(event.case_id))
        place.said += 1
        event_id, body, name = tx.new_id(), event.model_dump_json().encode(), type(event).__name__
        if len(body) > MAX_BODY:
            raise RecordTooLarge(f"{name} of {len(body)} bytes; at most {MAX_BODY}")
        tx.insert(
            Outgoing, event_id=event_id, case_id=event.case_id, case_seq=place.said,
            shard=shard(event.case_id), type=name, at=event.at, body=body,
        )  # fmt: skip
        records.append(envelope(tx.service, event_id, event.case_id, place.said, name, event.at, body))
    return records


def envelope(
    source: str, event_id: UUID, case_id: UUID, seq: int, name: str, at: datetime, body: bytes
) -> Record:
    return Record(str(event_id), name, source, case_id, seq, at.astimezone(UTC).isoformat(), body)


def _record(source: str, row: Row) -> Record:
    return envelope(source, row.event_id, row.case_id, row.case_seq, row.type, row.at, row.body)


def unpublished(look: Look, source: str, limit: int, shards: Collection[int] = range(SHARDS)) -> list[Record]:
    """The oldest rows of these shards that the log has not acknowledged, in the order of their ids."""
    return [_record(source, row) for row in look.all(_UNPUBLISHED, most=limit, shards=shards)]


def mark_published(tx: "Tx", records: Iterable[Record]) -> None:
    for record in records:
        tx.later(_MARK, case=record.case_id, number=record.seq, at=tx.now)


def spans(look: Look, beyond: UUID, since: datetime, limit: int) -> list[Span]:
    """The cases after `beyond`, in the order of their ids, that have rows written since then."""
    return look.all(_SPANS, beyond=beyond, since=since, most=limit)


def of_cases(look: Look, source: str, cases: Collection[UUID]) -> list[Record]:
    """Every row of these cases that is still there; a case's in their order."""
    return [_record(source, row) for row in look.all(_OF_CASES, cases=cases)]


def prune(tx: "Tx", keep: timedelta, limit: int = 500) -> int:
    """Delete published rows older than `keep`, at most `limit` of them: one small bite at a time."""
    return tx.run(_PRUNE, before=tx.now - keep, most=limit)
