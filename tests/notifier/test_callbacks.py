"""Calls by people: who is phoned, how often, and what counts as told."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.domain.events import CallerInformed, CallerUnreachable, CaseClosed, CaseReceived, CaseReopened
from services.kernel.problem import Problem
from services.notifier import callbacks
from services.notifier.translate import Telling
from tests.notifier.bureau import CITY, EIGHT, LANDLINE, MOBILE, MORNING, NIGHT, Bureau, bureau


async def _owed(b: Bureau, phone: str = LANDLINE, **fields: object) -> tuple[CaseReceived, UUID]:
    """A case with a result for a caller who is to be phoned."""
    case = b.received(phone, **fields)  # type: ignore[arg-type]
    await b.hear(case, b.routed(case), b.outcome(case))
    (call,) = b.rows("SELECT * FROM notifier_callback")
    return case, UUID(call["id"])


async def _told(b: Bureau, call: UUID) -> None:
    await b.service.store.run(lambda tx: callbacks.told(tx, call, "10543"))


async def _not_reached(b: Bureau, call: UUID, attempt: int) -> None:
    telling = Telling(b.keyring, CITY)
    await b.service.store.run(lambda tx: callbacks.not_reached(tx, call, attempt, "10543", telling))
    await b.settled()


async def test_a_landline_with_a_result_is_to_be_phoned_and_nothing_is_sent(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await _owed(b)
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert (call["state"], call["why"], call["about"], call["attempts"]) == (
            "open",
            "number",
            "outcome",
            0,
        )
        assert b.deliveries() == []
        assert b.said() == []


async def test_whoever_was_told_on_the_telephone_is_informed(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case, call = await _owed(b)
        await _told(b, call)
        (said,) = b.said()
        assert said == CallerInformed(
            case_id=case.case_id, at=MORNING, by="10543", channel="call", about="outcome", attempts=1
        )
        assert b.rows("SELECT state FROM notifier_callback")[0]["state"] == "told"


async def test_told_twice_is_told_once(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        _, call = await _owed(b)
        await _told(b, call)
        await _told(b, call)
        assert len(b.said()) == 1


async def test_after_three_timed_attempts_the_caller_is_unreachable(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case, call = await _owed(b)
        for attempt in (1, 2, 3):
            assert b.said() == []
            await _not_reached(b, call, attempt)
            await b.forward(hours=2)
        assert b.said() == [
            CallerUnreachable(
                case_id=case.case_id, at=MORNING + timedelta(hours=4), by="10543", channel="call", attempts=3
            )
        ]
        assert b.rows("SELECT state FROM notifier_callback")[0]["state"] == "unreachable"


async def test_two_attempts_lie_two_hours_apart(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        _, call = await _owed(b)
        await _not_reached(b, call, 1)
        await b.forward(hours=1, minutes=59)
        with pytest.raises(Problem) as refused:
            await _not_reached(b, call, 2)
        assert (refused.value.slug, refused.value.status) == ("callback-too-early", 409)
        assert b.rows("SELECT attempts FROM notifier_callback")[0]["attempts"] == 1


async def test_an_attempt_is_counted_once_whoever_sends_it_again(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        _, call = await _owed(b)
        await _not_reached(b, call, 1)
        await b.forward(hours=3)
        with pytest.raises(Problem) as refused:
            await _not_reached(b, call, 1)
        assert refused.value.slug == "callback-changed"


async def test_a_call_in_the_evening_is_tried_again_in_the_morning(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT - timedelta(hours=2)) as b:  # 20:30
        _, call = await _owed(b)
        await _not_reached(b, call, 1)
        row = b.rows("SELECT next_at FROM notifier_callback")[0]
        assert row["next_at"].startswith(f"{EIGHT:%Y-%m-%d %H:%M}")


async def test_a_result_at_night_is_phoned_in_the_morning_unless_it_is_urgent(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        for urgent in (False, True):
            case = b.received(LANDLINE, urgent=urgent)
            await b.hear(case, b.routed(case), b.outcome(case))
        due = [row["next_at"][:16] for row in b.rows("SELECT next_at FROM notifier_callback ORDER BY urgent")]
        assert due == [f"{EIGHT:%Y-%m-%d %H:%M}", f"{NIGHT:%Y-%m-%d %H:%M}"]


async def test_a_mobile_that_nobody_answers_finds_a_text_message(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case)
        await b.hear(b.corrected(case, LANDLINE), b.routed(case), b.outcome(case))
        (row,) = b.rows("SELECT id FROM notifier_callback")
        await b.hear(b.corrected(case, MOBILE))
        for attempt in (1, 2, 3):
            await _not_reached(b, UUID(row["id"]), attempt)
            await b.forward(hours=2)
        assert "多次致电未能接通" in await b.text("unreachable")
        assert [type(event).__name__ for event in b.said()] == ["CallerInformed", "CallerUnreachable"]


@pytest.mark.parametrize("event", [CaseClosed, CaseReopened, CallerInformed])
async def test_a_call_that_is_no_longer_needed_is_not_made(tmp_path: Path, event: type) -> None:
    async with bureau(tmp_path) as b:
        case, call = await _owed(b)
        more = {"reason": "by_agent"} if event is CaseClosed else {}
        more |= {"channel": "web", "about": "outcome"} if event is CallerInformed else {}
        await b.hear(event(case_id=case.case_id, at=b.clock.at, **more))
        with pytest.raises(Problem) as refused:
            await _told(b, call)
        assert refused.value.slug == "callback-closed"
        assert b.said() == []


async def test_a_newer_result_replaces_the_call(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case, _ = await _owed(b)
        await b.hear(b.outcome(case, "unfounded"))
        rows = b.rows("SELECT outcome, state FROM notifier_callback ORDER BY state")
        assert [(row["outcome"], row["state"]) for row in rows] == [
            ("paid", "needless"),
            ("unfounded", "open"),
        ]


async def test_there_is_no_such_call(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        with pytest.raises(Problem) as refused:
            await _told(b, b.around.new_id())
        assert refused.value.status == 404
