"""The supervisor's page, used as plain HTML."""

from pathlib import Path

from tests.kernel.front import BROWSER
from tests.router.hall import CALLER, EMPLOYER, PHONE, TEXT, Hall, hall
from tests.router.office import BRIGADE, CENTRE, JIANGNING, OTHER_BRIGADE, place


async def test_a_supervisor_reads_the_record_decides_and_sees_it_done(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        case = await h.held()
        page = (await h.client.get("/routing", headers=BROWSER)).text
        assert TEXT in page
        assert PHONE in page
        assert "区域无法确定" in page
        answer = await h.form(case.case_id, unit=BRIGADE, reason="已电话核实")
        assert answer.status_code == 303
        page = (await h.client.get(answer.headers["location"], headers=BROWSER)).text
        assert "没有等待分派的案件" in page
        assert "已分派：" in page
        assert page.count("江宁区劳动保障监察大队") == 2
        assert "10543" in page


async def test_what_was_typed_stays_when_something_is_missing(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        case = await h.held()
        answer = await h.form(case.case_id, unit="", reason="<b>工地在江宁</b>")
        assert answer.status_code == 422
        assert "请选择承办单位" in answer.text
        assert "&lt;b&gt;工地在江宁&lt;/b&gt;" in answer.text
        answer = await h.form(case.case_id, unit=BRIGADE, reason=" ")
        assert answer.status_code == 422
        assert f'value="{BRIGADE}" selected' in answer.text
        answer = await h.form(case.case_id, unit="inspection-atlantis", reason="x")
        assert answer.status_code == 422
        assert "没有这个单位" in answer.text


async def test_a_colleague_was_faster(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        case, other = await h.held(), await h.held()
        assert (await h.form(case.case_id, unit=BRIGADE, reason="x")).status_code == 303
        answer = await h.form(case.case_id, unit=OTHER_BRIGADE, reason="x")
        assert answer.status_code == 409
        assert "已经不在待人工分派之列" in answer.text
        assert str(other.case_id) in answer.text


async def test_the_proposed_unit_and_the_superior_come_first(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        case = h.case(work=place(JIANGNING))
        await h.office.hear(case)
        await h.office.hear(h.office.objected(case, proposed=OTHER_BRIGADE))
        await h.office.hear(h.office.objected(case, OTHER_BRIGADE))
        await h.office.hear(h.office.objected(case, "inspection-nanjing", CENTRE))
        await h.office.hear(h.office.objected(case, CENTRE, "inspection-xuanwu"))
        page = (await h.client.get("/routing", headers=BROWSER)).text
        suggested = page.split("<optgroup")[1]
        assert 'label="建议"' in suggested
        assert suggested.index("inspection-xuanwu") > 0
        assert ("玄武区劳动保障监察大队" in suggested, BRIGADE in suggested) == (True, False)
        assert "（已办过或退回过）" in page


async def test_the_page_speaks_english(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        await h.held(kind="job_assistance")
        page = (await h.client.get("/routing", headers=BROWSER | {"accept-language": "en"})).text
        main = page.split("<main")[1].split("</main>")[0]
        for recorded in (TEXT, CALLER, EMPLOYER):
            main = main.replace(recorded, "")
        assert not [sign for sign in main if "\u4e00" <= sign <= "\u9fff"]


async def test_without_the_key_the_record_stays_closed_and_the_page_works(tmp_path: Path) -> None:
    async with hall(tmp_path, audiences=()) as h:
        await _signed_in(h, "supervisor")
        await h.held()
        page = await h.client.get("/routing", headers=BROWSER)
        assert page.status_code == 200
        assert "记录无法打开" in page.text


async def test_an_agent_does_not_see_the_page(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "agent")
        case = await h.held()
        assert (await h.client.get("/routing", headers=BROWSER)).status_code == 403
        assert (await h.form(case.case_id, unit=BRIGADE, reason="x")).status_code == 403


async def test_a_form_of_another_site_decides_nothing(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        case = await h.held()
        answer = await h.form(case.case_id, unit=BRIGADE, reason="x", csrf_token="forged")
        assert answer.status_code == 403
        assert (await h.office.case(case.case_id)).state == "held"


async def test_two_hundred_held_cases_fit_on_pages_of_fifty(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        await h.office.hear(*(h.case() for _ in range(120)))
        path, rows = "/routing", 0
        for _ in range(3):
            page = (await h.client.get(path, headers=BROWSER)).text
            rows += page.count('<td class="tight" data-label="编号">')
            path = page.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""
        assert (rows, path) == (120, "")


async def _signed_in(h: Hall, role: str) -> None:
    await h.front.person(role)
    await h.front.sign_in()
