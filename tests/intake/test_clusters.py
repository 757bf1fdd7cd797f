"""Employer clusters on both stores: counted exactly, however many call at once, and an alarm once."""

import asyncio
from uuid import UUID

import pytest

from services.domain.events import CaseErased
from services.intake.handlers import erase
from tests.intake.crowd import EMPLOYER, call, crowd
from tests.intake.hotline import Clock
from tests.places import Place, Server

FIRST = 13851460000


async def test_the_fifth_caller_raises_the_alarm_once_and_the_four_before_hear_of_it(place: Place) -> None:
    async with crowd(place) as desk:
        made = [await desk.write(call(FIRST + n, workers_affected=3, amount_owed=1000)) for n in range(7)]
    (alarm,) = desk.events("ClusterAlarmed")
    assert alarm["case_id"] == made[4].case_id
    assert {
        "level": "group", "over": "employer", "callers": 5, "workers": 5, "amount_owed_fen": 500_000,
    }.items() <= alarm.items()  # fmt: skip
    told = desk.events("ClusterJoined")
    assert {one["case_id"] for one in told} == {one.case_id for one in made[:4]}
    received = desk.events("CaseReceived")
    assert received[0]["cluster"] is None
    assert received[1]["cluster"]["callers"] == 2  # type: ignore[index]
    assert [one["tags"] for one in received[3:]] == [[], *[["cluster_group"]] * 3]
    assert desk.members() == {"n": 7, "s": 7}


async def test_a_heavier_level_is_said_as_well_and_each_only_once(place: Place) -> None:
    async with crowd(place) as desk:
        for n in range(12):
            await desk.write(call(FIRST + n))
        assert [one["level"] for one in desk.events("ClusterAlarmed")] == ["group", "mass"]


async def test_one_caller_who_names_thirty_workers_is_a_mass_incident_at_once(place: Place) -> None:
    async with crowd(place) as desk:
        await desk.write(call(FIRST, workers_affected=30))
        (alarm,) = desk.events("ClusterAlarmed")
    assert (alarm["level"], alarm["callers"], alarm["workers"]) == ("mass", 1, 30)


async def test_one_caller_who_rings_ten_times_is_one_caller(place: Place) -> None:
    async with crowd(place) as desk:
        for _ in range(10):
            await desk.write(call(FIRST, amount_owed=900_00))
        assert desk.events("ClusterAlarmed") == []
        assert desk.events("CaseReceived")[-1]["cluster"] is None


async def test_names_in_all_spellings_count_together_and_other_districts_apart(place: Place) -> None:
    names = [
        "宏远建筑劳务",
        "宏遠建築勞務公司",
        "南京宏远建筑劳务有限公司（江宁项目部）",
        "宏远建筑劳务江宁分公司",
    ]
    async with crowd(place) as desk:
        for n, name in enumerate(names):
            await desk.write(call(FIRST + n, employer={"name": name, "work_address": "江宁区秣陵街道"}))
        elsewhere = {"name": "宏远建筑劳务", "work_address": "浦口区江浦街道"}
        await desk.write(call(FIRST + 8, employer=elsewhere))
        assert desk.events("ClusterAlarmed") == []
        await desk.write(call(FIRST + 9, employer={"name": "宏远建筑劳务", "work_address": "江宁区"}))
        (alarm,) = desk.events("ClusterAlarmed")
    assert alarm["callers"] == 5


async def test_a_site_with_many_employers_is_a_cluster_too(place: Place) -> None:
    async with crowd(place) as desk:
        for n in range(5):
            employer = EMPLOYER | {"name": f"{'甲乙丙丁戊'[n]}方土石方队"}
            await desk.write(call(FIRST + n, employer=employer))
        (alarm,) = desk.events("ClusterAlarmed")
    assert (alarm["over"], alarm["callers"]) == ("site", 5)


async def test_when_the_window_is_over_the_next_crowd_raises_the_alarm_again(place: Place) -> None:
    async with crowd(place) as desk:
        for wave in range(2):
            for n in range(5):
                await desk.write(call(FIRST + n))
            desk.clock.forward(days=31)
            assert len(desk.events("ClusterAlarmed")) == wave + 1


async def test_nobody_and_other_kinds_are_in_no_cluster(place: Place) -> None:
    async with crowd(place) as desk:
        for n in range(6):
            await desk.write(call(FIRST + n, employer={"name": "不知道", "work_address": "江宁区"}))
            await desk.write(call(FIRST + n, kind="job_assistance"))
        assert desk.members() == {}
        assert desk.events("ClusterAlarmed") == []


async def test_after_an_erasure_the_caller_is_nobody_and_still_counts(place: Place) -> None:
    async with crowd(place) as desk:
        made = [await desk.write(call(FIRST + n)) for n in range(4)]
        erased = CaseErased(case_id=UUID(made[0].case_id), at=desk.clock())
        await desk.store.run(lambda tx: list(erase(erased, tx)))
        callers = {caller for (caller,) in place.rows("intake", "SELECT caller FROM intake_cluster_case")}
        assert len(callers) == 4
        assert UUID(made[0].case_id).hex in callers
        rows = place.rows("intake", "SELECT employer_core, phone_index FROM intake_case")
        assert [row for row in rows if None in row] == [(None, None)]
        await desk.write(call(FIRST + 4))
        assert len(desk.events("ClusterAlarmed")) == 1


@pytest.mark.parametrize("several", [1, 10])
async def test_a_hundred_calls_at_once_are_all_counted_and_alarm_once(place: Place, several: int) -> None:
    async with crowd(place) as desk:
        made = await desk.write_all([call(FIRST + n % (100 // several), amount_owed=10) for n in range(100)])
        assert len({one.number for one in made}) == 100
        callers = 100 // several
        assert desk.members() == {"n": 100, "s": 100}
        levels = [one["level"] for one in desk.events("ClusterAlarmed")]
        assert levels in (["mass"], ["group", "mass"])
        await desk.write(call(FIRST))
        newest = desk.events("CaseReceived")[-1]["cluster"]
    assert (newest["callers"], newest["amount_owed_fen"]) == (callers, callers * 1000)  # type: ignore[index]


async def test_two_processes_lose_no_caller_and_alarm_once(server: Server) -> None:
    clock = Clock()
    async with crowd(server, 1, clock) as one, crowd(server, 2, clock) as two:
        made = await asyncio.gather(
            *((one, two)[n % 2].write(call(FIRST + n, workers_affected=n % 9 + 1)) for n in range(100))
        )
        assert len({created.number for created in made}) == 100
        assert one.members() == {"n": 100, "s": 100}
        levels = [alarm["level"] for alarm in one.events("ClusterAlarmed")]
        assert levels in (["mass"], ["group", "mass"])
        await one.write(call(FIRST))
        newest = one.events("CaseReceived")[-1]["cluster"]
        assert newest["callers"] == 100  # type: ignore[index]
        opened = {event["case_id"] for event in one.events("CaseReceived") if not event["tags"]}
        told = {event["case_id"] for event in one.events("ClusterJoined")}
        said = {event["case_id"] for event in one.events("ClusterAlarmed")}
        assert opened <= told | said
