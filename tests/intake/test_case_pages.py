"""A case on the desk: what can be done with it, and whom only intake may ring."""

from tests.intake.browser import BROWSER, plain, post
from tests.intake.happenings import Course
from tests.intake.hotline import NAME, PHONE, Hotline


async def test_actions_lead_back_to_the_case_and_errors_keep_the_words(desk: Hotline) -> None:
    made = await desk.create()
    await desk.sign_in()
    path, csrf = f"/desk/cases/{made['case_id']}", {"csrf_token": await desk.csrf()}
    assert (await post(desk, f"{path}/note", csrf | {"text": "来电人补充了材料"})).status_code == 303
    assert (await post(desk, f"{path}/note", csrf | {"text": ""})).status_code == 422
    await desk.hear(Course(desk, made).routed())
    refused = await post(desk, f"{path}/close", csrf | {"reason": "withdrawn", "note": "他说不办了"})
    assert refused.status_code == 409
    assert "还没有结果，现在不能办结" in plain(refused.text)
    answered = await post(desk, f"{path}/answer", csrf | {"text": "已告知办法", "told": "true"})
    assert answered.status_code == 303
    words = plain((await desk.client.get(path, headers=BROWSER)).text)
    assert "来电人补充了材料" in words
    assert "已办结" in words
    assert (await post(desk, f"{path}/reopen", csrf | {"reason": "没有到账"})).status_code == 303
    missing = "/desk/cases/019bf988-0680-73ac-8f21-000000000000"
    assert (await desk.client.get(missing, headers=BROWSER)).status_code == 404


async def test_call_backs_show_whom_to_ring_only_while_they_are_due(desk: Hotline) -> None:
    made = await desk.create(report_type="report")
    await desk.sign_in()
    path, csrf = f"/desk/cases/{made['case_id']}", {"csrf_token": await desk.csrf()}
    case_page = plain((await desk.client.get(path, headers=BROWSER)).text)
    assert "身份保密" in case_page
    assert not [word for word in (NAME, PHONE) if word in case_page]
    await Course(desk, made).until_resolved()
    page = plain((await desk.client.get("/desk/callbacks", headers=BROWSER)).text)
    assert NAME in page
    assert "+86" + PHONE in page
    ring = f"/desk/callbacks/{made['case_id']}"
    assert (await post(desk, ring, csrf | {"reached": "false"})).status_code == 303
    early = await post(desk, ring, csrf | {"reached": "false"})
    assert early.status_code == 409
    assert "两次回访至少间隔两小时" in plain(early.text)
    assert (await post(desk, ring, csrf | {"reached": "true"})).status_code == 303
    assert "没有待回访" in plain((await desk.client.get("/desk/callbacks", headers=BROWSER)).text)
