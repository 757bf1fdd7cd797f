"""One call, several matters: linked cases with their own numbers, and no link that tells who reported."""

import json
from typing import Any
from uuid import UUID

from services.domain.events import CaseErased
from tests.intake.browser import BROWSER, hidden, plain, post
from tests.intake.hotline import NAME, PHONE, Hotline

OTHER: dict[str, Any] = {"kind": "inquiry", "report_type": None, "text": "顺便问一下，医保怎么转。"}


def numbers(shown: dict[str, Any]) -> set[str]:
    return {one["number"] for one in shown["same_call"]}


async def test_the_cases_of_a_call_know_of_one_another(desk: Hotline) -> None:
    first = await desk.create()
    second = await desk.create(linked_to=first["case_id"], **OTHER)
    third = await desk.create(linked_to=second["case_id"], kind="job_assistance", text="还想找工作。")
    alone = await desk.create()
    everyone = {one["case_id"]: one["number"] for one in (first, second, third)}
    for case_id, number in everyone.items():
        assert numbers(await desk.show(case_id)) == set(everyone.values()) - {number}
    assert numbers(await desk.show(alone["case_id"])) == set()


async def test_no_event_says_that_cases_came_with_one_call(desk: Hotline) -> None:
    first = await desk.create()
    await desk.create(linked_to=first["case_id"], **OTHER)
    events = desk.outbox("CaseReceived")
    assert len(events) == 2
    assert first["case_id"] not in events[1]["body"].decode()
    assert set(json.loads(events[0]["body"])) == set(json.loads(events[1]["body"]))


async def test_a_report_beside_a_complaint_is_linked_for_those_only_who_may_know(desk: Hotline) -> None:
    complaint = await desk.create(report_type="complaint")
    report = await desk.create(report_type="report", linked_to=complaint["case_id"])
    for case in (complaint, report):
        assert numbers(await desk.show(case["case_id"])) == set()
    assert numbers(await desk.show(report["case_id"], role="supervisor")) == {complaint["number"]}


async def test_a_case_that_is_not_there_is_not_linked_and_nothing_is_saved(desk: Hotline) -> None:
    missing = UUID(int=7)
    answer = await desk.post_case({"kind": "inquiry", "text": "问一下", "linked_to": str(missing)})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "no-case-to-link")
    assert desk.count("intake_case") == 0
    assert (await desk.post_case({"text": "问", "linked_to": "not-a-case"})).status_code == 422


async def test_another_system_links_its_own_cases_only(desk: Hotline) -> None:
    theirs = await desk.create(role="machine", name="bank")
    body = {"kind": "inquiry", "text": "问一下", "linked_to": theirs["case_id"]}
    assert (await desk.post_case(body, role="machine", name="bank")).status_code == 201
    assert (await desk.post_case(body, role="machine", name="other")).status_code == 422


async def test_the_same_key_links_once(desk: Hotline) -> None:
    first = await desk.create()
    body = {"kind": "inquiry", "text": "问一下", "linked_to": first["case_id"]}
    answers = [await desk.post_case(body, key="twice") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert desk.count("intake_case") == 2


async def test_an_erasure_takes_the_link_away(desk: Hotline) -> None:
    first = await desk.create()
    second = await desk.create(linked_to=first["case_id"], **OTHER)
    await desk.hear(CaseErased(case_id=desk.case_id(second), at=desk.clock()), source="intake")
    assert numbers(await desk.show(first["case_id"])) == set()


async def test_the_desk_offers_another_form_for_the_same_call(desk: Hotline) -> None:
    first = await desk.create()
    await desk.sign_in()
    shown = await desk.client.get(f"/desk/cases/{first['case_id']}", headers=BROWSER)
    assert f"/desk?call={first['case_id']}" in shown.text
    page = (await desk.client.get(f"/desk?call={first['case_id']}", headers=BROWSER)).text
    assert "同一来电" in page
    assert f'value="{NAME}"' in page
    assert f'value="+86{PHONE}"' in page
    data = {
        "csrf_token": await desk.csrf(), "form_key": hidden(page, "form_key"), "kind": "inquiry",
        "linked_to": hidden(page, "linked_to"), "text": "顺便问一下。", "phone": PHONE, "channel": "phone",
    }  # fmt: skip
    answer = await post(desk, "/desk", data)
    assert answer.status_code == 303
    linked = plain((await desk.client.get(answer.headers["location"], headers=BROWSER)).text)
    assert "同一来电" in linked


async def test_a_report_does_not_give_its_caller_away_to_the_next_form(desk: Hotline) -> None:
    report = await desk.create(report_type="report")
    await desk.sign_in()
    page = (await desk.client.get(f"/desk?call={report['case_id']}", headers=BROWSER)).text
    assert NAME not in page
    assert PHONE not in page
