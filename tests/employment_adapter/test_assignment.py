"""Home visits are given out by area and load, and end with their case; on both stores."""

from services.domain.events import CaseClosed
from tests.employment_adapter.centre import (
    EMPLOYMENT,
    HUAQIAO,
    JIANGDONG,
    NINGHAI,
    SEEKER,
    assistant,
    seeker,
    told,
    visits,
)
from tests.kernel.cells import until
from tests.kernel.tasks.town import town
from tests.places import Place


async def test_a_seeker_gets_the_assistant_of_the_street_who_has_least_to_do(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        for street in (NINGHAI, NINGHAI, NINGHAI, HUAQIAO, JIANGDONG, None):
            await seeker(here, street)
        given = [(one.street, one.assistant) for one in await visits(here)]
        # 300401 and 300402 share a street; only 300401 has the other; 300409 has the rest of the district.
        assert given == [
            (NINGHAI, "300401"), (NINGHAI, "300402"), (NINGHAI, "300401"), (HUAQIAO, "300401"),
            (JIANGDONG, "300409"), (None, "300409"),
        ]  # fmt: skip


async def test_the_load_of_a_batch_counts_what_the_batch_itself_gave_out(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        await here.say(*(here.routed(open_record=SEEKER, street=NINGHAI) for _ in range(20)))

        async def there() -> bool:
            return len(await visits(here)) == 20

        await until(there)
        given = [one.assistant for one in await visits(here)]
        assert (given.count("300401"), given.count("300402")) == (10, 10)


async def test_only_a_job_seeker_is_visited_and_only_where_the_unit_has_no_system(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        await here.say(here.routed(kind="inquiry", street=NINGHAI))
        await here.state("delivered")
        assert await visits(here) == []


async def test_a_unit_with_a_system_of_its_own_visits_by_itself(place: Place) -> None:
    async with town(place, EMPLOYMENT, "http://127.0.0.1:9") as here:
        await here.say(here.routed(street=NINGHAI))
        await here.state("open")
        assert await visits(here) == []


async def test_a_visit_is_handed_over_within_the_unit_only(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        assert told(await who.enter(key, "assistant", assistant="300101")) == (422, "unknown-assistant")
        assert (await who.enter(key, "assistant", assistant="300409")).status_code == 200
        assert [len(group) for group in (await who.get()).json().values()] == [0] * 5
        assert len((await who.get("?whose=all")).json()["unplanned"]) == 1
        other = await assistant(here, "300409")
        assert len((await other.get()).json()["unplanned"]) == 1


async def test_another_units_visit_does_not_exist(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        stranger = await assistant(here, "300801", EMPLOYMENT.other)
        assert told(await stranger.get(f"/{key}")) == (404, "not-found")
        for entry, said in (("attempt", {"result": "met"}), ("safety", {"safety": "狗"})):
            assert told(await stranger.enter(key, entry, **said)) == (404, "not-found")
        assert (await stranger.get("?whose=all")).json()["unplanned"] == []


async def test_a_case_that_ends_elsewhere_takes_its_visit_off_the_list(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        first, second = here.routed(street=NINGHAI), here.routed(street=NINGHAI)
        await here.say(first, second)
        await here.state("delivered", "delivered")
        who = await assistant(here)
        away = here.routed(case_id=first.case_id, unit="inspection-gulou", service="inspection")
        await here.say(away, CaseClosed(case_id=second.case_id, at=here.clock(), reason="withdrawn"))
        await here.state("withdrawn", "withdrawn")
        assert (await who.get("?whose=all")).json()["unplanned"] == []
        assert all(one.closed_at for one in await visits(here))
