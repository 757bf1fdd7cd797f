"""From the call to the result at each window, over HTTP, on both stores: the caller is told what was done."""

import pytest

from tests.flow.installation import Installation, installation
from tests.places import Place

MOBILE, LANDLINE = "13851460001", "025-84391234"
PEOPLE = {
    "agent": ("agent", ()),
    "window": ("officer", ("employment-social-insurance",)),
    "desk": ("officer", ("helpdesk-122",)),
    "brigade": ("officer", ("inspection-jiangning",)),
}
ANSWER = "可以补缴：带身份证和劳动合同到社保窗口办理，三个月内的不收滞纳金。"
WHO = "值班员 207"


async def inquiry(town: Installation, key: str, phone: str) -> dict[str, object]:
    return await town.call(
        key, kind="inquiry", text="我的社保断了三个月，能不能补缴，要带什么材料？",
        caller={"name": "测试来电人", "phone": phone, "residence_district": "320106"},
    )  # fmt: skip


async def answered(town: Installation, made: dict[str, object]) -> None:
    """By the window that knows, while the clock runs."""
    shown = await town.case(made, "routed", "delivered")
    assert shown["routing"]["unit"] == "employment-social-insurance"
    assert shown["routing"]["rule"] == "inquiry-social-insurance"
    clock = await town.clock(made, "inquiry_reply", "running")
    assert clock["missed_at"] is None
    task = await town.task("window", "employment", made)
    await town.ask("window", "POST", f"{task}/accept", {})
    said = {"outcome": "answered", "summary": ANSWER}
    assert (await town.ask("window", "POST", f"{task}/complete", said))["state"] == "completed"
    ended = await town.clock(made, "inquiry_reply", "met")
    assert ended["ended_at"]
    assert not ended["late"]


@pytest.mark.timeout(120)
async def test_an_inquiry_goes_to_the_window_that_knows_and_its_answer_back_to_the_caller(
    place: Place,
) -> None:
    async with installation(place, PEOPLE) as town:
        made = await inquiry(town, "by-mobile", MOBILE)
        await answered(town, made)
        await town.case(made, "closed")
        first, last = town.texts(f"+86{MOBILE}")
        assert str(made["tracking_code"]) in first
        assert "已答复" in last
        assert "滞纳金" not in last  # somebody else may hold the telephone
        pair = {"number": made["number"], "code": made["tracking_code"]}
        tracked = await town.ask("", "POST", "/api/tracking", pair)
        assert (tracked["words"], tracked["closed"]) == (ANSWER, True)


@pytest.mark.timeout(120)
async def test_who_has_no_mobile_is_rung_up_and_told_what_the_window_wrote(place: Place) -> None:
    async with installation(place, PEOPLE) as town:
        made = await inquiry(town, "by-landline", LANDLINE)
        await answered(town, made)
        assert (await town.case(made, "resolved"))["status"] == "resolved"  # until the caller was told
        [call] = (await town.ask("agent", "GET", "/api/callbacks"))["callbacks"]
        assert call["words"] == ANSWER
        await town.ask("agent", "POST", f"/api/callbacks/{call['id']}/told", {"attempt": 1})
        await town.case(made, "closed")


@pytest.mark.timeout(120)
async def test_the_122_desk_helps_in_minutes_connects_the_caller_and_hands_the_wages_back(
    place: Place,
) -> None:
    async with installation(place, PEOPLE) as town:
        made = await town.call(
            "stranded", kind="social_help", text="我被赶出工棚，今晚没有地方住，在江宁区秣陵街道。",
            caller={"name": "测试来电人", "phone": MOBILE},
            employer={"name": "测试建筑公司", "work_district": "320115"},
        )  # fmt: skip
        task = await town.task("desk", "helpdesk", made)
        assert (await town.clock(made, "acknowledgement", "running"))["period"].startswith("10")
        await town.ask("desk", "POST", f"{task}/accept", {})
        assert not (await town.clock(made, "acknowledgement", "met"))["late"]
        over = {"step": "taken_over", "referred_to": "rescue_station", "taken_over_by": WHO}
        await town.ask("desk", "POST", f"{task}/progress", over)
        back = {"step": "handed_back", "hand_back": "wage_arrears", "note": "另有两个月工资没发，共一万二。"}
        await town.ask("desk", "POST", f"{task}/progress", back)
        await town.ask("desk", "POST", f"{task}/complete", {"outcome": "helped", "summary": "已送救助站。"})
        whole = await town.case(made, "told")  # helped, and open while the wages are not paid
        [line] = [one for one in whole["timeline"] if "由救助管理站接手" in one["text"]]
        assert line["words"] == WHO
        [part] = whole["parts"]
        wages = await town.task("brigade", "inspection", part)
        await town.ask("brigade", "POST", f"{wages}/accept", {})
        paid = {"outcome": "paid", "summary": "工资已当场结清。", "amount_recovered": 12000}
        await town.ask("brigade", "POST", f"{wages}/complete", paid)
        for one in (part, made):
            await town.case(one, "closed")
