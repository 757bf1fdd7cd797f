"""What the router says of clocks as time passes, and never at the wrong hour."""

from dataclasses import replace

from services.domain.events import DeadlineMet
from services.kernel.service import KERNEL
from services.router.models import HISTORY
from tests.domain.nanjing_time import local, shown
from tests.kernel.cells import Clock
from tests.places import Place
from tests.router.office import Office, office
from tests.router.timing import named, states


async def test_reminders_come_as_the_period_passes_and_its_end_once(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    said = []
    for _ in range(24 * 20):
        router.clock.forward(hours=1)
        said += [(shown(router.clock.at), *one) for one in named(await router.fire())]
    assert said == [
        ("2026-09-28 09:00", "DeadlineApproaching", "acceptance"),
        ("2026-09-29 09:00", "DeadlineApproaching", "acceptance"),
        ("2026-09-30 09:00", "DeadlineMissed", "acceptance"),
    ]


async def test_f13_nobody_is_reminded_at_midnight(router: Office) -> None:
    """Also not by a router that was down over the reminder and comes back at night."""
    case = router.received()
    await router.hear(case)
    router.clock.at = local("2026-09-29 23:59")  # two reminders and the end were slept through
    assert await router.fire() == []
    router.clock.at = local("2026-09-30 08:29")
    assert await router.fire() == []
    router.clock.at = local("2026-09-30 08:30")
    assert named(await router.fire()) == [("DeadlineMissed", "acceptance")]
    assert await router.fire() == []


async def test_an_urgent_case_is_reminded_of_at_any_hour(router: Office) -> None:
    router.clock.at = local("2026-09-21 23:30")
    case = router.received(urgent=True)
    await router.hear(case, router.delivered(case))
    router.clock.forward(minutes=5)
    assert named(await router.fire()) == [("DeadlineApproaching", "acknowledgement")]


async def test_what_is_done_in_time_is_met_and_what_is_late_is_met_late(router: Office) -> None:
    early, late = router.received(), router.received()
    await router.hear(early, late)
    assert await router.hear(router.accepted(early)) == []  # nobody was told of it: nobody need hear its end
    router.clock.at = local("2026-09-30 10:00")
    assert named(await router.fire()) == [("DeadlineMissed", "acceptance")]
    (met,) = await router.hear(router.accepted(late))
    assert isinstance(met, DeadlineMet)
    assert (met.clock, met.late) == ("acceptance", True)


async def test_a_period_that_the_city_no_longer_has_lapses(place: Place) -> None:
    clock = Clock(local("2026-09-21 10:00"))
    url = place.url("router", KERNEL, HISTORY)
    async with office(url=url, clock=clock) as router:
        case = router.received()
        await router.hear(case)
    periods = router.desk.periods
    without = {name: one for name, one in periods.by_id.items() if name != "acceptance"}
    desk = replace(router.desk, periods=replace(periods, by_id=without))
    async with office(url=url, clock=clock, desk=desk) as router:
        clock.forward(days=9)
        assert await router.fire() == []
        assert await states(router, case.case_id) == {"acceptance": "lapsed"}
