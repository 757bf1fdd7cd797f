"""The desk's API: who sees what, in which order, and the four steps."""

from datetime import timedelta

import pytest

from services.domain.events import OutcomeReported, TaskAccepted, TaskObjected
from tests.kernel.tasks.kinds import NAME, Kind
from tests.kernel.tasks.town import Town, town
from tests.places import Place


async def opened(here: Town, **fields: object) -> str:
    """A task on the worklist; its key."""
    before = len(await here.tasks())
    await here.say(here.routed(**fields))
    await here.heard(*["TaskDelivered"] * (before + 1))
    return (await here.tasks())[-1].key


async def test_an_officer_sees_the_own_units_tasks_and_no_others(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key, api = await opened(here), f"/api/{kind.service}/tasks"
        mine = await here.officer(units=[kind.unit], name="mine")
        theirs = await here.officer(units=["inspection-xuanwu"], name="theirs")
        nobody = await here.officer(name="nobody")
        boss = await here.officer("supervisor")
        for who, seen in ((mine, 1), (theirs, 0), (nobody, 0), (boss, 1)):
            assert len((await here.http.get(api, headers=who)).json()["tasks"]) == seen
            assert (await here.http.get(f"{api}/{key}", headers=who)).status_code == (200 if seen else 404)
        for step, said in (
            ("accept", {}), ("object", {"reason": "other", "note": "x"}),
            ("progress", {"step": "site_visit"}), ("complete", {"outcome": "helped", "summary": "x"}),
        ):  # fmt: skip
            refused = await here.http.post(f"{api}/{key}/{step}", headers=theirs, json=said)
            assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")
            assert (await here.http.post(f"{api}/{key}/{step}", headers=boss, json=said)).status_code == 403
            assert (await here.http.post(f"{api}/{key}/{step}", json=said)).status_code == 401
        assert (await here.task()).state == "delivered"


@pytest.mark.parametrize("role", ["agent", "operator", "machine", "monitor"])
async def test_other_roles_have_no_worklist(place: Place, kind: Kind, role: str) -> None:
    async with town(place, kind) as here:
        who = await here.officer(role, units=[kind.unit])
        assert (await here.http.get(f"/api/{kind.service}/tasks", headers=who)).status_code == 403


async def test_an_officer_accepts_reports_and_completes(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key, who = await opened(here), await here.officer(units=[kind.unit], name="10543")
        task = f"/api/{kind.service}/tasks/{key}"
        assert (await here.http.post(f"{task}/accept", headers=who, json={})).json()["state"] == "accepted"
        step = {"step": "contacted_caller", "note": "电话打通了"}
        assert (await here.http.post(f"{task}/progress", headers=who, json=step)).json()[
            "state"
        ] == "in_progress"
        done = {
            "outcome": "partly_paid",
            "resolved": False,
            "summary": "先付一半。",
            "amount_recovered": "6,000.50",
        }
        assert (await here.http.post(f"{task}/complete", headers=who, json=done)).json()[
            "state"
        ] == "completed"
        shown = (await here.http.get(task, headers=who)).json()
        assert (shown["officer"], shown["outcome"], shown["amount_recovered"]) == (
            "10543",
            "partly_paid",
            6000.5,
        )
        assert shown["record"]["caller"]["name"] == f"{NAME[0]}**"
        assert shown["steps"] == []
        assert [(one["type"], one["by"], one["note"]) for one in shown["history"]] == [
            ("TaskAccepted", "10543", None),
            ("TaskProgressed", "10543", "电话打通了"),
            ("OutcomeReported", "10543", "先付一半。"),
        ]
        accepted, outcome = (await here.events())[1], (await here.events())[3]
        assert isinstance(accepted, TaskAccepted)
        assert isinstance(outcome, OutcomeReported)
        assert (accepted.by, accepted.officer) == ("10543", "10543")
        assert (outcome.resolved, outcome.amount_recovered_fen) == (False, 600050)


async def test_an_objection_needs_words_and_may_propose_a_unit_that_exists(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key, who = await opened(here), await here.officer(units=[kind.unit])
        task = f"/api/{kind.service}/tasks/{key}/object"
        bare = await here.http.post(task, headers=who, json={"reason": "other"})
        assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "note")
        said = {"reason": "not_our_matter", "note": "不归我们", "proposed_unit": "inspection-atlantis"}
        unknown = await here.http.post(task, headers=who, json=said)
        assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/unknown-unit")
        assert (await here.task()).state == "delivered"
        said["proposed_unit"] = kind.other
        assert (await here.http.post(task, headers=who, json=said)).json()["state"] == "objected"
        objected = (await here.events())[-1]
        assert isinstance(objected, TaskObjected)
        assert (objected.proposed_unit, objected.reason) == (kind.other, "not_our_matter")


async def test_a_step_that_is_impossible_now_is_a_conflict(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key, who = await opened(here), await here.officer(units=[kind.unit])
        task = f"/api/{kind.service}/tasks/{key}/accept"
        assert (await here.http.post(task, headers=who, json={})).status_code == 200
        again = await here.http.post(task, headers=who, json={})
        assert (again.status_code, again.json()["type"]) == (409, "/problems/task-step-impossible")
        assert (await here.said()).count("TaskAccepted") == 1


async def test_an_idempotency_key_makes_a_repeat_harmless(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key, who = await opened(here), await here.officer(units=[kind.unit])
        task, said = f"/api/{kind.service}/tasks/{key}/progress", {"step": "site_visit"}
        answers = [
            await here.http.post(task, headers=who | {"Idempotency-Key": "k"}, json=said) for _ in range(3)
        ]
        assert [answer.json()["again"] for answer in answers] == [False, True, True]
        assert (await here.said()).count("TaskProgressed") == 1
        other = await opened(here)
        path = f"/api/{kind.service}/tasks/{other}/progress"
        fresh = await here.http.post(path, headers=who | {"Idempotency-Key": "k"}, json=said)
        assert fresh.json()["again"] is False


async def test_unknown_fields_are_refused(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key, who = await opened(here), await here.officer(units=[kind.unit])
        task = f"/api/{kind.service}/tasks/{key}/accept"
        response = await here.http.post(task, headers=who, json={"state": "completed", "unit": "x"})
        assert response.status_code == 422
        assert (await here.task()).state == "delivered"


async def test_urgent_tasks_come_first_then_what_is_due_and_then_what_is_old(
    place: Place, kind: Kind
) -> None:
    async with town(place, kind) as here:
        soon, late = here.clock() + timedelta(hours=1), here.clock() + timedelta(days=2)
        given: dict[str, dict[str, object]] = {
            "old": {}, "late": {"accept_by": late}, "soon": {"accept_by": soon}, "new": {},
            "urgent": {"urgency": "urgent"}, "urgent soon": {"urgency": "urgent", "accept_by": soon},
        }  # fmt: skip
        keys = {name: await opened(here, **fields) for name, fields in given.items()}
        who, api = await here.officer(units=[kind.unit]), f"/api/{kind.service}/tasks"
        wanted = [keys[name] for name in ("urgent soon", "urgent", "soon", "late", "old", "new")]
        listed = (await here.http.get(api, headers=who)).json()
        assert [task["task"] for task in listed["tasks"]] == wanted
        seen, cursor = [], None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await here.http.get(api, headers=who, params=params)).json()
            seen += [task["task"] for task in page["tasks"]]
            if (cursor := page["next"]) is None:
                break
        assert seen == wanted


async def test_finished_tasks_are_listed_newest_first(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        keys = [await opened(here) for _ in range(3)]
        who, api = await here.officer(units=[kind.unit]), f"/api/{kind.service}/tasks"
        for key in keys:
            await here.http.post(
                f"{api}/{key}/complete", headers=who, json={"outcome": "other", "summary": "x"}
            )
        listed = (await here.http.get(f"{api}?list=done", headers=who)).json()["tasks"]
        assert [task["task"] for task in listed] == keys[::-1]
