"""The page and the API of alarms: who must be rung up, and who may say that somebody has it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from services.domain.events import CaseReceived
from services.kernel import outbox
from tests.domain.nanjing_time import local
from tests.kernel.front import BROWSER
from tests.router.hall import Hall, hall
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, place


@pytest.fixture
async def h(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path) as h:
        h.office.clock.at = local("2026-09-30 22:40")
        yield h


async def alarm(h: Hall) -> tuple[CaseReceived, UUID]:
    case = h.case(work=place(JIANGNING), urgent=True)
    await h.office.hear(case)
    alert = (await h.office.case(case.case_id)).alert
    assert alert is not None
    return case, alert


async def said(h: Hall) -> list[str]:
    return [one.type for one in await h.office.store.run(lambda tx: outbox.unpublished(tx, "router", 99))]


async def test_the_desk_sees_whom_to_ring_up_and_says_who_has_it(h: Hall) -> None:
    case, alert = await alarm(h)
    await h.front.person("agent")
    await h.front.sign_in()
    page = (await h.client.get("/alerts", headers=BROWSER)).text
    assert "江宁区劳动保障监察大队" in page
    assert 'href="tel:19900020081"' in page
    data = {"csrf_token": await h.front.csrf(), "staff": "200801"}
    answer = await h.client.post(f"/alerts/{alert}", data=data, headers=BROWSER)
    assert answer.status_code == 303
    page = (await h.client.get("/alerts", headers=BROWSER)).text
    assert "没有等待签收的紧急事项" in page
    assert (await said(h))[-1] == "AlertAcknowledged"
    assert (await h.office.case(case.case_id)).alert is None
    again = await h.client.post(f"/alerts/{alert}", data=data | {"staff": "200802"}, headers=BROWSER)
    assert (again.status_code, "已经有人签收" in again.text) == (409, True)


async def test_the_page_speaks_english(h: Hall) -> None:
    await alarm(h)
    await h.front.person("agent")
    await h.front.sign_in()
    page = (await h.client.get("/alerts", headers=BROWSER | {"accept-language": "en"})).text
    main = page.split("<main")[1].split("</main>")[0]
    assert "Confirmed by phone" in main
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in main)


async def test_an_officer_takes_the_own_units_alarm_and_sees_no_other(h: Hall) -> None:
    _, alert = await alarm(h)
    path = f"/api/alerts/{alert}/acknowledge"
    theirs = await h.front.bearer("officer", name="200401", units=[OTHER_BRIGADE])
    assert (await h.client.get("/api/alerts", headers=theirs)).json() == []
    assert (await h.client.post(path, json={}, headers=theirs)).status_code == 404
    without = await h.front.bearer("officer", name="nobody")
    assert (await h.client.post(path, json={}, headers=without)).status_code == 404
    ours = await h.front.bearer("officer", name="200802", units=[BRIGADE])
    (shown,) = (await h.client.get("/api/alerts", headers=ours)).json()
    assert [one["staff"] for one in shown["called"]] == ["200801"]
    assert (await h.client.post(path, json={}, headers=ours)).status_code == 204
    assert (await h.client.post(path, json={}, headers=ours)).status_code == 204  # twice is once
    assert (await said(h)).count("AlertAcknowledged") == 1


@pytest.mark.parametrize(
    "body", [{}, {"staff": "999999"}, {"staff": "200401"}, {"staff": "李某"}, {"staff": 7}, {"x": 1}]
)
async def test_the_desk_must_say_who_has_it(h: Hall, body: dict[str, object]) -> None:
    _, alert = await alarm(h)
    headers = await h.front.bearer("supervisor")
    answer = await h.client.post(f"/api/alerts/{alert}/acknowledge", json=body, headers=headers)
    assert answer.status_code == 422
    assert "AlertAcknowledged" not in await said(h)


@pytest.mark.parametrize(("role", "status"), [("machine", 403), ("operator", 403), ("approver", 403)])
async def test_who_has_no_business_with_alarms_sees_none(h: Hall, role: str, status: int) -> None:
    assert (await h.client.get("/api/alerts", headers=await h.front.bearer(role))).status_code == status
