"""The units directory: changed at once and versioned; a unit that closes leaves no case with nobody."""

from typing import Any

import httpx
import pytest

from services.domain.events import CaseHeld, CaseRouted, UnitClosed
from services.kernel import outbox
from services.router.handover import SLICE
from tests.places import Place
from tests.router.hall import Hall, hall
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE
from tests.router.office import place as district


class Keeper:
    """A supervisor who looks after the units."""

    def __init__(self, h: Hall, headers: dict[str, str]) -> None:
        self.h, self.headers = h, headers

    async def call(self, method: str, path: str, tag: str | None = None, **body: Any) -> httpx.Response:
        headers = self.headers | ({"if-match": tag} if tag else {})
        given = body if method in ("POST", "PUT") else None
        return await self.h.client.request(method, f"/api/routing{path}", headers=headers, json=given)

    async def act(self, unit: str, act: str, **body: Any) -> httpx.Response:
        """Close, suspend or resume, as somebody who has just looked."""
        tag = (await self.call("GET", "/units")).headers["etag"]
        answer = await self.call("POST", f"/units/{unit}/{act}", tag, note="区划调整", **body)
        await self.h.turn()
        return answer


async def keeper(h: Hall) -> Keeper:
    return Keeper(h, await h.front.bearer("supervisor", "chief"))


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
        assert {one.unit for one in moved} == {OTHER_BRIGADE}
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


@pytest.mark.parametrize(("hours", "silent"), [(1, False), (25, True)])
async def test_a_unit_that_lets_cases_lie_counts_as_silent(hours: int, silent: bool, place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        await h.office.hear(h.case(work=district(JIANGNING), urgent=True), h.case(work=district(JIANGNING)))
        h.office.clock.forward(hours=hours)
        loads = {one["unit"]: one for one in (await k.call("GET", "/workloads")).json()}
        assert (loads[BRIGADE]["waiting"], loads[BRIGADE]["urgent"]) == (2, 1)
        assert (loads[BRIGADE]["silent"], loads[OTHER_BRIGADE]["silent"]) == (silent, False)


async def test_a_unit_that_has_accepted_something_is_not_silent(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        cases = [h.case(work=district(JIANGNING)) for _ in range(2)]
        await h.office.hear(*cases)
        h.office.clock.forward(hours=25)
        await h.office.hear(h.office.accepted(cases[0]))
        loads = {one["unit"]: one for one in (await k.call("GET", "/workloads")).json()}
        assert (loads[BRIGADE]["silent"], loads[BRIGADE]["accepted"]) == (False, 1)


async def _said(h: Hall) -> list[object]:
    kinds = {one.__name__: one for one in (UnitClosed, CaseRouted, CaseHeld)}
    left = await h.office.store.run(lambda tx: outbox.unpublished(tx, "router", 9_999))
    return [kinds[one.type].model_validate_json(one.body) for one in left if one.type in kinds]
