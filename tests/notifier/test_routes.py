"""The API of the call-backs."""

from pathlib import Path

import pytest

from tests.notifier.bureau import LANDLINE, NAME, Bureau, bureau


async def _owed(b: Bureau) -> None:
    case = b.received(LANDLINE)
    await b.hear(case, b.routed(case), b.outcome(case))


async def test_call_backs_are_listed_page_by_page(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        agent = await b.bearer()
        for _ in range(3):
            await _owed(b)
            b.clock.forward(seconds=1)
        first = (await b.client.get("/api/callbacks?limit=2", headers=agent)).json()
        rest = (await b.client.get(f"/api/callbacks?limit=2&cursor={first['next']}", headers=agent)).json()
        assert [len(first["callbacks"]), len(rest["callbacks"]), rest["next"]] == [2, 1, None]
        call = first["callbacks"][0]
        assert (call["phone"], call["name"], call["state"], call["attempts"]) == (LANDLINE, NAME, "open", 0)
        assert (await b.client.get("/api/callbacks?state=told", headers=agent)).json()["callbacks"] == []


async def test_an_agent_tells_over_the_api(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        agent = await b.bearer()
        await _owed(b)
        call = (await b.client.get("/api/callbacks", headers=agent)).json()["callbacks"][0]["id"]
        missed = await b.client.post(f"/api/callbacks/{call}/not-reached", json={"attempt": 1}, headers=agent)
        assert (missed.status_code, missed.json()["attempts"]) == (200, 1)
        assert missed.json()["tries"][0]["by"] == "agent"
        early = await b.client.post(f"/api/callbacks/{call}/not-reached", json={"attempt": 2}, headers=agent)
        assert (early.status_code, early.json()["type"]) == (409, "/problems/callback-too-early")
        assert early.json()["title"] == "还没到下次回电时间"
        told = await b.client.post(f"/api/callbacks/{call}/told", headers=agent)
        assert (told.status_code, told.json()["state"]) == (200, "told")
        assert b.told() == [("call", "outcome")]


@pytest.mark.parametrize("body", [{}, {"attempt": 0}, {"attempt": "1"}, {"attempt": 1, "note": "x"}])
async def test_what_an_attempt_must_say(tmp_path: Path, body: dict[str, object]) -> None:
    async with bureau(tmp_path) as b:
        agent = await b.bearer()
        path = f"/api/callbacks/{b.around.new_id()}/not-reached"
        assert (await b.client.post(path, json=body, headers=agent)).status_code == 422


@pytest.mark.parametrize("role", ["operator", "officer", "machine", "monitor"])
async def test_others_neither_see_nor_tell(tmp_path: Path, role: str) -> None:
    async with bureau(tmp_path) as b:
        await _owed(b)
        who = await b.bearer(role)
        call = b.rows("SELECT id FROM notifier_callback")[0]["id"]
        assert (await b.client.get("/api/callbacks", headers=who)).status_code == 403
        assert (await b.client.post(f"/api/callbacks/{call}/told", headers=who)).status_code == 403
        assert (await b.client.get("/api/callbacks")).status_code == 401


async def test_an_unknown_call_back_is_not_found(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        path = f"/api/callbacks/{b.around.new_id()}/told"
        assert (await b.client.post(path, headers=await b.bearer())).status_code == 404
