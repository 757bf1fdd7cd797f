"""The clocks of a case in the router: what starts, meets and ends them."""

from datetime import timedelta

from services.domain.events import CallerInformed, CaseErased
from tests.domain.nanjing_time import local, shown
from tests.router.office import BRIGADE, OTHER_BRIGADE, Office
from tests.router.timing import states


async def test_a_case_has_the_clocks_of_its_way(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    assert await states(router, case.case_id) == {"acceptance": "running"}
    await router.hear(router.delivered(case))
    assert await states(router, case.case_id) == {"acceptance": "running", "objection": "running"}
    await router.hear(router.accepted(case))
    met = {"acceptance": "met", "objection": "met"}
    assert await states(router, case.case_id) == met | {"investigation": "running"}
    await router.hear(router.outcome(case))
    done = met | {"investigation": "met"}
    assert await states(router, case.case_id) == done | {"informing": "running"}
    received = CallerInformed(case_id=case.case_id, at=router.clock.at, channel="sms", about="received")
    await router.hear(received)  # late: what the caller does not know yet is the result
    assert await states(router, case.case_id) == done | {"informing": "running"}
    await router.hear(received.model_copy(update={"about": "outcome"}))
    assert await states(router, case.case_id) == done | {"informing": "met"}
    acceptance = (await router.clocks(case.case_id))[0]
    assert (shown(acceptance.due), acceptance.unit) == ("2026-09-29 17:30", BRIGADE)
    assert acceptance.article == "实施《劳动保障监察条例》若干规定第十八条"


async def test_events_of_a_batch_come_to_the_same(router: Office) -> None:
    case, urgent = router.received(), router.received(urgent=True)
    await router.hear(
        case, urgent, router.delivered(case), router.accepted(case), router.delivered(urgent),
        router.outcome(case), router.closed(case),
    )  # fmt: skip
    found = await states(router, case.case_id)
    assert (found.pop("informing"), set(found.values())) == ("lapsed", {"met"})
    assert await states(router, urgent.case_id) == dict.fromkeys(
        ["acceptance", "acceptance_urgent", "acknowledgement", "objection"], "running"
    )


async def test_f14_no_clock_runs_after_closing(router: Office) -> None:
    case = router.received()
    await router.hear(case, router.delivered(case), router.closed(case))
    assert set((await states(router, case.case_id)).values()) == {"lapsed"}
    await router.hear(router.delivered(case), router.accepted(case))  # late ones
    assert set((await states(router, case.case_id)).values()) == {"lapsed"}
    router.clock.forward(days=400)
    assert await router.fire() == []
    assert all(row.next_at is None and row.ended_at for row in await router.clocks(case.case_id))


async def test_f14_a_fact_from_before_the_start_does_not_turn_a_clock_back(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    earlier = router.accepted(case).model_copy(update={"at": router.clock.at - timedelta(hours=1)})
    await router.hear(earlier)
    investigation, acceptance = await router.clocks(case.case_id)
    assert investigation.started_at < acceptance.started_at
    assert (acceptance.state, acceptance.ended_at) == ("met", acceptance.started_at)


async def test_f07_an_older_status_does_not_move_the_clocks_of_a_newer_one(router: Office) -> None:
    """A unit that the case has left reports late: the clocks of the unit that has it now stay."""
    case = router.received()
    await router.hear(case)
    router.clock.forward(minutes=1)
    await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
    await router.hear(router.accepted(case, BRIGADE), router.outcome(case, BRIGADE))
    assert await states(router, case.case_id) == {"acceptance": "running"}
    assert (await router.clocks(case.case_id))[-1].unit == OTHER_BRIGADE


async def test_acceptance_begins_again_when_the_case_goes_to_another_unit(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    router.clock.at = local("2026-09-24 10:00")
    await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
    first, second = await router.clocks(case.case_id)
    assert (first.clock, first.unit, first.state, shown(first.due)) == (
        "acceptance", BRIGADE, "met", "2026-09-29 17:30",
    )  # fmt: skip
    assert (second.clock, second.unit, second.state, shown(second.due)) == (
        "acceptance", OTHER_BRIGADE, "running", "2026-10-09 17:30",
    )  # fmt: skip


async def test_a_held_case_has_no_clock_of_a_unit(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    await router.hear(router.objected(case))
    assert [row.state for row in await router.clocks(case.case_id)] == ["met"]


async def test_a_petition_has_its_own_clocks_in_calendar_days(router: Office) -> None:
    case = router.received(tags=("petition",), kind="other", work=None)
    await router.hear(case)
    (forwarding,) = await router.clocks(case.case_id)
    assert (forwarding.clock, shown(forwarding.due)) == ("petition_forwarding", "2026-10-08 17:30")
    other = router.received(tags=("petition",))
    await router.hear(other, router.delivered(other))
    received = CallerInformed(case_id=other.case_id, at=router.clock.at, channel="sms", about="received")
    await router.hear(received)
    assert (await states(router, other.case_id))["petition_notice"] == "running"
    await router.hear(router.accepted(other), received.model_copy(update={"about": "outcome"}))
    found = await states(router, other.case_id)
    assert (found["petition_forwarding"], found["petition_notice"], found["petition"]) == (
        "met", "met", "running",
    )  # fmt: skip


async def test_a_case_that_becomes_urgent_gets_its_clocks_from_now_on(router: Office) -> None:
    case = router.received()
    await router.hear(case, router.delivered(case))
    router.clock.forward(hours=3)
    await router.hear(router.corrected(case, urgent=True))
    rows = {row.clock: row for row in await router.clocks(case.case_id)}
    assert rows["acceptance_urgent"].due == router.clock.at + timedelta(minutes=30)
    assert rows["acknowledgement"].due == router.clock.at + timedelta(minutes=10)
    assert rows["acceptance"].urgent
    await router.hear(router.corrected(case, urgent=False))
    assert (await states(router, case.case_id))["acceptance_urgent"] == "lapsed"


async def test_what_the_rule_calls_urgent_counts_in_minutes_whatever_was_ticked(router: Office) -> None:
    """The 122 desk: minutes, not days."""
    case = router.received(kind="social_help")
    await router.hear(case)
    await router.hear(router.delivered(case, "helpdesk-122"))
    rows = {row.clock: row for row in await router.clocks(case.case_id)}
    assert rows["acknowledgement"].due == router.clock.at + timedelta(minutes=10)
    assert rows["acceptance_urgent"].due == router.clock.at + timedelta(minutes=30)
    await router.hear(router.corrected(case, record=case.record))
    assert (await states(router, case.case_id))["acknowledgement"] == "running"
    await router.hear(router.accepted(case, "helpdesk-122"))
    assert (await states(router, case.case_id))["acknowledgement"] == "met"


async def test_clocks_in_minutes_come_and_go_with_the_rule_that_calls_a_case_urgent(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    await router.hear(router.corrected(case, kind="social_help"))
    assert (await states(router, case.case_id))["acceptance_urgent"] == "running"
    await router.hear(router.corrected(case, kind="wage_arrears"))
    assert (await states(router, case.case_id))["acceptance_urgent"] == "lapsed"
    await router.hear(router.delivered(case))
    assert "acknowledgement" not in await states(router, case.case_id)


async def test_a_reopened_case_counts_again(router: Office) -> None:
    case = router.received()
    await router.hear(case, router.accepted(case), router.outcome(case), router.closed(case))
    router.clock.forward(days=1)
    await router.hear(router.reopened(case))
    assert (await states(router, case.case_id))["acceptance"] == "running"
    assert [row.clock for row in await router.clocks(case.case_id)].count("acceptance") == 2


async def test_an_erased_case_keeps_its_clocks_for_the_counts_and_none_runs(router: Office) -> None:
    case = router.received()
    await router.hear(case, CaseErased(case_id=case.case_id, at=router.clock.at))
    assert await states(router, case.case_id) == {"acceptance": "lapsed"}
