"""Every night: what we have against what the unit's system has. Healed by rule, or given to a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.kernel import metrics
from services.kernel.tasks.adapter import COMPARE_EVERY
from services.kernel.tasks.comparing import SILENT
from services.kernel.tasks.verdicts import OURS, PAIRS, TABLE, THEIRS
from services.simulators.run import serving
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import Kind, secret
from tests.kernel.tasks.town import Town, town
from tests.kernel.tasks.unit import FakeUnit
from tests.places import Place

Report = dict[str, list[dict[str, Any]]]


class System(FakeUnit):
    """A unit's system whose states a test plants. `lists`: it can say what it has; `silent`: nothing."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.states: dict[str, str] = {}
        self.lists, self.silent = True, False

    async def _answer(self, request: Request) -> Response:
        if request.method == "GET" and self.silent:
            self.questions += 1
            return Response("no", 503)
        if request.method == "GET" and request.url.path.endswith("/tasks"):
            there = [{"key": key, "state": state} for key, state in self.states.items()]
            half = len(there) // 2
            after = request.query_params.get("after")
            page = {"tasks": there[half:], "next": None} if after else {"tasks": there[:half], "next": "x"}
            return JSONResponse(page) if self.lists else Response("no", 405)
        return await super()._answer(request)

    def _act(self, sent: dict[str, object]) -> None:
        super()._act(sent)
        self.states[str(sent["task"])] = "received"

    def _question(self, key: str) -> Response:
        self.questions += 1
        if key not in self.states:
            return JSONResponse({"error": "no"}, 404)
        return JSONResponse({"key": key, "state": self.states[key], "reference": "REF"})


@asynccontextmanager
async def connected(place: Place, kind: Kind, tasks: int) -> AsyncIterator[tuple[Town, System, list[str]]]:
    """A unit that has taken some tasks, an hour ago; their keys."""
    system = System(secret(kind.unit))
    async with serving(system) as url, town(place, kind, url) as here:
        system.clock = here.clock
        await here.say(*(here.routed() for _ in range(tasks)))
        await here.state(*["delivered"] * tasks)
        await here.pass_time(hours=1)
        yield here, system, [task.key for task in await here.tasks()]


async def compare(here: Town) -> Report:
    """Have it done now; the report."""
    chief = await here.officer("supervisor", name=f"chief-{here.clock.by.seconds}")
    path = f"/api/{here.kind.service}/comparison"
    assert (await here.http.post(f"{path}/{here.kind.unit}", headers=chief)).status_code == 202
    await dict(here.service.loops)[COMPARE_EVERY]()
    report: Report = (await here.http.get(path, headers=chief)).json()
    [run] = report["runs"]
    assert run["finished"]
    await here.pass_time(seconds=1)
    return report


def found(report: Report) -> dict[str, tuple[str, str, str]]:
    """Of each task: ours, theirs, and what was done."""
    return {one["task"]: (one["ours"], one["theirs"], one["verdict"]) for one in report["differences"]}


def drift(here: Town) -> float:
    return metrics.DRIFT.labels(here.kind.service, here.kind.unit)._value.get()  # type: ignore[no-any-return]


def test_every_pair_of_states_has_one_verdict_and_a_person_is_told_what_to_do() -> None:
    assert len(PAIRS) == len(TABLE) == len(OURS) * len(THEIRS)
    assert set(TABLE) == {(ours, theirs) for ours in OURS for theirs in THEIRS}
    assert all(bool(one.zh and one.en) == (one.do == "person") for one in TABLE.values())


