"""What each unit has in hand, which are silent, and what each sent back."""

import pytest

from tests.places import Place
from tests.router.hall import hall
from tests.router.keeper import keeper
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE
from tests.router.office import place as district


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


async def test_objections_are_counted_for_the_unit_that_made_them(place: Place) -> None:
    async with hall(place.folder, place=place) as h:
        k = await keeper(h)
        case = h.case(work=district(JIANGNING))
        await h.office.hear(case)
        await h.office.hear(h.office.objected(case, proposed=OTHER_BRIGADE))
        await h.office.hear(h.office.objected(case, OTHER_BRIGADE))
        loads = {one["unit"]: one for one in (await k.call("GET", "/workloads")).json()}
        counted = [(loads[unit]["sent_back"], loads[unit]["again"]) for unit in (BRIGADE, OTHER_BRIGADE)]
        assert counted == [(1, 0), (1, 1)]
