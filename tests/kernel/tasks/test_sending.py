"""A task on its way: never lost, never doubled, whatever the unit's system does; and then a person's."""

import json
from datetime import timedelta

import pytest

from services.domain.events import CaseClosed, CaseRouted, TaskDelivered, TaskUndeliverable
from services.domain.sealing import Keyring
from services.simulators.run import serving
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import NAME, PHONE, RECORD, Kind, secret
from tests.kernel.tasks.town import Town, town
from tests.kernel.tasks.unit import FakeUnit
from tests.places import Place

PASSING = ["500", "503", "429", "409", "425", "redirect"]
LOST = ["lost", "cut", "garbage", "packed", "deep", "endless"]


async def let_time_pass(here: Town, *, until_state: str) -> None:
    """Turn the clock on to whatever the only delivery to our unit waits for, until it stands there."""
    looks = 0

    async def there() -> bool:
        nonlocal looks
        looks += 1
        rows = [row for row in await here.deliveries() if row.destination == here.kind.unit]
        if not rows or rows[0].state == until_state:
            return bool(rows)
        row = rows[0]
        now = here.clock()
        under_way = row.state == "sending" or (row.state == "unknown" and row.lease_until > now)
        if not under_way and (row.due_at > now or looks % 30 == 0):
            wait = max(row.due_at - now, timedelta(seconds=30))
            await here.pass_time(seconds=wait.total_seconds() + 1)
        return False

    await until(there, seconds=20)


@pytest.mark.parametrize("mood", [*PASSING, *LOST])
async def test_a_task_is_at_the_unit_once_whatever_came_before(place: Place, kind: Kind, mood: str) -> None:
    unit = FakeUnit(secret(kind.unit), mood, mood)
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed())
        await let_time_pass(here, until_state="delivered")
        await here.state("delivered")
        [delivered] = [event for event in await here.events() if isinstance(event, TaskDelivered)]
        task = await here.task()
        assert (delivered.task, delivered.via, delivered.reference) == (task.key, "http", "REF-1")
        assert list(unit.tasks) == [task.key]
        assert unit.elsewhere == 0
        if mood == "lost":  # it acted: it was asked, and not sent again
            assert (unit.acts, unit.questions, len(unit.bodies)) == (1, 1, 1)
        assert len(set(unit.bodies)) == 1
        assert {head["idempotency-key"] for head in unit.heads} == {f'"{task.key}"'}
        assert {head["webhook-id"] for head in unit.heads} == {task.key}
        fences = [int(head["x-task-fence"]) for head in unit.heads]
        assert fences == sorted(set(fences))


async def test_the_body_holds_the_complete_record_in_the_units_words(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit))
    async with serving(unit) as url, town(place, kind, url) as here:
        long = RECORD | {"text": "欠薪。" * 2000}
        await here.say(here.routed(open_record=long, urgency="urgent", accept_by="2026-10-01T01:00:00Z"))
        await here.state("delivered")
        task = await here.task()
    [body] = unit.bodies
    sent = json.loads(body)
    assert set(sent) == {"task", "case", "kind", "urgency", "unit", "accept_by", "cluster", "record"}
    assert (sent["task"], sent["case"], sent["kind"]) == (task.key, "7K3M92QAXT5", kind.case)
    assert (sent["unit"], sent["urgency"], sent["accept_by"]) == (
        kind.unit,
        "urgent",
        "2026-10-01T01:00:00+00:00",
    )
    said = json.dumps(sent["record"], ensure_ascii=False)
    for value in ("欠薪。" * 2000, NAME, PHONE, "宏达建筑", "江宁区天元路1号", "12000.5", "rec-77"):
        assert value in said
    assert len(body) < 20_000


async def test_a_reference_that_could_name_a_person_is_not_repeated(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit), "nameless")
    async with serving(unit) as url, town(place, kind, url) as here:
        await here.say(here.routed())
        await here.heard("TaskDelivered")
        [delivered] = [event for event in await here.events() if isinstance(event, TaskDelivered)]
        assert delivered.reference is None


