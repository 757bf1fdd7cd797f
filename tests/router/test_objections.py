"""No kicking the ball (不踢皮球): a unit may propose another one once, then a person decides."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.escalation import Objections
from services.domain.events import CaseHeld, CaseRouted, Event
from services.router.objections import by_unit
from services.router.rules import Desk
from tests.router.office import BRIGADE, CENTRE, GULOU, OTHER_BRIGADE, Office, nanjing, office, place

CITY_BRIGADE = "inspection-nanjing"


async def test_the_first_objection_goes_to_the_unit_that_is_proposed(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received(urgent=True)
        await router.hear(case)
        (said,) = await router.decided(router.objected(case, proposed=OTHER_BRIGADE))
        assert isinstance(said, CaseRouted)
        assert (said.unit, said.rule, said.bounces, said.urgency) == (OTHER_BRIGADE, "objection", 1, "urgent")
        assert said.reason == {
            "unit": BRIGADE, "objection": "not_our_district", "proposed_unit": OTHER_BRIGADE,
        }  # fmt: skip
        assert (said.district, said.accept_by is not None) == (GULOU, True)


async def test_a_unit_of_another_service_may_be_proposed(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        (said,) = await router.hear(router.objected(case, proposed=CENTRE))
        assert isinstance(said, CaseRouted)
        assert (said.unit, said.service) == (CENTRE, "employment")


@pytest.mark.parametrize("proposed", [None, "inspection-atlantis", "张三 13800138000", BRIGADE])
async def test_without_a_good_proposal_a_person_decides(proposed: str | None, tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        (said,) = await router.hear(router.objected(case, proposed=proposed))
        assert isinstance(said, CaseHeld)
        assert said.reason == "objected_again"
        assert "".join(said.facts.values()).isascii()


async def test_after_the_second_objection_the_common_superior_decides(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
        (said,) = await router.hear(router.objected(case, OTHER_BRIGADE, "inspection-xuanwu"))
        assert isinstance(said, CaseRouted)
        assert (said.unit, said.rule, said.reason["bounces"]) == (CITY_BRIGADE, "superior", "2")
        (assigned,) = await router.hear(router.objected(case, CITY_BRIGADE, BRIGADE))
        assert isinstance(assigned, CaseRouted)  # 指定管辖: its word is a decision, also for who objected
        assert (assigned.unit, assigned.rule, assigned.bounces) == (BRIGADE, "superior", 2)
        (held,) = await router.hear(router.objected(case, BRIGADE, "inspection-xuanwu"))
        assert isinstance(held, CaseHeld)
        assert (held.reason, held.facts["bounces"]) == ("objected_again", "3")


async def test_where_the_city_says_so_a_person_decides_after_the_second_objection(tmp_path: Path) -> None:
    desk = replace(Desk.of(nanjing()), objections=Objections(most=2, then="person"))
    async with office(tmp_path, desk) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
        (said,) = await router.hear(router.objected(case, OTHER_BRIGADE, "inspection-xuanwu"))
        assert isinstance(said, CaseHeld)
        assert (said.reason, said.facts["bounces"]) == ("objected_again", "2")
        row = await router.case(case.case_id)
        assert (row.bounces, row.proposed_unit, row.unit) == (2, "inspection-xuanwu", None)


async def test_without_a_common_superior_a_person_decides(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.objected(case, proposed=CENTRE))
        (said,) = await router.hear(router.objected(case, CENTRE))
        assert isinstance(said, CaseHeld)


async def test_objections_are_counted_per_unit(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        for _ in range(3):
            case = router.received()
            await router.hear(case)
            await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
        await router.hear(router.objected(case, OTHER_BRIGADE))
        await router.hear(router.objected(case, CITY_BRIGADE, BRIGADE))  # a decision, no objection
        counted = await router.store.read(lambda look: by_unit(look, router.clock.at))
        assert [tuple(one) for one in counted] == [(BRIGADE, 3, 0), (OTHER_BRIGADE, 1, 1)]


async def test_a_unit_that_objected_is_not_proposed_back(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
        (said,) = await router.hear(router.objected(case, OTHER_BRIGADE, BRIGADE))
        assert isinstance(said, CaseRouted)
        assert said.unit == CITY_BRIGADE


async def test_a_unit_may_object_after_it_had_accepted(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.accepted(case))
        (said,) = await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
        assert isinstance(said, CaseRouted)


async def test_an_objection_that_is_repeated_or_late_moves_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        objection = router.objected(case, proposed=OTHER_BRIGADE)
        assert len(await router.hear(objection, objection)) == 1
        await router.hear(router.accepted(case, OTHER_BRIGADE), router.outcome(case, OTHER_BRIGADE))
        assert await router.hear(router.objected(case, OTHER_BRIGADE)) == []
        assert (await router.case(case.case_id)).state == "resolved"


async def test_corrected_facts_may_lead_back_to_a_unit_that_objected(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.objected(case))
        assert await router.hear(router.corrected(case, record="task.k1.TkVX")) == []
        (said,) = await router.hear(router.corrected(case, work=place("320115", "likely", "江宁区")))
        assert isinstance(said, CaseRouted)
        assert (said.unit, said.bounces) == (BRIGADE, 1)


async def test_a_completed_record_goes_back_to_the_unit_that_found_it_incomplete(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        objection = router.objected(case).model_copy(update={"reason": "incomplete"})
        (held,) = await router.hear(objection)
        assert isinstance(held, CaseHeld)
        (said,) = await router.hear(router.corrected(case, record="task.k1.TkVX"))
        assert isinstance(said, CaseRouted)
        assert (said.unit, said.record) == (BRIGADE, "task.k1.TkVX")


async def test_no_unit_ever_gets_a_case_twice_on_the_same_facts(tmp_path: Path) -> None:
    """Every pair of objections, with every proposal: automation never asks a unit twice."""
    async with office(tmp_path) as router:
        for first in (None, BRIGADE, OTHER_BRIGADE, CENTRE):
            for second in (None, BRIGADE, OTHER_BRIGADE, CENTRE):
                units = await _journey(router, first, second)
                assert len(units) == len(set(units))


async def _journey(router: Office, *proposals: str | None) -> list[str]:
    case = router.received()
    said: list[Event] = await router.hear(case)
    for proposal in proposals:
        last = said[-1]
        if isinstance(last, CaseRouted):
            said += await router.hear(router.objected(case, last.unit, proposal))
    return [event.unit for event in said if isinstance(event, CaseRouted)]