async def test_planted_differences_are_healed_by_rule_or_given_to_a_person(place: Place, kind: Kind) -> None:
    async with connected(place, kind, 6) as (here, system, keys):
        _, accepted, moving, lost, done, odd = keys
        system.states |= {accepted: "accepted", moving: "in_progress", done: "completed", odd: "on fire"}
        system.states["THEIRS-77"] = "accepted"
        del system.states[lost], system.tasks[lost]
        report = await compare(here)
        assert found(report) == {
            accepted: ("delivered", "accepted", "accept"),
            moving: ("delivered", "in_progress", "progress"),
            lost: ("delivered", "none", "send_again"),
            done: ("delivered", "completed", "person"),
            odd: ("delivered", "other", "person"),
            "THEIRS-77": ("none", "accepted", "person"),
        }
        [run] = report["runs"]
        assert (run["asked"], run["same"], run["healed"], run["person"]) == (6, 1, 3, 3)
        assert drift(here) == 3
        here.cell.deliveries.wake()
        await until(lambda: lost in system.tasks)  # under the key that it had
        states = {task.key: task.state for task in await here.tasks()}
        assert [states[key] for key in keys] == [
            "delivered", "accepted", "in_progress", "delivered", "delivered", "delivered",
        ]  # fmt: skip
        assert "OutcomeReported" not in await here.said()  # done there is not done: nobody told the caller
        print(f"\n{kind.service}: {found(report)}")


async def test_what_was_seen_to_and_is_still_there_is_found_again_and_what_is_gone_is_settled(
    place: Place, kind: Kind
) -> None:
    async with connected(place, kind, 1) as (here, system, [key]):
        system.states |= {key: "objected", "THEIRS-1": "received"}
        assert len(found(await compare(here))) == 2
        chief = await here.officer("supervisor", name="settler")
        path = f"/api/{kind.service}/comparison/{kind.unit}"
        for task, status in ((key, 200), (key, 404), ("THEIRS-9", 404)):
            answer = await here.http.post(f"{path}/{task}/settle", json={"note": "已电话核对"}, headers=chief)
            assert answer.status_code == status
        del system.states["THEIRS-1"]
        report = await compare(here)
        by = {one["task"]: one["settled_by"] for one in report["differences"]}
        assert by == {key: None, "THEIRS-1": "rule"}
        assert drift(here) == 1


async def test_a_unit_that_says_nothing_is_left_alone_soon_and_nothing_is_concluded(
    place: Place, kind: Kind
) -> None:
    async with connected(place, kind, 8) as (here, system, keys):
        system.states[keys[0]] = "completed"
        await compare(here)
        system.silent, system.questions = True, 0
        report = await compare(here)
        [run] = report["runs"]
        assert (run["asked"], run["unanswered"], run["listed"]) == (SILENT, SILENT, False)
        assert system.questions == SILENT + 1  # and the list
        assert drift(here) == 1


async def test_without_a_list_our_own_tasks_are_compared_all_the_same(place: Place, kind: Kind) -> None:
    async with connected(place, kind, 2) as (here, system, keys):
        system.lists = False
        system.states[keys[1]] = "accepted"
        report = await compare(here)
        assert found(report) == {keys[1]: ("delivered", "accepted", "accept")}
        [run] = report["runs"]
        assert not run["listed"]


@pytest.mark.parametrize("role", ["agent", "officer", "machine"])
async def test_only_supervisors_order_and_settle(place: Place, kind: Kind, role: str) -> None:
    async with connected(place, kind, 1) as (here, _, [key]):
        who = await here.officer(role, units=(kind.unit,))
        path = f"/api/{kind.service}/comparison/{kind.unit}"
        assert (await here.http.post(path, headers=who)).status_code == 403
        settled = await here.http.post(f"{path}/{key}/settle", json={"note": "x"}, headers=who)
        assert settled.status_code == 403


async def test_the_page_says_what_differs_and_what_to_do(place: Place, kind: Kind) -> None:
    async with connected(place, kind, 1) as (here, system, [key]):
        system.states[key] = "completed"
        await compare(here)
        csrf = await here.sign_in("10001", "supervisor")
        page = (await here.http.get(f"/{kind.service}/comparison")).text
        assert "请向对方索取结果，来电人尚未被告知" in page
        settled = await here.http.post(
            f"/{kind.service}/comparison/{kind.unit}/{key}", data={"csrf_token": csrf, "note": "已索取结果"}
        )
        assert settled.status_code == 303
        page = (await here.http.get(f"/{kind.service}/comparison?done=1")).text
        assert "10001：已索取结果" in page
