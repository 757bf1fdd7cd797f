"""The board: what is overdue and what draws near, page by page."""

from tests.domain.nanjing_time import local
from tests.kernel.front import BROWSER
from tests.router.hall import Hall
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, place
from tests.router.test_clock_changes import accepted, h

__all__ = ["h"]


async def test_the_board_lists_what_is_overdue_and_what_draws_near(h: Hall) -> None:
    case, other = await accepted(h), h.case(work=place(JIANGNING))
    await h.office.hear(other)
    h.office.clock.at = local("2026-09-28 09:00")
    await h.office.fire()
    headers = await h.front.bearer("supervisor")
    near = (await h.client.get("/api/clocks/approaching", headers=headers)).json()
    assert [(one["name"], one["number"]) for one in near["clocks"]] == [("受理决定", other.number)]
    h.office.clock.at = local("2026-09-30 09:00")
    await h.office.fire()
    overdue = (await h.client.get("/api/clocks/overdue", headers=headers)).json()
    assert [(one["unit"], one["steps"]) for one in overdue["clocks"]] == [(BRIGADE, 1)]
    query = {"unit": OTHER_BRIGADE}
    assert (await h.client.get("/api/clocks/overdue", headers=headers, params=query)).json()["clocks"] == []
    await h.office.hear(h.office.objected(other, proposed=OTHER_BRIGADE))
    bounces = (await h.client.get("/api/routing/bounces", headers=headers)).json()
    assert [(one["unit_name"], one["objections"]) for one in bounces] == [("江宁区劳动保障监察大队", 1)]
    await h.front.person("supervisor")
    await h.front.sign_in()
    page = (await h.client.get("/clocks", headers=BROWSER)).text
    assert "江宁区劳动保障监察大队" in page
    english = (await h.client.get("/clocks", headers=BROWSER | {"accept-language": "en"})).text
    assert "Sent back by unit" in english
    assert case.number not in page  # its clock runs, and nobody need look


async def test_a_list_is_read_page_by_page(h: Hall) -> None:
    cases = [h.case(work=place(JIANGNING)) for _ in range(5)]
    await h.office.hear(*cases)
    h.office.clock.at = local("2026-09-30 09:00")
    await h.office.fire()
    headers, seen, cursor = await h.front.bearer("supervisor"), [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await h.client.get("/api/clocks/overdue", headers=headers, params=params)).json()
        seen += [one["case_id"] for one in page["clocks"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(seen) == sorted(str(case.case_id) for case in cases)
    answer = await h.client.get("/api/clocks/overdue", headers=headers, params={"cursor": "x"})
    assert answer.json()["type"] == "/problems/bad-cursor"
