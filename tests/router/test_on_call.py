"""On call: who is told at night, who is next, and what ends it."""

from collections import Counter
from uuid import UUID

from services.domain.events import AlertAcknowledged, CaseReceived, Event, StaffAlerted
from services.router.alerts import RouterAlert
from tests.domain.nanjing_time import local
from tests.router.office import BRIGADE, JIANGNING, OTHER_BRIGADE, Office, place
from tests.router.timing import named, states

# Jiangning's people: head 200800, officers 200801 and 200802; 30 September 2026 is a Wednesday.
NIGHT = "2026-09-30 22:40"


def called(events: list[Event]) -> list[tuple[str, ...]]:
    return [(one.reason, *one.staff) for one in events if isinstance(one, StaffAlerted)]


async def at_night(router: Office, when: str = NIGHT) -> tuple[CaseReceived, list[Event]]:
    router.clock.at = local(when)
    case = router.received(urgent=True)
    return case, await router.hear(case)


def answer(router: Office, case: CaseReceived, alert: str, staff: str = "200801") -> AlertAcknowledged:
    return AlertAcknowledged(
        case_id=case.case_id, at=router.clock.at, by=staff, unit=BRIGADE, alert=alert, staff=staff,
        channel="sms",
    )  # fmt: skip


async def alert_of(router: Office, case: CaseReceived) -> str:
    found = (await router.case(case.case_id)).alert
    assert found is not None
    return str(found)


async def row_of(router: Office, alert: str) -> RouterAlert:
    row = await router.store.read(lambda session: session.get(RouterAlert, UUID(alert)))
    assert row is not None
    return row


async def test_the_first_then_the_next_then_everybody_with_the_supervisor(router: Office) -> None:
    _, said = await at_night(router)
    assert called(said) == [("on_call", "200801")]
    router.clock.forward(minutes=4)
    assert called(await router.fire()) == []
    router.clock.forward(minutes=1)
    assert called(await router.fire()) == [("nobody_answered", "200802")]
    router.clock.forward(minutes=5)
    assert called(await router.fire()) == [("everybody", "200800", "10001")]
    router.clock.forward(hours=5)
    assert called(await router.fire())[:1] != [("everybody", "200800", "10001")]


async def test_who_answers_first_has_it_and_nobody_else_is_called(router: Office) -> None:
    case, _ = await at_night(router)
    alert = await alert_of(router, case)
    router.clock.forward(minutes=2)
    await router.hear(router.delivered(case), answer(router, case, alert))
    assert (await states(router, case.case_id))["acknowledgement"] == "met"
    router.clock.forward(minutes=20)
    assert called(await router.fire()) == []
    row = await row_of(router, alert)
    assert (row.state, row.staff, row.channel, row.rounds) == ("acknowledged", "200801", "sms", 1)
    await router.hear(answer(router, case, alert, "200802"))  # later: it is the first one's
    assert (await row_of(router, alert)).staff == "200801"


async def test_the_night_belongs_to_the_day_on_which_it_began(router: Office) -> None:
    _, said = await at_night(router, "2026-10-02 00:30")  # Thursday's night, by the calendar Friday
    assert called(said) == [("on_call", "200802")]
    _, said = await at_night(router, "2026-10-02 09:00")  # a holiday: nobody is at the desks
    assert called(said) == [("on_call", "200801")]


async def test_while_people_are_at_their_desks_nobody_is_rung_up(router: Office) -> None:
    case, said = await at_night(router, "2026-09-30 10:00")
    assert called(said) == []
    assert (await router.case(case.case_id)).alert is None


async def test_a_unit_without_a_roster_has_the_supervisor_told_at_once(router: Office) -> None:
    router.clock.at = local(NIGHT)
    case = router.received(urgent=True, kind="job_assistance", residence=place(JIANGNING))
    said = await router.hear(case)
    assert called(said) == [("on_call", "10001")]


async def test_a_unit_that_moves_ends_the_alarm_and_so_does_another_unit(router: Office) -> None:
    case, _ = await at_night(router)
    router.clock.forward(minutes=1)
    said = await router.hear(router.objected(case, proposed=OTHER_BRIGADE))
    assert called(said) == [("on_call", "200401")]  # Gulou's, and Jiangning's are called no more
    router.clock.forward(minutes=5)
    assert called(await router.fire()) == [("nobody_answered", "200402")]
    await router.hear(router.accepted(case, OTHER_BRIGADE))
    router.clock.forward(minutes=30)
    assert called(await router.fire()) == []


async def test_a_case_that_becomes_urgent_at_night_is_an_alarm(router: Office) -> None:
    router.clock.at = local(NIGHT)
    case = router.received()
    assert called(await router.hear(case)) == []
    assert called(await router.hear(router.corrected(case, urgent=True))) == [("on_call", "200801")]


async def test_silence_goes_up_remind_then_head_then_city_brigade(router: Office) -> None:
    """In working hours, of a case that is not urgent: a day for each step."""
    case = router.received()
    await router.hear(case)
    said = []
    for _ in range(24 * 21):
        router.clock.forward(hours=1)
        said += [(f"{router.clock.at:%m-%d}", *one) for one in called(await router.fire())]
    assert said == [
        ("09-30", "remind", "200801"), ("10-08", "head", "200800"), ("10-09", "superior", "200000"),
    ]  # fmt: skip
    (row,) = await router.clocks(case.case_id)
    assert (row.state, row.steps, row.next_at) == ("missed", 3, None)


async def test_an_urgent_case_that_nobody_accepts_is_taken_over_by_the_city_brigade(router: Office) -> None:
    case, _ = await at_night(router, "2026-09-21 10:00")
    await router.hear(router.delivered(case))
    said: list[Event] = []
    for _ in range(70):
        router.clock.forward(minutes=1)
        said += await router.fire()
    assert called(said)[:2] == [("remind", "200801"), ("head", "200800")]  # no acknowledgement
    rest = Counter(called(said)[2:])  # after half an hour both clocks of the case have run out
    assert rest == {("superior", "200000"): 2, ("head", "200800"): 1}
    assert ("DeadlineMissed", "acceptance_urgent") in named(said)
    row = await router.case(case.case_id)
    assert (row.unit, row.state, row.bounces) == ("inspection-nanjing", "routed", 0)
    last = (await router.decisions(case.case_id))[-1]
    assert (last.rule, last.facts) == (
        "superior", '{"unit": "inspection-jiangning", "silent": "acceptance_urgent"}',
    )  # fmt: skip
