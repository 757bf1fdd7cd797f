"""What a unit hears of a case that it has: on its worklist, and in its own system, once."""

import json

from services.domain.events import CallAttached, CaseRouted, ClusterAlarmed, ClusterJoined, TaskUndeliverable
from services.simulators.run import serving
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import Kind, secret
from tests.kernel.tasks.town import Town, town
from tests.kernel.tasks.unit import FakeUnit
from tests.places import Place

SAID = "又来电：老板昨天答应先付一半，今天电话不接了。"
SIZE = {"over": "site", "callers": 5, "workers": 30, "amount_owed_fen": None, "days": 30, "level": "mass"}


def attached(here: Town, case: CaseRouted) -> CallAttached:
    def seal(field: str, text: str) -> str:
        return here.parts.keyring.seal("task", case.case_id, field, text, here.parts.around.random.randbytes)

    return CallAttached(
        case_id=case.case_id, at=here.clock(), by="10543", channel="phone", note=seal("note", SAID),
        recording=seal("recording", "rec-78"),
    )  # fmt: skip


def joined(here: Town, case: CaseRouted) -> ClusterJoined:
    return ClusterJoined.model_validate(
        {"case_id": case.case_id, "at": here.clock(), "cluster": "9f2c"} | SIZE
    )


async def test_an_officer_sees_a_further_call_and_the_cluster_on_the_worklist(
    place: Place, kind: Kind
) -> None:
    async with town(place, kind) as here:
        case = here.routed()
        await here.say(case)
        await here.heard("TaskDelivered")
        await here.say(attached(here, case), joined(here, case), source="intake")

        async def noted() -> bool:
            return (await here.task()).cluster is not None

        await until(noted)
        task = await here.task()
        assert SAID not in task.history
        await here.sign_in("20001", "officer", [kind.unit])
        page = (await here.http.get(f"/{kind.service}/tasks/{task.key}")).text
        for words in (
            SAID,
            "再次反映（电话）",
            "群体 5 人",
            "群体性欠薪",
            "涉及 30 人",
            "每个人都要分别告知结果",
        ):
            assert words in page, words
        assert (task.state, await here.said()) == ("delivered", ["TaskDelivered"])


async def test_a_units_own_system_is_told_once_even_when_the_answer_is_lost(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit), "ok", "lost")
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        case = here.routed()
        await here.say(case)
        await here.state("delivered")
        await here.say(attached(here, case), source="intake")

        async def told() -> bool:
            if len(unit.bodies) == 2:
                await here.pass_time(seconds=30)
            return [row.state for row in await here.deliveries()] == ["delivered"] * 2

        await until(told)
        task, news = json.loads(unit.bodies[0]), [json.loads(body) for body in unit.bodies[1:]]
        assert news[0]["task"] == task["task"]
        assert (news[0]["type"], news[0]["text"], news[0]["recording_ref"]) == (
            "call.attached",
            SAID,
            "rec-78",
        )
        assert len(news) > 1
        assert all(one == news[0] for one in news)
        assert {head["idempotency-key"] for head in unit.heads[1:]} == {f'"{news[0]["news"]}"'}


async def test_a_task_in_a_cluster_says_so_when_it_is_sent(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit))
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed(cluster=SIZE))
        await here.state("delivered")
        assert json.loads(unit.bodies[0])["cluster"] == SIZE


async def test_news_that_a_system_does_not_take_becomes_a_persons_and_the_task_stays(
    place: Place, kind: Kind
) -> None:
    unit = FakeUnit(secret(kind.unit), "ok", "404", "404", "404")
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        case = here.routed()
        await here.say(case)
        await here.state("delivered")
        alarm = ClusterAlarmed.model_validate(joined(here, case).model_dump())
        await here.say(alarm, source="intake")

        async def given_up() -> bool:
            for news in [row for row in await here.deliveries() if row.kind == "SendNews"]:
                if news.state == "pending" and news.due_at > here.clock():  # never while it is under way
                    await here.pass_time(seconds=(news.due_at - here.clock()).total_seconds() + 1)
            return "TaskUndeliverable" in await here.said()

        await until(given_up)
        [said] = [event for event in await here.events() if isinstance(event, TaskUndeliverable)]
        assert (said.reason, said.status) == ("refused", 404)
        assert (await here.task()).state == "delivered"
        assert json.loads(unit.bodies[1])["cluster"] == SIZE


async def test_a_case_that_the_unit_no_longer_has_is_no_news_to_it(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        case = here.routed()
        elsewhere = "helpdesk" if kind.service == "inspection" else "inspection"
        await here.say(case, case.model_copy(update={"unit": kind.other, "service": elsewhere}))
        await here.heard("TaskDelivered")
        await here.state("withdrawn")
        await here.say(attached(here, case), source="intake")
        other = here.routed()
        await here.say(other)  # once it is there, what was said before it has been heard
        await here.state("withdrawn", "delivered")
        assert [task.history for task in await here.tasks()] == ["[]", "[]"]
