"""What people do to clocks through the API and the page, and what they are told when it cannot be done."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.domain.events import CaseReceived
from services.kernel import outbox
from tests.domain.nanjing_time import local, shown
from tests.kernel.front import BROWSER
from tests.router.hall import Hall, hall
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, place

JSON = {"content-type": "application/json"}


@pytest.fixture
async def h(tmp_path: Path) -> AsyncIterator[Hall]:
    async with hall(tmp_path) as h:
        h.office.clock.at = local("2026-09-21 10:00")
        yield h


async def accepted(h: Hall) -> CaseReceived:
    case = h.case(work=place(JIANGNING))
    await h.office.hear(case, h.office.accepted(case))
    return case


async def clock_of(h: Hall, case: CaseReceived, name: str) -> UUID:
    return next(row.id for row in await h.office.clocks(case.case_id) if row.clock == name)


async def post(h: Hall, case: CaseReceived, name: str, act: str, role: str, **body: object) -> httpx.Response:
    path = f"/api/cases/{case.case_id}/clocks/{await clock_of(h, case, name)}/{act}"
    return await h.client.post(path, json=body, headers=await h.front.bearer(role))


async def said(h: Hall) -> list[str]:
    return [one.type for one in await h.office.store.run(lambda tx: outbox.unpublished(tx, "router", 99))]


async def test_the_table_names_every_clock_with_its_article(h: Hall) -> None:
    case = await accepted(h)
    headers = await h.front.bearer("agent")
    body = (await h.client.get(f"/api/cases/{case.case_id}/clocks", headers=headers)).json()
    assert [(one["name"], one["period"], one["state_text"], one["article"]) for one in body["clocks"]] == [
        ("受理决定", "5 个工作日", "完成", "实施《劳动保障监察条例》若干规定第十八条"),
        ("调查", "60 个工作日", "计时中", "劳动保障监察条例第十七条"),
    ]
    english = headers | {"accept-language": "en"}
    body = (await h.client.get(f"/api/cases/{case.case_id}/clocks", headers=english)).json()
    assert [(one["name"], one["period"], one["state_text"]) for one in body["clocks"]] == [
        ("Decision on acceptance", "5 working days", "met"), ("Investigation", "60 working days", "running"),
    ]  # fmt: skip


async def test_waiting_for_the_caller_lets_acceptance_stand_still_and_go_on(h: Hall) -> None:
    case = h.case(work=place(JIANGNING))
    await h.office.hear(case)
    answer = await post(h, case, "acceptance", "pause", "agent", reason="waiting_for_caller")
    assert (answer.status_code, answer.json()["state"]) == (200, "paused")
    h.office.clock.at = local("2026-10-09 10:00")
    assert await h.office.fire() == []  # it stands still: neither reminder nor end
    answer = await post(h, case, "acceptance", "resume", "agent")
    assert (answer.status_code, answer.json()["state"]) == (200, "running")
    assert shown((await h.office.clocks(case.case_id))[0].due) == "2026-10-15 17:30"
    (pause,) = answer.json()["pauses"]
    assert (pause["reason_text"], pause["until"]) == ("等待来电人补充材料或说明", "2026-10-09T02:00:00Z")
    assert await said(h) == ["CaseRouted", "DeadlinePaused", "DeadlineResumed"]


async def test_an_extension_needs_an_approver_a_reason_and_an_article(h: Hall) -> None:
    case = await accepted(h)
    given = {"reason": "complex_case", "note": "李某 13800138000 的账册不全"}
    assert (await post(h, case, "investigation", "extend", "supervisor", **given)).status_code == 403
    answer = await post(h, case, "investigation", "extend", "approver", reason="because")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-reason")
    answer = await post(h, case, "investigation", "extend", "approver", **given, amount=31)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/clock-extension-too-long")
    assert "还可延长 30" in answer.json()["detail"]
    answer = await post(h, case, "investigation", "extend", "approver", **given)
    assert answer.status_code == 200
    assert answer.json()["period"] == "60 + 30 个工作日"
    (left,) = [one for one in await h.office.store.run(lambda tx: outbox.unpublished(tx, "router", 99))
               if one.type == "DeadlineExtended"]  # fmt: skip
    assert "13800138000" not in left.body.decode()
    answer = await post(h, case, "investigation", "extend", "approver", **given)
    assert "还可延长 0" in answer.json()["detail"]


@pytest.mark.parametrize(("name", "act", "body", "slug"), [
    ("investigation", "pause", {"reason": "waiting_for_caller"}, "clock-pause-not-allowed"),
    ("acceptance", "pause", {"reason": "waiting_for_caller"}, "clock-not-allowed"),
    ("investigation", "resume", {}, "clock-not-allowed"),
])  # fmt: skip
async def test_what_the_table_does_not_allow_is_refused_with_its_type(
    h: Hall, name: str, act: str, body: dict[str, str], slug: str
) -> None:
    case = await accepted(h)
    answer = await post(h, case, name, act, "agent", **body)
    assert answer.json()["type"] == f"/problems/{slug}"
    assert answer.status_code in (409, 422)
    page = await h.client.get(f"/problems/{slug}", headers=BROWSER)
    assert page.status_code == 200


async def test_a_clock_that_has_run_out_is_not_extended_any_more(h: Hall) -> None:
    case = await accepted(h)
    h.office.clock.at = local("2027-01-10 10:00")
    answer = await post(h, case, "investigation", "extend", "approver", reason="complex_case")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/clock-overdue")


async def test_an_officer_sees_the_clocks_of_the_own_units_and_no_others(h: Hall) -> None:
    case = await accepted(h)
    path = f"/api/cases/{case.case_id}/clocks"
    ours = await h.front.bearer("officer", units=[BRIGADE])
    theirs = await h.front.bearer("officer", units=[OTHER_BRIGADE])
    assert (await h.client.get(path, headers=ours)).status_code == 200
    assert (await h.client.get(path, headers=theirs)).status_code == 404
    clock = await clock_of(h, case, "investigation")
    answer = await h.client.post(f"{path}/{clock}/resume", headers=theirs)
    assert answer.status_code == 404


async def test_nonsense_is_refused_and_changes_nothing(h: Hall) -> None:
    case = await accepted(h)
    headers = await h.front.bearer("approver")
    path = f"/api/cases/{case.case_id}/clocks/{await clock_of(h, case, 'investigation')}/extend"
    for body in ("", "[]", "{", '{"reason": 7}', '{"reason": "complex_case", "amount": -1}', '{"amount": 1}',
                 '{"reason": "complex_case", "x": 1}', '{"reason": "李某"}'):  # fmt: skip
        answer = await h.client.post(
            path, content=body, headers=headers | {"content-type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, body
    assert (await h.client.post(path.replace(str(case.case_id), str(UUID(int=1))), headers=headers,
                                json={"reason": "complex_case"})).status_code == 404  # fmt: skip
    assert "DeadlineExtended" not in await said(h)


async def test_the_page_pauses_resumes_and_keeps_what_was_typed(h: Hall) -> None:
    case = await accepted(h)
    await h.front.person("approver")
    await h.front.sign_in()
    page = (await h.client.get(f"/clocks/cases/{case.case_id}", headers=BROWSER)).text
    assert "劳动保障监察条例第十七条" in page
    assert "劳动保障行政部门负责人" in page
    path = f"/clocks/cases/{case.case_id}/{await clock_of(h, case, 'investigation')}"
    data = {
        "csrf_token": await h.front.csrf(),
        "amount": "三十",
        "reason": "complex_case",
        "note": "账册不全",
    }
    answer = await h.client.post(path, data=data, headers=BROWSER)
    assert (answer.status_code, "延长多少应填数字" in answer.text) == (422, True)
    assert 'value="三十"' in answer.text
    assert 'value="账册不全"' in answer.text
    answer = await h.client.post(path, data=data | {"amount": "10"}, headers=BROWSER)
    assert answer.status_code == 303
    page = (await h.client.get(answer.headers["location"], headers=BROWSER)).text
    assert "60 + 10 个工作日" in page
    assert "已延长，并通知来电人。" in page
