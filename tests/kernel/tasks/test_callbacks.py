"""Call-backs: a genuine one moves the unit's own task, once; an impossible one changes nothing."""

import asyncio
from datetime import timedelta

import pytest

from services.domain.events import OutcomeReported, TaskAccepted, TaskObjected, TaskProgressed
from services.kernel.columns import table
from services.kernel.sql import Sql
from services.kernel.store import Tx
from services.kernel.tasks.models import TaskMessage
from services.kernel.tasks.steps import forget_messages
from tests.kernel.tasks.town import Town
from tests.kernel.tasks.voice import Said, body, steps


async def test_the_four_call_backs_move_the_task_and_say_so(here: Town) -> None:
    keyring, unit = here.parts.keyring, here.kind.unit
    accepted = await here.call_back(await body(here, "task.accepted", officer="10543"), message_id="a")
    assert accepted.json() == {"task": (await here.task()).key, "state": "accepted", "again": False}
    await here.call_back(
        await body(here, "task.progressed", step="site_visit", note="到现场了"), message_id="b"
    )
    done = await body(
        here, "task.completed", outcome="paid", resolved=True, summary="已结清。", amount_recovered=12000.5
    )
    assert (await here.call_back(done, message_id="c")).status_code == 200
    first, second, third = await steps(here)
    assert isinstance(first, TaskAccepted)
    assert (first.officer, first.by, first.unit) == ("10543", unit, unit)
    assert isinstance(second, TaskProgressed)
    assert second.note is not None
    assert keyring.open(second.note, second.case_id, "note") == "到现场了"
    assert isinstance(third, OutcomeReported)
    assert (third.outcome, third.resolved, third.amount_recovered_fen) == ("paid", True, 1200050)
    assert third.summary is not None
    assert keyring.open(third.summary, third.case_id, "summary") == "已结清。"
    assert (await here.task()).state == "completed"


async def test_an_objection_says_why_and_who_should_have_it(here: Town) -> None:
    said = await body(
        here, "task.objected", reason="not_our_district", note="在鼓楼", proposed_unit="inspection-gulou"
    )
    assert (await here.call_back(said)).json()["state"] == "objected"
    [event] = await steps(here)
    assert isinstance(event, TaskObjected)
    assert (event.reason, event.proposed_unit) == ("not_our_district", "inspection-gulou")


async def test_a_replayed_message_is_answered_again_and_moves_nothing(here: Town) -> None:
    said = await body(here, "task.progressed", step="site_visit")
    answers = [await here.call_back(said, message_id="same") for _ in range(3)]
    assert [answer.json()["again"] for answer in answers] == [False, True, True]
    assert [type(event) for event in await steps(here)] == [TaskProgressed]
    last = await body(here, "task.completed", outcome="helped")
    assert (await here.call_back(last, message_id="last")).json()["again"] is False
    for message in ("same", "last"):
        again = await here.call_back(said if message == "same" else last, message_id=message)
        assert (again.status_code, again.json()) == (
            200, {"task": last["task"], "state": "completed", "again": True},
        )  # fmt: skip


async def test_one_message_sent_many_times_at_once_moves_the_task_once(here: Town) -> None:
    said = await body(here, "task.accepted")
    answers = await asyncio.gather(*(here.call_back(said, message_id="x") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(not answer.json()["again"] for answer in answers) == 1
    assert [type(event) for event in await steps(here)] == [TaskAccepted]


IMPOSSIBLE = [
    (["task.accepted"], "task.accepted"),
    (["task.progressed"], "task.accepted"),
    (["task.completed"], "task.accepted"),
    (["task.completed"], "task.progressed"),
    (["task.completed"], "task.objected"),
    (["task.completed"], "task.completed"),
    (["task.objected"], "task.accepted"),
    (["task.objected"], "task.completed"),
]
FIELDS: dict[str, Said] = {
    "task.accepted": {},
    "task.progressed": {"step": "site_visit"},
    "task.objected": {"reason": "other"},
    "task.completed": {"outcome": "helped"},
}


@pytest.mark.parametrize(("before", "then"), IMPOSSIBLE)
async def test_an_impossible_step_is_a_conflict_and_changes_nothing(
    here: Town, before: list[str], then: str
) -> None:
    for number, type_ in enumerate(before):
        said = await body(here, type_, **FIELDS[type_])
        assert (await here.call_back(said, message_id=f"b{number}")).status_code == 200
    task, said_before = await here.task(), await steps(here)
    response = await here.call_back(await body(here, then, **FIELDS[then]), message_id="then")
    assert (response.status_code, response.json()["type"]) == (409, "/problems/task-step-impossible")
    assert response.json()["retryable"] is False
    after = await here.task()
    assert (after.state, after.history) == (task.state, task.history)
    assert await steps(here) == said_before


async def test_message_ids_are_forgotten_after_thirty_days(here: Town) -> None:
    await here.call_back(await body(here, "task.accepted"))

    def count(tx: Tx) -> int:
        return len(tx.all(Sql(table(TaskMessage).select())))

    here.clock.by += timedelta(days=29)
    assert await here.service.store.run(forget_messages) == 0
    here.clock.by += timedelta(days=2)
    assert await here.service.store.run(forget_messages) == 1
    assert await here.service.store.run(count) == 0
