"""Facts put right later: a held case is decided again, a case on its way may move, an accepted one stays."""

from pathlib import Path

from services.domain.events import CaseHeld, CaseRouted, Event
from tests.router.office import BRIGADE, GULOU, OTHER_BRIGADE, office, place


def routed_to(said: list[Event]) -> list[str]:
    return [event.unit for event in said if isinstance(event, CaseRouted)]


async def test_a_held_case_is_routed_when_the_missing_district_is_put_in(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received(work=None)
        (held,) = await router.hear(case)
        assert isinstance(held, CaseHeld)
        assert held.reason == "unsure_district"
        assert routed_to(await router.hear(router.corrected(case, work=place(GULOU)))) == [OTHER_BRIGADE]
        assert (await router.case(case.case_id)).held_at is None


async def test_a_correction_that_changes_nothing_for_routing_says_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received(work=None)
        await router.hear(case)
        new = "task.k1.TkVX"
        assert await router.hear(router.corrected(case, record=new)) == []
        assert await router.hear(router.corrected(case, contact="contact.k1.QUJD")) == []
        assert await router.hear(router.corrected(case, work=None)) == []
        assert (await router.case(case.case_id)).record == new


async def test_a_case_that_is_still_held_keeps_its_place_in_the_queue(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received(work=None)
        await router.hear(case)
        since = router.clock.at
        router.clock.forward(hours=2)
        (said,) = await router.hear(router.corrected(case, kind="other"))
        assert isinstance(said, CaseHeld)
        assert said.reason == "no_rule"
        assert (await router.case(case.case_id)).held_at == since


async def test_a_corrected_district_moves_a_case_that_nobody_accepted_yet(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        assert routed_to(await router.hear(router.corrected(case, work=place(GULOU)))) == [OTHER_BRIGADE]
        assert await router.decided(router.corrected(case, urgent=True)) == []


async def test_a_corrected_district_leaves_an_accepted_case_with_its_unit(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.accepted(case))
        assert await router.hear(router.corrected(case, work=place(GULOU))) == []
        assert (await router.case(case.case_id)).unit == BRIGADE


async def test_a_correction_does_not_undo_where_a_unit_proposed_the_case_should_go(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        assert routed_to(await router.hear(router.objected(case, proposed=OTHER_BRIGADE))) == [OTHER_BRIGADE]
        assert await router.hear(router.corrected(case, report_type="complaint")) == []
        assert (await router.case(case.case_id)).unit == OTHER_BRIGADE
