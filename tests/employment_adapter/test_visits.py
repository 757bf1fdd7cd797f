"""Home visits are agreed on, made, ended and followed up; on both stores."""

import asyncio
from datetime import datetime, timedelta

from services.domain.events import CaseErased, OutcomeReported, TaskProgressed
from tests.employment_adapter.centre import (
    EMPLOYMENT,
    HUAQIAO,
    assistant,
    seeker,
    told,
    visits,
)
from tests.kernel.cells import until
from tests.kernel.tasks.town import town
from tests.places import Place


async def test_a_visit_is_agreed_on_and_made_and_its_outcome_is_followed_up(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key = await seeker(here)
        who = await assistant(here)
        assert (await who.plan(key)).json() == {"task": key, "state": "in_progress", "again": False}
        card = (await who.get(f"/{key}")).json()
        assert (card["stage"], card["who"], card["street"]) == ("visit_planned", "陆**", "宁海路街道")
        assert card["starts_at"] is not None
        assert await who.tried(key, "met") == [200]
        ended = await who.enter(key, "outcome", outcome="placed", summary="到岗了。")
        assert ended.json()["state"] == "completed"
        assert await here.said() == [
            "TaskDelivered", "TaskAccepted", "TaskProgressed", "TaskProgressed", "OutcomeReported",
        ]  # fmt: skip
        [visit] = await visits(here)
        assert visit.closed_at is not None
        assert visit.follow_up_at is not None
        assert visit.follow_up_at >= visit.closed_at + timedelta(days=29)
        rounds = (await who.get()).json()
        assert [len(group) for group in rounds.values()] == [0] * 5
        here.clock.by += visit.follow_up_at - here.clock() + timedelta(hours=1)
        rounds = (await who.get()).json()
        assert [one["task"] for one in rounds["follow_up"]] == [key]
        assert rounds["follow_up"][0]["outcome"] == "placed"


async def test_a_follow_up_that_reached_nobody_comes_again_and_one_that_did_is_told_once(
    place: Place,
) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        assert told(await who.enter(key, "follow-up", result="settled")) == (409, "no-follow-up")
        await who.enter(key, "outcome", outcome="training", summary="报名了。")
        [before] = await visits(here)
        assert (await who.enter(key, "follow-up", result="no_answer")).status_code == 200
        [after] = await visits(here)
        assert after.followed_up_at is None
        assert before.follow_up_at is not None
        assert after.follow_up_at is not None
        assert after.follow_up_at < before.follow_up_at
        said = {"result": "needs_help_again", "note": "又失业了。"}
        for again in (False, True):
            response = await who.enter(key, "follow-up", once="f-1", **said)
            assert response.json()["again"] is again
        told_of = [event for event in await here.events() if isinstance(event, TaskProgressed)]
        assert [event.step for event in told_of] == ["needs_help_again"]
        assert told(await who.enter(key, "follow-up", result="settled")) == (409, "no-follow-up")


async def test_nobody_at_home_twice_then_the_phone_then_a_letter_and_only_then_unreachable(
    place: Place,
) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        gone = {"outcome": "unreachable", "summary": "多次联系未果。"}
        assert await who.tried(key, "phoned_in_vain", "letter_sent") == [422, 422]
        assert [task.state for task in await here.tasks()] == ["delivered"]
        await who.plan(key)
        assert await who.tried(key, "nobody_home", "letter_sent") == [200, 422]
        await who.plan(key, 1)
        assert told(await who.enter(key, "outcome", **gone)) == (422, "stage-out-of-order")
        assert await who.tried(key, "nobody_home", "nobody_home") == [200, 422]
        assert (await who.get(f"/{key}")).json()["results"] == ["met", "phoned_in_vain"]
        assert await who.tried(key, "phoned_in_vain", "letter_sent") == [200, 200]
        assert (await who.enter(key, "outcome", **gone)).json()["state"] == "completed"
        steps = [event.step for event in await here.events() if isinstance(event, TaskProgressed)]
        assert steps == [
            "visit_planned", "nobody_home", "visit_planned_again", "nobody_home_again", "phoned_in_vain",
            "letter_sent",
        ]  # fmt: skip
        [outcome] = [event for event in await here.events() if isinstance(event, OutcomeReported)]
        assert (outcome.outcome, outcome.resolved) == ("unreachable", False)
        [visit] = await visits(here)
        assert visit.follow_up_at is None


async def test_two_visits_do_not_get_the_same_hour_of_one_assistant(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        keys = [await seeker(here, HUAQIAO) for _ in range(4)]
        who = await assistant(here)
        begins = (await who.free(keys[0]))[0].isoformat()
        answers = await asyncio.gather(*(who.enter(key, "plan", begins=begins) for key in keys))
        assert sorted(told(one) for one in answers) == [(200, ""), *[(409, "slot-taken")] * 3]
        assert [task.state for task in await here.tasks()].count("delivered") == 3
        assert datetime.fromisoformat(begins) not in await who.free(keys[1])


async def test_a_time_that_is_no_slot_is_refused_and_nothing_changes(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        for begins in ("2020-01-02T09:00:00+08:00", "2031-01-02T03:03:00+08:00"):
            assert told(await who.enter(key, "plan", begins=begins)) == (422, "no-such-slot")
        assert (await who.enter(key, "plan", begins="明天上午")).status_code == 422
        assert [task.state for task in await here.tasks()] == ["delivered"]


async def test_an_entry_that_a_phone_sends_again_counts_once(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        earlier = (here.clock() - timedelta(hours=3)).isoformat()
        said = {"result": "nobody_home", "note": "敲门无人应。", "happened_at": earlier}
        answers = await asyncio.gather(*(who.enter(key, "attempt", once="e-1", **said) for _ in range(5)))
        assert sorted(one.json()["again"] for one in answers) == [False, True, True, True, True]
        [event] = [event for event in await here.events() if isinstance(event, TaskProgressed)]
        assert event.note is not None
        note = here.parts.keyring.open(event.note, event.case_id, "note")
        assert note.endswith("）敲门无人应。")
        ancient = (here.clock() - timedelta(days=8)).isoformat()
        late = await who.enter(key, "attempt", result="met", happened_at=ancient)
        assert told(late) == (422, "not-then")


async def test_what_was_written_of_a_home_is_sealed_and_goes_with_the_case(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        note = "家有大狗，须两人同行"
        assert (await who.enter(key, "safety", safety=note)).status_code == 200
        assert (await who.get(f"/{key}")).json()["safety"] == note
        assert note.encode() not in place.contents("employment_adapter")
        await who.enter(key, "outcome", outcome="placed", summary="到岗了。")
        [task] = await here.tasks()
        await here.say(CaseErased(case_id=task.case_id, at=here.clock()), source="intake")

        async def erased() -> bool:
            [visit] = await visits(here)
            return visit.safety is None and visit.follow_up_at is None

        await until(erased)


async def test_a_note_of_safety_can_be_taken_back(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        await who.enter(key, "safety", safety="有狗")
        await who.enter(key, "safety", safety="")
        assert (await who.get(f"/{key}")).json()["safety"] is None


async def test_two_forms_of_one_page_may_share_a_key(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        key, who = await seeker(here), await assistant(here)
        first = await who.enter(key, "safety", once="t", safety="有狗")
        second = await who.enter(key, "attempt", once="t", result="met")
        assert [one.json()["again"] for one in (first, second)] == [False, False]
        assert (await who.get(f"/{key}")).json()["stage"] == "visit_done"
