"""Texts leave their traces a moment after they are written: none is forgotten, none left after an erasure."""

import asyncio
from uuid import UUID

from services.domain.events import CaseErased
from services.domain.similarity import BANDS
from services.intake.handlers import erase
from services.intake.traces import BITE, Traces
from tests.intake.crowd import Crowd, call, crowd
from tests.places import Place

FIRST = 13851460000


def traces(desk: Crowd) -> Traces:
    return Traces(desk.store, desk.scribe.texts)


def banded(place: Place) -> int:
    """How many cases have traces."""
    return len(place.rows("intake", "SELECT DISTINCT case_id FROM intake_band"))


def owed(place: Place) -> int:
    return len(place.rows("intake", "SELECT case_id FROM intake_untraced"))


async def test_every_text_is_traced_once_also_when_many_are_owed(place: Place) -> None:
    async with crowd(place) as desk:
        await desk.write_all([call(FIRST + n) for n in range(2 * BITE + 3)])
        assert (banded(place), owed(place)) == (0, 2 * BITE + 3)
        await traces(desk).round()
        assert (banded(place), owed(place)) == (2 * BITE + 3, 0)
        assert len(place.rows("intake", "SELECT 1 FROM intake_band")) == BANDS * (2 * BITE + 3)


async def test_what_a_process_owed_when_it_died_is_traced_by_the_next(place: Place) -> None:
    async with crowd(place) as desk:
        await desk.write(call(FIRST))
    async with crowd(place, seed=8) as desk:
        await traces(desk).round()
        assert (banded(place), owed(place)) == (1, 0)


async def test_two_processes_at_one_store_share_what_is_owed(place: Place) -> None:
    async with crowd(place) as desk:
        await desk.write_all([call(FIRST + n) for n in range(3 * BITE)])
        await asyncio.gather(traces(desk).round(), traces(desk).round())
        assert (banded(place), owed(place)) == (3 * BITE, 0)


async def test_a_case_written_later_is_traced_in_the_next_round(place: Place) -> None:
    async with crowd(place) as desk:
        loop = traces(desk)
        await loop.round()
        await desk.write(call(FIRST))
        await loop.round()
        assert banded(place) == 1


async def test_an_erased_case_leaves_no_trace_whether_it_had_any_or_not(place: Place) -> None:
    async with crowd(place) as desk:
        early = await desk.write(call(FIRST))
        await traces(desk).round()
        late = await desk.write(call(FIRST + 1))
        for made in (early, late):
            erased = CaseErased(case_id=UUID(made.case_id), at=desk.clock())
            await desk.store.run(lambda tx, said=erased: list(erase(said, tx)))  # type: ignore[misc]
        await traces(desk).round()
        assert (banded(place), owed(place)) == (0, 0)


async def test_a_case_that_is_the_first_of_its_employer_is_counted_as_any_other(place: Place) -> None:
    """Nobody asks the database for it: what is said of the second shows that the first was counted."""
    async with crowd(place) as desk:
        await desk.write(call(FIRST, workers_affected=29, amount_owed=100))
        await desk.write(call(FIRST + 1, amount_owed=50))
        first, second = desk.events("CaseReceived")
        assert first["cluster"] is None
        assert isinstance(second["cluster"], dict)
        assert {name: second["cluster"][name] for name in ("callers", "workers", "amount_owed_fen")} == {
            "callers": 2, "workers": 29, "amount_owed_fen": 15_000,
        }  # fmt: skip


async def test_a_first_case_that_crosses_a_threshold_alone_raises_the_alarm(place: Place) -> None:
    async with crowd(place) as desk:
        await desk.write(call(FIRST, workers_affected=30))
        assert [alarm["callers"] for alarm in desk.events("ClusterAlarmed")] == [1]
