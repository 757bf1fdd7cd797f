"""The units directory: changed at once and versioned; a unit that closes leaves no case with nobody."""

from services.domain.events import CaseHeld, CaseRouted, UnitClosed
from services.kernel import outbox
from services.router.handover import SLICE
from tests.places import Place
from tests.router.hall import Hall, hall
from tests.router.keeper import keeper
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE
from tests.router.office import place as district


async def test_a_closed_units_open_cases_go_to_its_successor_and_none_is_orphaned(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        cases = [h.case(work=district(JIANGNING)) for _ in range(2 * SLICE + 3)]
        await h.office.hear(*cases)
        await h.office.hear(h.office.accepted(cases[0]))
        await h.office.hear(h.office.outcome(cases[1]))
        answer = await k.act(BRIGADE, "close", successor=OTHER_BRIGADE)
        assert answer.status_code == 200, answer.text
        said = await _said(h)
        (closed,) = [one for one in said if isinstance(one, UnitClosed)]
        assert (closed.unit, closed.successor, closed.by) == (BRIGADE, OTHER_BRIGADE, "chief")
        moved = [one for one in said if isinstance(one, CaseRouted) and one.rule == "unit_closed"]
        assert len(moved) == len(cases) - 1
        assert {(one.unit, one.district) for one in moved} == {(OTHER_BRIGADE, JIANGNING)}
        assert (await h.office.case(cases[1].case_id)).unit == BRIGADE, "it is done"
        report = (await k.call("GET", "/closures")).json()
        (line,) = report["closures"]
        assert (report["orphaned"], line["moved"], line["held"], line["left"]) == (0, len(cases) - 1, 0, 0)
        told = (await h.client.get(f"/api/cases/{cases[0].case_id}/routing", headers=k.headers)).json()
        assert "江宁区劳动保障监察大队" in told["decisions"][-1]["zh"]
        assert "由接续单位接办" in told["decisions"][-1]["zh"]
        (new,) = await h.office.hear(h.case(work=district(JIANGNING)))
        assert isinstance(new, CaseRouted)
        assert new.unit == OTHER_BRIGADE


async def test_a_suspended_units_cases_go_to_a_person_until_it_comes_back(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        case = h.case(work=district(JIANGNING))
        await h.office.hear(case)
        assert (await k.act(BRIGADE, "suspend")).status_code == 200
        row = await h.office.case(case.case_id)
        assert (row.state, row.hold_reason) == ("held", "unit_unavailable")
        (held,) = await h.office.hear(h.case(work=district(JIANGNING)))
        assert isinstance(held, CaseHeld)
        assert held.reason == "unit_unavailable"
        assert (await k.act(BRIGADE, "resume")).status_code == 200
        (line,) = (await k.call("GET", "/closures")).json()["closures"]
        assert (line["held"], line["suspended"], line["ended_at"] is None) == (1, True, False)
        (again,) = await h.office.hear(h.case(work=district(JIANGNING)))
        assert isinstance(again, CaseRouted)
        assert again.unit == BRIGADE


async def test_a_case_that_comes_late_to_a_closed_unit_is_found_by_the_next_round(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        slow = h.case(work=district(JIANGNING))
        await k.act(BRIGADE, "close", successor=OTHER_BRIGADE)
        h.office.handlers = h.stale
        await h.office.hear(slow)
        assert (await h.office.case(slow.case_id)).unit == BRIGADE
        assert (await k.call("GET", "/closures")).json()["orphaned"] == 1
        await h.turn()
        assert (await h.office.case(slow.case_id)).unit == OTHER_BRIGADE
        assert (await k.call("GET", "/closures")).json()["orphaned"] == 0


async def test_a_unit_closes_only_when_somebody_takes_its_district(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        answer = await k.act(BRIGADE, "close")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/edition-faulty")
        problems = " ".join(one["problem"] for one in answer.json()["errors"])
        assert "320115 江宁区：没有在用的劳动保障监察大队" in problems
        assert (await k.act(BRIGADE, "close", successor="inspection-atlantis")).status_code == 422
        assert (await k.act("inspection-atlantis", "suspend")).status_code == 422
        assert (await k.call("GET", "/closures")).json() == {"orphaned": 0, "closures": []}


async def test_a_change_of_a_unit_is_an_edition_and_keeps_the_rest_of_the_file(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        directory = await k.call("GET", "/units")
        unit = next(one["unit"] for one in directory.json()["units"] if one["id"] == "inspection-nanjing")
        unit |= {"phone": "025-12345678", "hours": [{"opens": "09:00:00", "closes": "17:00:00"}]}
        unit |= {"contacts": [{"zh": "值班室", "en": "Duty room", "phone": "025-87654321"}]}
        tag = directory.headers["etag"]
        answer = await k.call("PUT", "/units/inspection-nanjing", tag, unit=unit, note="换号")
        assert answer.status_code == 200, answer.text
        kept = next(one["unit"] for one in answer.json()["units"] if one["id"] == "inspection-nanjing")
        assert kept == unit
        edition = (await k.call("GET", f"/editions/{answer.json()['edition']}")).json()
        before = (await k.call("GET", "/editions/1")).json()
        assert (edition["note"], edition["author"], edition["rules"]) == ("换号", "chief", before["rules"])
        kept_lines = set(before["units"].splitlines()) - set(edition["units"].splitlines())
        assert kept_lines == {'phone = "025-55550100"'}
        late = await k.call("PUT", "/units/inspection-nanjing", tag, unit=unit, note="换号")
        assert (late.status_code, late.json()["type"]) == (409, "/problems/edition-outdated")


async def test_a_new_office_takes_its_street_by_a_rule_that_says_so(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        tag = (await k.call("GET", "/units")).headers["etag"]
        office = {
            "id": "employment-moling", "type": "neighbourhood_office", "service": "employment",
            "name": "秣陵街道服务所", "name_en": "Moling Office", "streets": ["320115002"],
        }  # fmt: skip
        added = await k.call("PUT", "/units/employment-moling", tag, unit=office, note="新设")
        assert added.status_code == 200, added.text
        draft = await k.call("POST", "/editions", note="按街道")
        body = draft.json()
        rules = body["rules"].replace(
            'service = "employment", by = "residence"', 'service = "employment", by = "residence_street"', 1
        )
        number = body["number"]
        edited = await k.call(
            "PUT",
            f"/editions/{number}",
            draft.headers["etag"],
            note="按街道",
            rules=rules,
            units=body["units"],
        )
        assert edited.json()["problems"] == []
        assert (
            await k.call("POST", f"/editions/{number}/activate", edited.headers["etag"])
        ).status_code == 200
        said = []
        for street in ("320115002", "320115003", None):
            home = district(JIANGNING).model_copy(update={"street": street})
            said += await h.office.hear(h.case(kind="job_assistance", residence=home))
        units = [one.unit for one in said if isinstance(one, CaseRouted)]
        assert units == ["employment-moling", "employment-jiangning", "employment-jiangning"]


async def _said(h: Hall) -> list[object]:
    kinds = {one.__name__: one for one in (UnitClosed, CaseRouted, CaseHeld)}
    left = await h.office.store.run(lambda tx: outbox.unpublished(tx, "router", 9_999))
    return [kinds[one.type].model_validate_json(one.body) for one in left if one.type in kinds]


async def test_a_stand_in_may_be_suspended_too_and_then_a_person_decides(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        case = h.case(work=district(JIANGNING))
        await h.office.hear(case)
        assert (await k.act(BRIGADE, "suspend", successor=OTHER_BRIGADE)).status_code == 200
        assert (await h.office.case(case.case_id)).unit == OTHER_BRIGADE
        assert (await k.act(OTHER_BRIGADE, "suspend")).status_code == 200
        assert (await h.office.case(case.case_id)).state == "held"
        assert (await k.call("GET", "/closures")).json()["orphaned"] == 0
        loop = await k.act(OTHER_BRIGADE, "close", successor=BRIGADE)
        assert loop.status_code == 422
