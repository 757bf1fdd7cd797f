"""Failures that other systems shipped (F5 … F16 of the domain's list), as far as they are the router's.

F7 and F14 stand in test_clocks.py, F13 in test_clock_signals.py, F17 and F18 in tests/intake.
"""

from dataclasses import replace

import pytest

from services.domain.duty import night_of, outside_hours
from services.domain.events import CaseHeld, DeadlineMissed, StaffAlerted, TaskUndeliverable
from services.domain.routing_facts import Value
from services.domain.routing_rules import Compiled
from services.router.clock_views import listed
from services.router.rules import Desk
from tests.domain.nanjing_time import CALENDAR, local, shown
from tests.router.office import BRIGADE, Office, nanjing
from tests.router.timing import states


async def test_f05_a_task_that_could_not_be_delivered_is_not_silent(router: Office) -> None:
    """Its clocks go on, it is on the list of overdue ones, and people are told."""
    case = router.received()
    failed = TaskUndeliverable(
        case_id=case.case_id, at=router.clock.at, unit=BRIGADE, task="t1", reason="given_up"
    )
    await router.hear(case, failed)
    assert (await router.case(case.case_id)).trouble == "given_up"
    router.clock.at = local("2026-09-30 09:00")
    said = await router.fire()
    assert [type(event) for event in said] == [DeadlineMissed, StaffAlerted]
    (line,), _ = await router.store.read(lambda look: listed(look, "overdue", 10))
    assert (line.number, line.unit) == (case.number, BRIGADE)


async def test_f06_every_reminder_has_an_owner_and_none_goes_on_for_ever(router: Office) -> None:
    case = router.received()
    await router.hear(case)
    said = []
    for _ in range(300):
        router.clock.forward(hours=12)
        said += [event for event in await router.fire() if isinstance(event, StaffAlerted)]
    assert [(event.reason, event.staff) for event in said] == [
        ("remind", ("200801",)), ("head", ("200800",)), ("superior", ("200000",)),
    ]  # fmt: skip
    (line,), _ = await router.store.read(lambda look: listed(look, "overdue", 10))
    assert line.clock.steps == 3  # and there it stays until somebody moves
    await router.hear(router.accepted(case))
    assert (await router.store.read(lambda look: listed(look, "overdue", 10)))[0] == []


@pytest.mark.parametrize(("at", "night"), [
    ("2026-09-30 23:30", "2026-09-30"),  # 15:30 UTC
    ("2026-10-01 00:30", "2026-09-30"),  # in UTC still the day before
    ("2026-10-01 07:59", "2026-09-30"),  # 23:59 UTC of the day before
    ("2026-10-01 08:30", "2026-10-01"),  # a holiday: its day is its own
])  # fmt: skip
def test_f11_the_night_is_the_citys_own_and_not_utcs(at: str, night: str) -> None:
    assert night_of(local(at), CALENDAR).isoformat() == night


@pytest.mark.parametrize(("at", "outside"), [
    ("2026-09-30 11:59", False), ("2026-09-30 12:00", True), ("2026-09-30 13:59", True),
    ("2026-09-30 14:00", False), ("2026-09-30 17:30", True), ("2026-10-01 10:00", True),
    ("2026-09-20 10:00", False),  # a Sunday that is worked
    ("2026-09-26 10:00", True),
])  # fmt: skip
def test_f12_lunch_and_holidays_are_hours_without_service(at: str, outside: bool) -> None:
    assert outside_hours(local(at), CALENDAR) is outside


async def test_f12_a_holiday_takes_nothing_from_a_period(router: Office) -> None:
    router.clock.at = local("2026-09-30 10:00")
    case = router.received()
    await router.hear(case)
    (acceptance,) = await router.clocks(case.case_id)
    assert shown(acceptance.due) == "2026-10-13 17:30"
    router.clock.at = local("2026-10-12 09:00")
    assert await router.fire() != []  # reminders of working days that went by
    assert (await states(router, case.case_id)) == {"acceptance": "running"}


async def test_f15_the_cases_of_a_unit_that_does_not_answer_stay_in_sight(router: Office) -> None:
    cases = [router.received() for _ in range(3)]
    await router.hear(*cases, *(router.delivered(case) for case in cases))
    router.clock.at = local("2026-09-30 09:00")
    await router.fire()
    rows, _ = await router.store.read(lambda look: listed(look, "overdue", 50, unit=BRIGADE))
    assert {row.number for row in rows} == {case.number for case in cases}


async def test_f16_a_broken_rule_holds_the_case_and_no_clock_of_a_unit_runs(router: Office) -> None:
    def broken(_value: Value) -> bool:
        raise ZeroDivisionError

    desk = Desk.of(nanjing())
    rule = Compiled("broken", (("kind", broken),), None, "no_rule", None)
    desk.book.rules = replace(desk.rules, rules=(rule, *desk.rules.rules))
    router.desk = desk
    router.take_handlers()
    case = router.received()
    (said,) = await router.hear(case)
    assert isinstance(said, CaseHeld)
    assert said.reason == "rule_failed"
    assert await states(router, case.case_id) == {}
