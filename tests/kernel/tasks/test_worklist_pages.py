"""The desk's page: found, read, and worked through with plain forms."""

import re
from html import unescape

import pytest

from services.domain.events import OutcomeReported, TaskObjected
from tests.kernel.tasks.kinds import NAME, RECORD, Kind
from tests.kernel.tasks.test_worklist_api import opened
from tests.kernel.tasks.town import Town, town
from tests.places import Place

PAGE = {"accept": "text/html"}


async def page(here: Town, path: str = "") -> str:
    response = await here.http.get(f"/{here.kind.service}{path}", headers=PAGE)
    assert response.status_code == 200, response.text
    return unescape(response.text)


def token_in(text: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{32})"', text)
    assert found
    return found[1]


async def test_the_list_leads_to_the_whole_record_and_the_next_step(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here, urgency="urgent", bounces=1)
        await here.sign_in("10543", "officer", [kind.unit])
        listed = await page(here)
        assert f'href="/{kind.service}/tasks/{key}"' in listed
        assert "7K3M-92QA-XT5" in listed
        assert "紧急" in listed
        assert "第 2 次分派" in listed
        shown = await page(here, f"/tasks/{key}")
        for text in (str(RECORD["text"]), f"{NAME[0]}**", "江宁区天元路1号", "12,000.50", "rec-77"):
            assert text in shown
        for step in ("accept", "object", "progress", "complete"):
            assert f'action="/{kind.service}/tasks/{key}/{step}"' in shown


