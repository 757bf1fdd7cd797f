"""The citizen's view: opened by number and code, silent about everything else."""

from random import Random
from typing import Any

import httpx
import pytest

from services.domain.identifiers import case_number
from services.domain.sealing import Keyring
from services.intake.codes import is_code_of, tracking_code
from tests.intake.happenings import Course
from tests.intake.hotline import HOME, NAME, PHONE, WORK, Hotline


async def track(desk: Hotline, number: str, code: str, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await desk.client.post("/api/tracking", json={"number": number, "code": code}, headers=sent)


def stages(answer: httpx.Response) -> list[bool]:
    return [stage["at"] is not None for stage in answer.json()["stages"]]


def another(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


async def test_four_stages_light_up_as_the_case_goes_on(desk: Hotline) -> None:
    made: dict[str, Any] = await desk.create()
    course = Course(desk, made)
    code = made["tracking_code"]
    seen = [stages(await track(desk, made["number"], code))]
    for events in ((course.routed(),), (course.delivered(), course.accepted()), (course.outcome(),)):
        await desk.hear(*events)
        seen.append(stages(await track(desk, made["number"], code)))
    assert seen == [[number <= step for number in range(4)] for step in range(4)]
    answer = (await track(desk, made["number"].lower(), code)).json()
    assert answer["last_word"] == "江宁区劳动保障监察大队报告结果：已全额支付，追回 8,400.50元"
    assert answer["words"] == "工资已全部付清"
    assert [stage["label"] for stage in answer["stages"]] == ["已收到", "已转办", "办理中", "有结果"]
    english = (await track(desk, made["number"], code, accept_language="en")).json()
    assert [stage["label"] for stage in english["stages"]] == [
        "Received",
        "Passed on",
        "In progress",
        "Result",
    ]


async def test_a_skipped_stage_has_the_date_of_the_next(desk: Hotline) -> None:
    made = await desk.create(kind="inquiry")
    await desk.api("POST", f"/api/cases/{made['case_id']}/answer", {"text": "可以", "told": True})
    answer = await track(desk, made["number"], made["tracking_code"])
    assert stages(answer) == [True] * 4
    assert (answer.json()["words"], answer.json()["closed"]) == ("可以", True)


async def test_a_reopened_case_begins_its_stages_again(desk: Hotline) -> None:
    made = await desk.create()
    course = Course(desk, made)
    await course.until_resolved()
    desk.clock.forward(hours=1)
    await desk.api("POST", f"/api/cases/{made['case_id']}/reopen", {"reason": "没有到账"})
    assert stages(await track(desk, made["number"], made["tracking_code"])) == [True, False, False, False]


async def test_nothing_internal_or_personal_is_in_it(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    course = Course(desk, made)
    await desk.hear(course.routed(), course.objected(), course.routed("inspection-qinhuai"))
    await desk.hear(course.progressed("inspection-qinhuai", note="内部备注"))
    await desk.api("POST", f"/api/cases/{made['case_id']}/notes", {"text": "内部备注"})
    text = (await track(desk, made["number"], made["tracking_code"])).text
    for word in (NAME, PHONE, HOME, WORK, "内部备注", "退回", made["case_id"], "wage-by-work-place", "10543"):
        assert word not in text


async def test_a_wrong_code_and_an_absent_number_are_answered_alike(desk: Hotline) -> None:
    made = await desk.create()
    wrong = await track(desk, made["number"], another(made["tracking_code"]))
    absent = await track(desk, absent_number(), made["tracking_code"])
    assert wrong.status_code == absent.status_code == 404
    assert wrong.json() == absent.json()
    assert wrong.json()["type"] == "/problems/not-tracked"
    kept = {"x-request-id"}
    assert {k: v for k, v in wrong.headers.items() if k not in kept} == {
        k: v for k, v in absent.headers.items() if k not in kept
    }


async def test_neither_touches_the_database(desk: Hotline) -> None:
    """So they take the same time: what differs between them is never looked up."""
    made = await desk.create()
    await desk.service.store.close()
    for number in (made["number"], absent_number()):
        assert (await track(desk, number, another(made["tracking_code"]))).status_code == 404
    await desk.service.store.start()


async def test_five_wrong_codes_stop_a_number_also_for_the_right_one(desk: Hotline) -> None:
    made = await desk.create()
    for step in range(1, 6):
        assert (await track(desk, made["number"], another(made["tracking_code"], step))).status_code == 404
    stopped = await track(desk, made["number"], made["tracking_code"])
    assert stopped.status_code == 429
    assert stopped.json()["type"] == "/problems/too-many-requests"
    assert int(stopped.headers["retry-after"]) == 3600


async def test_five_wrong_numbers_stop_an_address_and_no_other(desk: Hotline) -> None:
    made = [await desk.create() for _ in range(6)]
    for one in made[:5]:
        await track(desk, one["number"], another(one["tracking_code"]))
    assert (await track(desk, made[5]["number"], made[5]["tracking_code"])).status_code == 429
    app = desk.app
    elsewhere = httpx.ASGITransport(app, client=("10.9.9.9", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://12333.test") as client:
        body = {"number": made[5]["number"], "code": made[5]["tracking_code"]}
        assert (await client.post("/api/tracking", json=body)).status_code == 200


async def test_right_codes_may_be_used_as_often_as_one_looks(desk: Hotline) -> None:
    made = await desk.create()
    answers = [await track(desk, made["number"], made["tracking_code"]) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    ("number", "code", "slug"),
    [
        ("123", "123456", "case-number-length"),
        ("0000000000Z", "123456", "case-number-check"),
        ("00000000001", "12345", "invalid-request"),
        ("00000000001", "１２３４５６", "invalid-request"),
    ],
)
async def test_what_can_be_no_number_is_said_so(desk: Hotline, number: str, code: str, slug: str) -> None:
    answer = await track(desk, number, code)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")


def test_codes_given_before_a_rotation_still_open() -> None:
    desk_keyring = Keyring.create(Random(1).randbytes)
    number = "JYMJ1J17H4J"
    before = tracking_code(number, desk_keyring)
    rotated = desk_keyring.rotate("identity", "k2", b"2" * 32)
    assert tracking_code(number, rotated) != before
    assert is_code_of(number, before, rotated)
    assert is_code_of(number, tracking_code(number, rotated), rotated)
    assert not is_code_of(number, another(before), desk_keyring)


def absent_number() -> str:
    return case_number(Random(99))
