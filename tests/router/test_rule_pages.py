"""The supervisors' pages on rules and units, used as plain HTML."""

from pathlib import Path

import httpx
import pytest

from tests.kernel.front import BROWSER
from tests.router.chief import with_rule
from tests.router.hall import Hall, hall
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, nanjing, place

TEXTS = nanjing().routing_texts


async def test_a_supervisor_drafts_tries_reads_the_difference_and_activates(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        await h.office.hear(*(h.case(work=place(JIANGNING), workers_affected=30) for _ in range(3)))
        begun = await _post(h, "/routing/rules", note="大案由市支队办")
        path = begun.headers["location"]
        assert (begun.status_code, path) == (303, "/routing/rules/2")
        saved = await _post(h, path, tag="2.1", note="大案", rules=with_rule(TEXTS.rules), units=TEXTS.units)
        assert (saved.status_code, saved.headers["location"]) == (303, path)
        assert (await _post(h, f"{path}/dry-run", tag="2.2", days="30")).status_code == 303
        assert 'http-equiv="refresh"' in await _page(h, path)
        await h.turn()
        page = await _page(h, path)
        assert "没有错误" in page
        assert "<ins>+ id = &#34;big-cases&#34;</ins>" in page
        assert "3 件会转到别处" in page
        listed = await _page(h, f"{path}/cases?was={BRIGADE}&now=inspection-nanjing")
        assert listed.count("<td>") + listed.count('data-label="编号"') == 3
        assert (await _post(h, f"{path}/activate", tag="2.2", at="")).status_code == 303
        assert "生效中" in await _page(h, path)
        assert "欠薪二十人以上的由市支队办理" in await _page(h, path)


async def test_what_the_second_typed_stays_on_his_page_beside_what_the_first_saved(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        path = (await _post(h, "/routing/rules", note="x")).headers["location"]
        first = await _post(h, path, tag="2.1", note="x", rules=TEXTS.rules + "# 甲\n", units=TEXTS.units)
        assert first.status_code == 303
        late = await _post(
            h, path, tag="2.1", note="乙的说明", rules=TEXTS.rules + "# 乙\n", units=TEXTS.units
        )
        assert late.status_code == 412
        assert "# 乙\n</textarea>" in late.text
        assert "<ins>+ # 甲</ins>" in late.text
        assert 'value="乙的说明"' in late.text
        again = await _post(h, path, tag="2.2", note="乙", rules=TEXTS.rules + "# 甲乙\n", units=TEXTS.units)
        assert again.status_code == 303


async def test_mistakes_are_listed_with_file_line_and_reason(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        path = (await _post(h, "/routing/rules", note="x")).headers["location"]
        bad = TEXTS.rules.replace('unit = "helpdesk-122"', 'unit = "helpdesk-110"')
        await _post(h, path, tag="2.1", note="x", rules=bad, units=TEXTS.units)
        page = await _page(h, path)
        assert "没有单位 helpdesk-110" in page
        refused = await _post(h, f"{path}/activate", tag="2.2", at="")
        assert refused.status_code == 422
        assert "没有任何改动生效" in refused.text
        assert (await _post(h, f"{path}/activate", tag="2.2", at="下周一")).status_code == 422


async def test_a_unit_is_suspended_and_opened_again_on_its_page(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        await h.office.hear(h.case(work=place(JIANGNING)))
        path = f"/routing/units/{BRIGADE}"
        assert "江宁区劳动保障监察大队" in await _page(h, path)
        done = await _post(h, f"{path}/suspend", base="1", successor=OTHER_BRIGADE, note="搬迁")
        assert done.status_code == 303, done.text
        await h.turn()
        page = await _page(h, "/routing/units")
        assert "没有无人承办的案件" in page
        assert "鼓楼区劳动保障监察大队" in page.split("关闭和暂停")[1]
        late = await _post(h, f"{path}/resume", base="1", note="搬完")
        assert late.status_code == 409
        assert (await _post(h, f"{path}/resume", base="2", note="搬完")).status_code == 303


async def test_a_unit_form_says_which_field_is_wrong_and_keeps_what_was_typed(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        fields = {
            "base": "1", "type": "city_brigade", "name": "市支队", "name_en": "City", "phone": "十二",
            "note": "换号",
        }  # fmt: skip
        path = "/routing/units/inspection-nanjing"
        wrong = await _post(h, path, **fields)
        assert wrong.status_code == 422
        assert "“电话”填写不对。" in wrong.text
        assert 'value="十二"' in wrong.text
        for name, value in (("hours", "早上"), ("contacts", "值班室"), ("type", "x"), ("note", " ")):
            answer = await _post(h, path, **fields | {"phone": "025-12345678", name: value})
            assert answer.status_code == 422, name
        right = await _post(h, path, **fields | {"phone": "025-12345678", "hours": "09:00-12:00 13:00-17:00"})
        assert right.status_code == 303
        assert 'value="09:00-12:00 13:00-17:00"' in await _page(h, path)


@pytest.mark.parametrize(
    "path", ["/routing/rules", "/routing/rules/1", "/routing/units", "/routing/units/new"]
)
async def test_the_pages_speak_english(path: str, tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "supervisor")
        page = (await h.client.get(path, headers=BROWSER | {"accept-language": "en"})).text
        main = page.split("<main")[1].split("</main>")[0]
        for rule in nanjing().rules:
            main = main.replace(rule.article or "—", "")
        assert not [sign for sign in main if "\u4e00" <= sign <= "\u9fff"]


async def test_nobody_else_sees_or_changes_anything(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        await _signed_in(h, "agent")
        for path in ("/routing/rules", "/routing/rules/1", "/routing/units", f"/routing/units/{BRIGADE}"):
            assert (await h.client.get(path, headers=BROWSER)).status_code == 403
            assert (await _post(h, path, note="x")).status_code in (403, 405)


async def _post(h: Hall, path: str, **fields: str) -> httpx.Response:
    data = {"csrf_token": await h.front.csrf(), **fields}
    return await h.client.post(path, data=data, headers={"accept": "text/html"})


async def _page(h: Hall, path: str) -> str:
    answer = await h.client.get(path, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    return answer.text


async def _signed_in(h: Hall, role: str) -> None:
    await h.front.person(role)
    await h.front.sign_in()