async def test_the_steps_are_taken_with_forms(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("10543", "officer", [kind.unit])
        path = f"/{kind.service}/tasks/{key}"
        for step, form in (
            ("accept", {}),
            ("progress", {"progress_step": "contacted_caller", "progress_note": ""}),
            ("complete", {"complete_outcome": "helped", "complete_resolved": "true",
                          "complete_summary": "已当面办妥。", "complete_amount_recovered": ""}),
        ):  # fmt: skip
            shown = await here.http.get(path, headers=PAGE)
            form = {"csrf_token": csrf, "token": token_in(shown.text)} | form
            response = await here.http.post(f"{path}/{step}", data=form, headers=PAGE)
            assert (response.status_code, response.headers["location"]) == (303, f"{path}?done={step}")
            again = await here.http.post(f"{path}/{step}", data=form, headers=PAGE)
            assert again.status_code == 303
        said = await here.events()
        assert [type(one).__name__ for one in said] == [
            "TaskDelivered", "TaskAccepted", "TaskProgressed", "OutcomeReported",
        ]  # fmt: skip
        assert isinstance(said[-1], OutcomeReported)
        assert said[-1].amount_recovered_fen is None
        done = await page(here, f"/tasks/{key}?done=complete")
        assert "已当面办妥。" in done
        assert "热线会告知来电人" in done


async def test_a_form_keeps_what_was_typed_and_says_what_is_missing(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("10543", "officer", [kind.unit])
        form = {"csrf_token": csrf, "object_reason": "", "object_note": "不在本区<b>的</b>工地"}
        response = await here.http.post(f"/{kind.service}/tasks/{key}/object", data=form, headers=PAGE)
        assert response.status_code == 422
        assert "不在本区&lt;b&gt;的&lt;/b&gt;工地" in response.text
        assert 'href="#object_reason"' in response.text
        assert (await here.task()).state == "delivered"
        ids = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', response.text)
        assert len(ids) == len(set(ids))


async def test_a_step_that_came_too_late_says_so_and_keeps_the_words(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("10543", "officer", [kind.unit])
        other = await here.officer(units=[kind.unit], name="other")
        objection = {"reason": "other", "note": "x"}
        await here.http.post(f"/api/{kind.service}/tasks/{key}/object", headers=other, json=objection)
        form = {"csrf_token": csrf, "complete_outcome": "helped", "complete_summary": "写了很久的说明"}
        response = await here.http.post(f"/{kind.service}/tasks/{key}/complete", data=form, headers=PAGE)
        assert response.status_code == 409
        assert "已退回" in response.text
        assert "写了很久的说明" in response.text


async def test_an_objection_by_form_reaches_the_router(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("10543", "officer", [kind.unit])
        form = {
            "csrf_token": csrf, "object_reason": "not_our_district", "object_note": "在鼓楼",
            "object_proposed_unit": kind.other,
        }  # fmt: skip
        await here.http.post(f"/{kind.service}/tasks/{key}/object", data=form, headers=PAGE)
        objected = (await here.events())[-1]
        assert isinstance(objected, TaskObjected)
        assert objected.proposed_unit == kind.other


async def test_a_form_of_another_site_is_refused(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        await here.sign_in("10543", "officer", [kind.unit])
        response = await here.http.post(f"/{kind.service}/tasks/{key}/accept", data={}, headers=PAGE)
        assert response.status_code == 403
        assert (await here.task()).state == "delivered"


async def test_another_units_task_has_no_page(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("320102", "officer", ["inspection-xuanwu"])
        path = f"/{kind.service}/tasks/{key}"
        assert (await here.http.get(path, headers=PAGE)).status_code == 404
        assert (
            await here.http.post(f"{path}/accept", data={"csrf_token": csrf}, headers=PAGE)
        ).status_code == 404
        assert key not in await page(here)


async def test_a_supervisor_sees_all_units_and_takes_no_step(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        csrf = await here.sign_in("20001", "supervisor")
        assert key in await page(here)
        assert key in await page(here, f"?unit={kind.unit}")
        assert key not in await page(here, "?unit=inspection-xuanwu")
        shown = await page(here, f"/tasks/{key}")
        assert "/accept" not in shown
        refused = await here.http.post(
            f"/{kind.service}/tasks/{key}/accept", data={"csrf_token": csrf}, headers=PAGE
        )
        assert refused.status_code == 403


async def test_a_report_names_nobody(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        record = RECORD | {"caller": None, "report_type": "report"}
        key = await opened(here, open_record=record)
        await here.sign_in("10543", "officer", [kind.unit])
        shown = await page(here, f"/tasks/{key}")
        assert "举报人信息依法保密" in shown
        assert NAME not in shown


async def test_a_task_that_could_not_be_delivered_asks_for_a_person(place: Place, kind: Kind) -> None:
    async with town(place, kind, "https://127.0.0.1") as here:
        await here.say(here.routed(record="task.k9.QUJD"))
        await here.heard("TaskUndeliverable")
        await here.sign_in("10543", "officer", [kind.unit])
        key = (await here.task()).key
        assert key in await page(here, "?list=by_hand")
        shown = await page(here, f"/tasks/{key}")
        assert "内容无法解密" in shown
        assert "请电话通知承办单位" in shown


async def test_the_list_alone_is_fetched_for_refreshing(place: Place, kind: Kind) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        await here.sign_in("10543", "officer", [kind.unit])
        part = await here.http.get(f"/{kind.service}", headers=PAGE | {"X-Fragment": "1"})
        assert key in part.text
        assert "<html" not in part.text


@pytest.mark.parametrize("query", ["", "?list=working", "?list=by_hand", "?list=done"])
async def test_every_page_is_whole_in_english(place: Place, kind: Kind, query: str) -> None:
    async with town(place, kind) as here:
        key = await opened(here)
        await here.sign_in("10543", "officer", [kind.unit])
        here.http.cookies.set("lang", "en")
        empty = await page(here, query)
        shown = await page(here, f"/tasks/{key}")
        for text in (empty, shown):
            assert unchinese(text, *(str(value) for value in RECORD.values()), "中文")


def unchinese(text: str, *known: str) -> bool:
    """Whether no Chinese is left but what was written in the record, and names of units and texts."""
    main = text.split("<main", 1)[1].split("</main>", 1)[0]
    words = set(re.findall(r"[\u4e00-\u9fff]+", main))
    left = {word for word in words if word not in "".join(known)}
    assert not left, left
    return True