@pytest.mark.parametrize(("mood", "reason", "status"), [("422", "refused", 422), ("410", "gone", 410)])
async def test_a_task_that_is_refused_becomes_a_persons(
    place: Place, kind: Kind, mood: str, reason: str, status: int
) -> None:
    unit = FakeUnit(secret(kind.unit), mood, mood, mood)
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed())
        await let_time_pass(here, until_state="refused")
        await here.state("by_hand")
        task = await here.task()
        [told] = [event for event in await here.events() if isinstance(event, TaskUndeliverable)]
        assert (told.task, told.unit, told.reason, told.status) == (task.key, kind.unit, reason, status)
        officer = await here.officer(units=[kind.unit])
        listed = await here.http.get(f"/api/{kind.service}/tasks?list=by_hand", headers=officer)
        assert [one["task"] for one in listed.json()["tasks"]] == [task.key]
        taken = await here.http.post(f"/api/{kind.service}/tasks/{task.key}/accept", headers=officer, json={})
        assert taken.json() == {"task": task.key, "state": "accepted", "again": False}


async def test_a_record_that_cannot_be_opened_is_a_persons_at_once(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit))
    async with serving(unit) as url, town(place, kind, url) as here:
        strange = Keyring.create(here.parts.around.random.randbytes)
        event = here.routed()
        sealed = strange.seal("task", event.case_id, "record", "{}", here.parts.around.random.randbytes)
        await here.say(event.model_copy(update={"record": sealed}))
        await here.heard("TaskUndeliverable")
        [told] = [event for event in await here.events() if isinstance(event, TaskUndeliverable)]
        assert (told.reason, told.status) == ("unsealable", None)
        assert unit.bodies == []


async def test_an_urgent_task_that_hangs_is_told_to_a_person_and_goes_on_being_tried(
    place: Place, kind: Kind
) -> None:
    unit = FakeUnit(secret(kind.unit), *["503"] * 5)
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed(urgency="urgent"))
        await until(lambda: len(unit.bodies) == 1)
        await here.pass_time(minutes=31)
        await here.heard("TaskUndeliverable")
        assert (await here.task()).state == "by_hand"
        await let_time_pass(here, until_state="delivered")
        await here.state("delivered")
        assert await here.said() == ["TaskUndeliverable", "TaskDelivered"]


async def test_a_call_back_before_the_answer_settles_the_delivery(place: Place, kind: Kind) -> None:
    """The answer was lost, but the unit has begun: nothing is asked and nothing sent again."""
    unit = FakeUnit(secret(kind.unit), "lost")
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed())
        await until(lambda: unit.acts == 1)
        await let_time_pass(here, until_state="unknown")
        key = (await here.task()).key
        body: dict[str, object] = {"type": "task.accepted", "task": key, "at": here.clock().isoformat()}
        assert (await here.call_back(body)).status_code == 200
        await here.state("accepted")
        assert [row.state for row in await here.deliveries()] == ["delivered"]
        assert await here.said() == ["TaskDelivered", "TaskAccepted"]
        await here.pass_time(hours=2)
        assert (unit.questions, len(unit.bodies)) == (0, 1)


async def test_a_task_that_is_no_longer_wanted_is_not_sent(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit), *["503"] * 2)
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        event: CaseRouted = here.routed()
        await here.say(event)
        await until(lambda: len(unit.bodies) >= 1)
        await let_time_pass(here, until_state="pending")
        await here.say(
            CaseClosed(case_id=event.case_id, at=here.clock(), reason="withdrawn"), source="intake"
        )
        await here.state("withdrawn")
        sent = len(unit.bodies)
        await here.pass_time(hours=1)
        await here.state("withdrawn")
        assert len(unit.bodies) == sent
        assert [row.state for row in await here.deliveries()] == ["called_off"]


async def test_what_a_person_handed_over_is_not_sent_any_more(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit), *["503"] * 50)
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed(urgency="urgent"))
        await until(lambda: len(unit.bodies) == 1)
        await here.pass_time(minutes=31)
        await here.heard("TaskUndeliverable")
        officer, key = await here.officer(units=[kind.unit]), (await here.task()).key
        await let_time_pass(here, until_state="pending")
        await here.http.post(f"/api/{kind.service}/tasks/{key}/accept", headers=officer, json={})
        assert await here.said() == ["TaskUndeliverable", "TaskDelivered", "TaskAccepted"]
        [handed] = [event for event in await here.events() if isinstance(event, TaskDelivered)]
        assert handed.via == "worklist"
        sent = len(unit.bodies)
        await here.pass_time(hours=5)
        assert (await here.task()).state == "accepted"
        assert len(unit.bodies) == sent
