"""A unit's own status codes move its tasks by the city's table; one that nobody agreed on changes nothing."""

from pathlib import Path

import pytest

from services.domain.events import OutcomeReported, TaskAccepted, TaskObjected, TaskProgressed
from tests.kernel.tasks.kinds import KINDS, Kind
from tests.kernel.tasks.test_comparison import compare, connected, found
from tests.kernel.tasks.test_folder import TheirSystem, report
from tests.kernel.tasks.town import Town, town
from tests.kernel.tasks.voice import body, steps
from tests.places import Place

INSPECTION = KINDS[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def setting(request: pytest.FixtureRequest) -> tuple[Kind, str]:
    return INSPECTION, request.param


async def test_codes_of_their_own_move_the_task(here: Town) -> None:
    for number, (code, state) in enumerate([("10", "accepted"), ("21", "in_progress"), ("30", "completed")]):
        said = await body(here, "task.status", status=code, text="工资已结清。", amount_recovered=12000.5)
        answer = await here.call_back(said, message_id=f"m-{number}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    accepted, progressed, done = await steps(here)
    assert isinstance(accepted, TaskAccepted)
    assert isinstance(progressed, TaskProgressed)
    assert progressed.step == "site_visit"
    assert isinstance(done, OutcomeReported)
    assert (done.outcome, done.resolved, done.amount_recovered_fen) == ("paid", True, 1200050)
    assert done.summary is not None
    assert here.parts.keyring.open(done.summary, done.case_id, "summary") == "工资已结清。"


async def test_a_code_may_send_the_task_back(here: Town) -> None:
    answer = await here.call_back(await body(here, "task.status", status="90"))
    assert answer.json()["state"] == "objected"
    [event] = await steps(here)
    assert isinstance(event, TaskObjected)
    assert event.reason == "not_our_district"


async def test_a_code_that_nobody_agreed_on_changes_nothing(here: Town) -> None:
    answer = await here.call_back(await body(here, "task.status", status="77"))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-status")
    assert "77" not in answer.text
    assert await steps(here) == []
    accepted = await here.call_back(await body(here, "task.status", status="10"))
    assert accepted.json()["again"] is False


async def test_a_code_that_says_received_delivers_the_task_and_takes_no_step(here: Town) -> None:
    for _ in range(2):
        answer = await here.call_back(await body(here, "task.status", status="00"))
        assert (answer.status_code, answer.json()["state"]) == (200, "delivered")
    assert await steps(here) == []
    assert (await here.said()).count("TaskDelivered") == 1
    accepted = await here.call_back(await body(here, "task.status", status="10"), message_id="m-2")
    assert accepted.json()["state"] == "accepted"
    late = await here.call_back(await body(here, "task.status", status="00"), message_id="m-3")
    assert (late.status_code, late.json()["state"]) == (200, "accepted")


async def test_the_nightly_comparison_reads_their_codes_by_the_same_table(place: Place) -> None:
    """Planted: same, accepted, in progress, completed, unknown; asked for one by one, and listed."""
    async with connected(place, INSPECTION, 5) as (here, system, keys):
        codes = ("00", "10", "21", "30", "王秀英办")
        system.states |= dict(zip(keys, codes, strict=True)) | {"THEIRS-1": "10"}
        report = await compare(here)
        same, accepted, moving, done, odd = keys
        assert found(report) == {
            accepted: ("delivered", "accepted", "accept"),
            moving: ("delivered", "in_progress", "progress"),
            done: ("delivered", "completed", "person"),
            odd: ("delivered", "other", "person"),
            "THEIRS-1": ("none", "accepted", "person"),
        }
        states = {task.key: task.state for task in await here.tasks()}
        assert [states[key] for key in (same, accepted, moving, done, odd)] == [
            "delivered", "accepted", "in_progress", "delivered", "delivered",
        ]  # fmt: skip
        assert "王秀英" not in str(report)  # what could be anything is not repeated


async def test_their_codes_count_in_a_folder_too(place: Place, tmp_path: Path) -> None:
    async with town(place, INSPECTION, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed())
        key = (await theirs.task()).task
        theirs.write("0.json", report(key, "status", status="00"))
        await theirs.collect()
        assert (await here.task()).state == "delivered"
        theirs.write("1.json", report(key, "status", status="10"))
        theirs.write("2.json", report(key, "status", status="77"))
        await theirs.collect()
        assert (await here.task()).state == "accepted"
        assert theirs.refused("2.json")["type"] == "/problems/unknown-status"
