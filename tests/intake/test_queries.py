"""Lists, search and progress: each reader finds what is his to see, page by page."""

import asyncio
from typing import Any

import pytest

from services.intake.schemas import CaseIn
from tests.intake.happenings import Course
from tests.intake.hotline import NAME, PHONE, Hotline


async def listed(desk: Hotline, query: str = "", **who: str) -> dict[str, Any]:
    answer = await desk.api("GET", f"/api/cases{query}", **who)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def test_another_system_sees_its_own_cases_only(desk: Hotline) -> None:
    mine = await desk.create(role="machine", name="union")
    other = await desk.create(role="machine", name="bank")
    agents = await desk.create()
    for case in (other, agents):
        answer = await desk.api("GET", f"/api/cases/{case['case_id']}", role="machine", name="union")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert (await desk.show(mine["case_id"], role="machine", name="union"))["number"] == mine["number"]
    assert [one["number"] for one in (await listed(desk, role="machine", name="union"))["cases"]] == [
        mine["number"]
    ]
    found = await desk.api("POST", "/api/cases/search", {"phone": PHONE}, role="machine", name="union")
    assert [one["case_id"] for one in found.json()["cases"]] == [mine["case_id"]]
    ids = [case["case_id"] for case in (mine, other, agents)]
    progress = await desk.api("POST", "/api/cases/progress", {"case_ids": ids}, role="machine", name="union")
    assert [one["case_id"] for one in progress.json()["cases"]] == [mine["case_id"]]
    assert len((await listed(desk))["cases"]) == 3, "agents see all"


@pytest.mark.parametrize("role", ["officer", "operator", "monitor"])
async def test_who_has_nothing_to_do_with_cases_reads_none(desk: Hotline, role: str) -> None:
    made = await desk.create()
    for path in ("", f"/{made['case_id']}"):
        assert (await desk.api("GET", f"/api/cases{path}", role=role)).status_code == 403


async def test_pages_follow_each_other_without_gap_or_repetition(desk: Hotline) -> None:
    made = await asyncio.gather(*(desk.create() for _ in range(7)))
    seen, cursor = [], ""
    while cursor is not None:
        page = await listed(desk, f"?limit=3{cursor and '&cursor=' + cursor}")
        seen += [one["case_id"] for one in page["cases"]]
        cursor = page["next"]
    assert seen == sorted((one["case_id"] for one in made), reverse=True)


async def test_lists_are_narrowed_and_hold_nothing_personal(desk: Hotline) -> None:
    first = await desk.create()
    await desk.create(kind="inquiry", employer=None)
    await desk.create(name="other-agent")
    await desk.hear(Course(desk, first).routed())
    for query, count in (
        ("?status=routed", 1), ("?status=received", 2), ("?kind=inquiry", 1), ("?status=closed", 0),
        ("?unit=inspection-jiangning", 1), ("?district=320115", 2),
        ("?mine=true", 2), ("?mine=true&kind=wage_arrears", 1),
    ):  # fmt: skip
        assert len((await listed(desk, query))["cases"]) == count, query
    text = (await desk.api("GET", "/api/cases")).text
    assert not [word for word in (NAME, PHONE) if word in text]


@pytest.mark.parametrize("query", ["?status=lost", "?limit=0", "?limit=201", "?cursor=x", "?district=南京"])
async def test_a_filter_that_cannot_be_is_refused(desk: Hotline, query: str) -> None:
    answer = await desk.api("GET", f"/api/cases{query}")
    assert answer.status_code == 422


async def test_a_case_is_found_by_number_phone_and_employer(desk: Hotline) -> None:
    made = await desk.create()
    await desk.create(caller={"phone": "025-84567890"}, employer={"name": "100%_公司"})
    number = made["number"]
    for body, count in (
        ({"number": f"{number[:4]}-{number[4:8]}-{number[8:]}".lower()}, 1),
        ({"phone": "138 5146 7290"}, 1),
        ({"phone": "84567890"}, 1),
        ({"employer": "建筑劳务"}, 1),
        ({"employer": "公司"}, 2),
        ({"employer": "%_"}, 1),
        ({"employer": "公司", "status": "closed"}, 0),
        ({"phone": "13851467290", "employer": "100%"}, 0),
    ):
        answer = await desk.api("POST", "/api/cases/search", body)
        assert len(answer.json()["cases"]) == count, body


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({}, "search-empty"),
        ({"employer": "公"}, "search-empty"),
        ({"status": "closed"}, "search-empty"),
        ({"number": "123"}, "case-number-length"),
        ({"phone": "x"}, "phone-characters"),
        ({"name": "王"}, "invalid-request"),
    ],
)
async def test_a_search_for_nothing_is_refused(desk: Hotline, body: dict[str, str], slug: str) -> None:
    answer = await desk.api("POST", "/api/cases/search", body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")


async def test_progress_tells_how_far_cases_are(desk: Hotline) -> None:
    made = await desk.create(role="machine")
    course = Course(desk, made)
    await course.until_resolved()
    await desk.hear(course.informed())
    unknown = "019bf988-0680-73ac-8f21-000000000000"
    body = {"case_ids": [made["case_id"], unknown]}
    [line] = (await desk.api("POST", "/api/cases/progress", body, role="machine")).json()["cases"]
    assert line == {
        "case_id": made["case_id"],
        "status": "closed",
        "received_at": "2026-01-26T09:00:00Z",
        "delivered_at": "2026-01-26T09:02:00Z",
        "informed_at": "2026-01-26T09:06:00Z",
    }
    too_many = {"case_ids": [unknown] * 501}
    assert (await desk.api("POST", "/api/cases/progress", too_many, role="machine")).status_code == 422


async def test_the_api_describes_itself(desk: Hotline) -> None:
    described = (await desk.client.get("/api/openapi.json")).json()
    create = described["paths"]["/api/cases"]["post"]
    fields = create["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert set(fields) == set(CaseIn.model_fields)
    assert "wage_arrears" in str(fields["kind"])
    assert "residence_district" in str(fields["caller"])
    assert "$ref" not in str(fields)
    assert "CreatedOut" in described["components"]["schemas"]
    assert create["x-permission"] == "case.create"
