"""The outbox: events leave a service through a table of its own, in the transaction that made them.

`seq` is contiguous per case: one service writes its events of a case 1, 2, 3 … whoever asks. Rows stay
after publishing, so that a lost log can be filled again (`republish`).
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, bindparam, select, text, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Field, Session, SQLModel, col

from services.domain.events import Event
from services.kernel.among import among
from services.kernel.columns import UtcDateTime, inserting, table
from services.kernel.eventlog import MAX_BODY, Record, RecordTooLarge

if TYPE_CHECKING:
    from services.kernel.store import Tx

SHARDS = 16


class Outgoing(SQLModel, table=True):
    """An event on its way to the log; `published_at` is None until the log has acknowledged it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("case_id", "case_seq"),
        Index("outbox_unpublished", "shard", "id", sqlite_where=text("published_at IS NULL")),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    event_id: UUID = Field(unique=True)
    case_id: UUID
    case_seq: int
    shard: int
    type: str
    at: datetime = Field(sa_type=UtcDateTime)
    body: bytes
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CaseSeq(SQLModel, table=True):
    """The last sequence number that this service gave to an event of a case."""

    __tablename__ = "case_seq"
    case_id: UUID = Field(primary_key=True)
    seq: int


_TABLE, _SEQ = table(Outgoing), table(CaseSeq)
_COLUMNS = (
    _TABLE.c.id,
    _TABLE.c.event_id,
    _TABLE.c.case_id,
    _TABLE.c.case_seq,
    _TABLE.c.type,
    _TABLE.c.at,
    _TABLE.c.body,
)

_KNOWN = select(_SEQ.c.case_id, _SEQ.c.seq).where(among(_SEQ.c.case_id, "cases"))
_LAST_ROW = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'")
_NUMBER = insert(_SEQ)
_NUMBER = _NUMBER.on_conflict_do_update(index_elements=["case_id"], set_={"seq": _NUMBER.excluded.seq})
_MARK = update(_TABLE).where(_TABLE.c.id == bindparam("row")).values(published_at=bindparam("now"))


def shard(case_id: UUID) -> int:
    return zlib.crc32(case_id.bytes) % SHARDS


def write(tx: "Tx", events: Sequence[Event]) -> list[tuple[int, Record]]:
    """Number the events and insert them; return (row id, record) in order, for the relay's memory."""
    connection = tx.connection()
    cases = {event.case_id for event in events}
    seqs: dict[UUID, int] = {row.case_id: row.seq for row in connection.execute(_KNOWN, {"cases": cases})}
    row_id = connection.execute(_LAST_ROW).scalar_one()
    rows: list[dict[str, object]] = []
    records: list[tuple[int, Record]] = []
    for event in events:
        row_id += 1
        seq = seqs[event.case_id] = seqs.get(event.case_id, 0) + 1
        event_id, body = tx.new_id(), event.model_dump_json().encode()
        name = type(event).__name__
        if len(body) > MAX_BODY:
            raise RecordTooLarge(f"{name} of {len(body)} bytes; at most {MAX_BODY}")
        rows.append(
            {"id": row_id, "event_id": event_id, "case_id": event.case_id, "case_seq": seq,
             "shard": shard(event.case_id), "type": name, "at": event.at, "body": body}
        )  # fmt: skip
        records.append((row_id, envelope(tx.service, event_id, event.case_id, seq, name, event.at, body)))
    connection.execute(inserting(Outgoing), rows)
    connection.execute(_NUMBER, [{"case_id": case, "seq": seqs[case]} for case in cases])
    return records


def envelope(
    source: str, event_id: UUID, case_id: UUID, seq: int, name: str, at: datetime, body: bytes
) -> Record:
    return Record(str(event_id), name, source, str(case_id), seq, at.astimezone(UTC).isoformat(), body)


def unpublished(session: Session, source: str, limit: int) -> list[tuple[int, Record]]:
    """The oldest rows that the log has not acknowledged, in the order of their ids."""
    statement = select(*_COLUMNS).where(_TABLE.c.published_at.is_(None)).order_by(_TABLE.c.id).limit(limit)
    return [
        (row.id, envelope(source, row.event_id, row.case_id, row.case_seq, row.type, row.at, row.body))
        for row in session.connection().execute(statement)
    ]


def mark_published(tx: "Tx", ids: Iterable[int]) -> None:
    tx.connection().execute(
        _MARK,
        [{"row": row_id, "now": tx.now} for row_id in ids],
    )


def republish(tx: "Tx", since: datetime) -> int:
    """Send everything again that was written after `since`; the consumers' guards make it harmless."""
    result = tx.connection().execute(
        update(_TABLE)
        .where(_TABLE.c.at >= since, _TABLE.c.published_at.is_not(None))
        .values(published_at=None)
    )
    return result.rowcount


def prune(tx: "Tx", keep: timedelta, limit: int = 500) -> int:
    """Delete published rows older than `keep`, at most `limit` of them: one small bite at a time."""
    old = (
        select(col(Outgoing.id))
        .where(col(Outgoing.published_at) < tx.now - keep)
        .order_by(col(Outgoing.id))
        .limit(limit)
    )
    return tx.connection().execute(_TABLE.delete().where(_TABLE.c.id.in_(old))).rowcount
