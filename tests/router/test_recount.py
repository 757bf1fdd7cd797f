"""The work calendar changed: open clocks are computed again, in slices, once, and with a progress to see."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

from services.domain.events import DeadlineRecomputed
from services.domain.work_calendar import WorkCalendar
from services.kernel import outbox
from services.kernel.service import KERNEL
from services.router.models import HISTORY
from services.router.recount import SLICE, follow_calendar, go_on, progress
from services.router.rules import Desk
from tests.domain.nanjing_time import CITY, INVENTED_2027, local, shown
from tests.kernel.cells import Clock
from tests.places import Place
from tests.router.office import Office, office


def desk_by(calendar: WorkCalendar) -> Desk:
    desk = Desk.of(CITY)
    return replace(desk, periods=replace(desk.periods, calendar=calendar))


PUBLISHED = WorkCalendar.of(CITY.hours, (*CITY.years, INVENTED_2027))


@pytest.fixture
async def router(place: Place) -> AsyncIterator[Office]:
    clock = Clock(local("2027-01-28 10:00"))  # a Thursday of the year that is not published yet
    async with office(url=place.url("router", KERNEL, HISTORY), clock=clock) as router:
        await follow_calendar(router.store, router.desk.periods)
        yield router


async def recomputed(router: Office) -> list[DeadlineRecomputed]:
    left = await router.store.run(lambda tx: outbox.unpublished(tx, "router", 9_999))
    kind = DeadlineRecomputed.__name__
    return [DeadlineRecomputed.model_validate_json(one.body) for one in left if one.type == kind]


async def test_a_published_year_moves_the_provisional_ends_with_an_event(router: Office) -> None:
    case, accepted = router.received(), router.received()
    await router.hear(case, accepted, router.accepted(accepted))
    before = (await router.clocks(case.case_id))[0]
    assert (shown(before.due), before.provisional) == ("2027-02-04 17:30", True)
    await follow_calendar(router.store, desk_by(PUBLISHED).periods)
    (moved,) = await recomputed(
        router
    )  # Sunday 31 January is worked; an investigation ends as it was thought
    assert (moved.clock, shown(moved.was), shown(moved.due), moved.provisional) == (
        "acceptance", "2027-02-04 17:30", "2027-02-03 17:30", False,
    )  # fmt: skip
    after = (await router.clocks(case.case_id))[0]
    assert (after.due, after.provisional) == (moved.due, False)
    assert {row.provisional for row in await router.clocks(accepted.case_id) if row.ended_at is None} == {
        False
    }
    row = await router.store.read(progress)
    assert row is not None
    assert (row.seen, row.moved, row.calendar) == (2, 1, PUBLISHED.fingerprint)
    await follow_calendar(router.store, desk_by(PUBLISHED).periods)
    assert len(await recomputed(router)) == 1


async def test_it_goes_on_where_it_was_and_other_work_goes_on_meanwhile(router: Office) -> None:
    cases = [router.received() for _ in range(SLICE + 20)]
    for at in range(0, len(cases), 100):
        await router.hear(*cases[at : at + 100])
    periods, total = desk_by(PUBLISHED).periods, SLICE + 20
    slice_ = partial(go_on, periods=periods, calendar=PUBLISHED.fingerprint, total=total)
    assert await router.store.run(slice_)
    row = await router.store.read(progress)
    assert row is not None
    assert (row.seen, row.total, row.ended_at) == (SLICE, SLICE + 20, None)
    late = router.received()
    await router.hear(late, router.accepted(cases[0]))  # between two slices
    await follow_calendar(router.store, desk_by(PUBLISHED).periods)  # as after a restart
    row = await router.store.read(progress)
    assert row is not None
    assert row.ended_at is not None
    moved = await recomputed(router)
    assert len(moved) == len({event.case_id for event in moved}) == row.moved
    assert row.moved in (SLICE + 19, SLICE + 20, SLICE + 21)  # two came and went between the slices


async def test_a_clock_that_stands_still_or_has_run_out_keeps_its_word(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    router.clock.at = local("2027-02-22 09:00")
    await router.fire()
    before = (await router.clocks(case.case_id))[0]
    assert before.state == "missed"
    await follow_calendar(router.store, desk_by(PUBLISHED).periods)
    assert await recomputed(router) == []
    assert (await router.clocks(case.case_id))[0].due == before.due
