"""The wire: what an event looks like in the log, and what keeps older and newer services able to read it.

A golden file is written once, when its event is new, and changes only when an optional field is added. A new
event also enters its required fields into required_fields.json; that entry never grows.
"""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args
from uuid import UUID

import pytest
from pydantic import ValidationError, create_model

from services.domain.events import EVENTS, CaseClosed, CaseReceived, Event, NoteAdded, TaskProgressed

GOLDEN = Path(__file__).parent / "golden"
REQUIRED = json.loads((Path(__file__).parent / "required_fields.json").read_text("utf-8"))
CASE = UUID("01980a3c-6d2e-7c41-9b5f-2f4a6c8e0d13")
EVE = datetime(2026, 2, 15, 15, 42, tzinfo=UTC)

each_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())


def golden(event: type[Event]) -> str:
    return (GOLDEN / f"{event.__name__}.json").read_text("utf-8").removesuffix("\n")


def test_every_event_has_its_golden_file_and_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(EVENTS) == set(REQUIRED)


def test_every_event_that_is_defined_is_registered_under_its_name() -> None:
    ours = {event for event in Event.__subclasses__() if event.__module__.startswith("services.domain.")}
    assert set(EVENTS.values()) == ours
    assert all(name == event.__name__ for name, event in EVENTS.items())


@each_event
def test_an_event_is_written_as_its_golden_file_byte_for_byte(event: type[Event]) -> None:
    assert event.model_validate_json(golden(event)).model_dump_json() == golden(event)


@each_event
def test_a_golden_file_states_every_field_so_that_none_can_be_renamed_or_removed(event: type[Event]) -> None:
    assert list(json.loads(golden(event))) == list(event.model_fields)


@each_event
def test_a_newer_event_with_a_field_that_is_not_known_here_is_still_read(event: type[Event]) -> None:
    newer = json.dumps(json.loads(golden(event)) | {"added_in_2031": {"deep": [1, "二"]}}, ensure_ascii=False)
    assert event.model_validate_json(newer).model_dump_json() == golden(event)


@each_event
def test_no_field_has_become_required_since_the_event_was_first_written(event: type[Event]) -> None:
    least = {
        name: value for name, value in json.loads(golden(event)).items() if name in REQUIRED[event.__name__]
    }
    event.model_validate(least)
    assert {name for name, field in event.model_fields.items() if field.is_required()} == set(least)


@each_event
def test_a_new_required_field_would_make_the_golden_file_unreadable(event: type[Event]) -> None:
    stricter = create_model("Stricter", __base__=event, added_in_2031=(str, ...))
    with pytest.raises(ValidationError, match="added_in_2031"):
        stricter.model_validate_json(golden(event))


@each_event
def test_an_event_cannot_be_changed(event: type[Event]) -> None:
    fact = event.model_validate_json(golden(event))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(fact, "at", EVE)  # noqa: B010


def test_a_moment_of_any_zone_is_written_in_utc() -> None:
    in_nanjing = datetime(2026, 2, 15, 23, 42, tzinfo=timezone(timedelta(hours=8)))
    closed = CaseClosed(case_id=CASE, at=in_nanjing, reason="told")
    assert json.loads(closed.model_dump_json())["at"] == "2026-02-15T15:42:00Z"
    assert closed.at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        CaseClosed(case_id=CASE, at=EVE.replace(tzinfo=None), reason="told")


@pytest.mark.parametrize(
    "text", ["王建国 13812345678", "contact.k1.AAAA", "task.k1.", "task..AAAA", "task.k1.AA AA"]
)
def test_text_that_is_not_sealed_for_its_reader_does_not_get_into_an_event(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NoteAdded(case_id=CASE, at=EVE, note=text)
    assert text not in str(refused.value)


def test_a_code_from_a_newer_service_is_a_fact_all_the_same() -> None:
    step = TaskProgressed(case_id=CASE, at=EVE, unit="inspection-xuanwu", task="1", step="drone_sent")
    assert step.step == "drone_sent"


def test_a_refused_event_does_not_quote_what_it_was_given() -> None:
    with pytest.raises(ValidationError) as refused:
        CaseReceived.model_validate({"number": "王建国", "kind": "13812345678"})
    assert "王建国" not in str(refused.value)
    assert "13812345678" not in str(refused.value)


@each_event
def test_money_is_counted_in_whole_fen(event: type[Event]) -> None:
    for name, field in event.model_fields.items():
        if "amount" in name:
            assert name.endswith("_fen")
            assert get_args(field.annotation) == (int, type(None))
