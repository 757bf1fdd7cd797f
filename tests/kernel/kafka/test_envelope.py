"""Records on the wire, and what is no record."""

import pytest

from services.kernel.kafka.envelope import entry_of, headers_of
from tests.kernel.event_logs import case_id, record

RECORD = record("case", 7, "拖欠".encode())


def test_a_record_is_a_cloud_event_in_binary_mode() -> None:
    assert dict(headers_of(RECORD)) == {
        "ce_specversion": b"1.0", "ce_id": b"case-7", "ce_type": b"AnswerGiven", "ce_source": b"desk",
        "ce_subject": str(case_id("case")).encode(), "ce_time": b"2026-09-30T15:00:00+00:00",
        "content-type": b"application/json", "seq": b"7",
    }  # fmt: skip
    assert entry_of(3, 9, RECORD.body, headers_of(RECORD)).record == RECORD


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "seq"])
def test_without_a_part_of_its_envelope_it_is_no_record(name: str) -> None:
    headers = [(key, value) for key, value in headers_of(RECORD) if key != name]
    entry = entry_of(3, 9, RECORD.body, headers)
    assert (entry.record, entry.raw, entry.partition, entry.offset) == (None, RECORD.body, 3, 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_subject", b"\xff"),
        ("ce_subject", b"not a case"),
        ("seq", b"seven"),
        ("seq", None),
        ("ce_id", None),
    ],
)
def test_with_a_broken_envelope_it_is_no_record(name: str, value: bytes) -> None:
    headers = [(key, value if key == name else given) for key, given in headers_of(RECORD)]
    assert entry_of(3, 9, RECORD.body, headers).record is None


def test_without_a_body_it_is_no_record() -> None:
    entry = entry_of(3, 9, None, headers_of(RECORD))
    assert (entry.record, entry.raw) == (None, b"")
