"""A record on the wire: CloudEvents 1.0 in binary mode (Kafka protocol binding).

The envelope stands in headers, the body is the value, the key is the case id.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.kernel.eventlog import MAX_BODY, Entry, Record, RecordTooLarge

MAX_ENVELOPE: Final = 8_000  # characters
MAX_RECORD: Final = MAX_BODY + (
    64 << 10
)  # bytes, envelope included; a broker takes 1 MiB unless told otherwise
Headers = list[tuple[str, bytes]]


def headers_of(record: Record) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", record.id.encode()),
        ("ce_type", record.type.encode()),
        ("ce_source", record.source.encode()),
        ("ce_subject", str(record.case_id).encode()),
        ("ce_time", record.at.encode()),
        ("content-type", b"application/json"),
        ("seq", b"%d" % record.seq),
    ]


def entry_of(partition: int, offset: int, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Entry:
    """What is no record, whoever wrote it, becomes an entry without one: it must not stop the rest."""
    given = dict(headers)
    try:
        record = Record(
            id=given["ce_id"].decode(),
            type=given["ce_type"].decode(),
            source=given["ce_source"].decode(),
            case_id=UUID(given["ce_subject"].decode()),
            seq=int(given["seq"]),
            at=given["ce_time"].decode(),
            body=bytes(value),  # type: ignore[arg-type]  # None is a TypeError, and no event
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        return Entry(partition, offset, None, value or b"")
    return Entry(partition, offset, record)


def refuse_too_large(records: Iterable[Record]) -> None:
    """Checked before sending: a refused send would leave the producer with a gap in its sequence."""
    for one in records:
        envelope = len(one.id) + len(one.type) + len(one.source) + len(one.at)
        if len(one.body) > MAX_BODY or envelope > MAX_ENVELOPE:
            raise RecordTooLarge(f"{one.type[:60]} of {len(one.body)} bytes; at most {MAX_BODY}")
