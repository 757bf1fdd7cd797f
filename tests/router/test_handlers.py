"""From what happened to where the case goes, on a real store."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.domain.events import (
    AnswerGiven,
    CaseErased,
    CaseHeld,
    CaseRouted,
    Event,
    TaskUndeliverable,
)
from services.domain.routing_facts import Value
from services.domain.routing_rules import Compiled
from services.router.rules import Desk
from tests.domain.nanjing_time import local
from tests.router.office import BRIGADE, GULOU, JIANGNING, RECORD, nanjing, office, place


def routed_to(said: list[Event]) -> list[str]:
    return [event.unit for event in said if isinstance(event, CaseRouted)]


async def test_the_sealed_record_goes_on_with_the_case(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received(by="10543")
        (said,) = await router.hear(case)
        assert isinstance(said, CaseRouted)
        assert (said.record, said.number, said.kind) == (RECORD, case.number, case.kind)
        assert (said.district, said.service, said.bounces, said.by) == (JIANGNING, "inspection", 0, None)


async def test_an_urgent_case_says_by_when_it_must_be_accepted(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        urgent, normal = await router.decided(router.received(urgent=True), router.received())
        assert isinstance(urgent, CaseRouted)
        assert isinstance(normal, CaseRouted)
        assert urgent.accept_by == router.clock.at + timedelta(minutes=30)
        assert (urgent.urgency, normal.urgency) == ("urgent", "normal")
        assert normal.accept_by == local("2026-10-13 17:30")  # the fifth working day after the holiday


async def test_a_call_that_is_heard_again_is_not_routed_again(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        assert routed_to(await router.hear(case, case)) == [BRIGADE]
        assert await router.hear(case) == []
        assert await router.hear(case, router.received(work=place(GULOU))) != []
        assert len(await router.decisions(case.case_id)) == 1


async def test_a_rule_that_fails_holds_the_case_and_is_logged_and_no_later_rule_is_tried(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(value: Value) -> bool:
        raise ZeroDivisionError

    desk = Desk.of(nanjing())
    bad = Compiled("broken-rule", (("kind", broken),), None, "no_rule", None)
    desk.book.rules = replace(desk.rules, rules=(bad, *desk.rules.rules))
    async with office(tmp_path, desk) as router:
        case = router.received()
        with caplog.at_level(logging.ERROR):
            (said,) = await router.hear(case)
        assert isinstance(said, CaseHeld)
        assert said.reason == "rule_failed"
        assert said.facts == {"rule": "broken-rule", "kind": "wage_arrears"}
        assert [(r.message, vars(r)["rule"]) for r in caplog.records] == [
            ("routing.rule_failed", "broken-rule")
        ]


async def test_a_reopened_case_may_go_to_the_same_unit_again(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(router.accepted(case), router.outcome(case), router.closed(case))
        assert (await router.case(case.case_id)).state == "closed"
        assert routed_to(await router.hear(router.reopened(case))) == [BRIGADE]
        assert await router.hear(router.reopened(case)) == []


async def test_a_whole_life_may_arrive_in_one_batch(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case, other = router.received(), router.received(work=None)
        said = await router.hear(
            case, other, router.accepted(case), router.outcome(case), router.closed(case),
            router.closed(other), router.reopened(case),
        )  # fmt: skip
        assert routed_to(said) == [BRIGADE, BRIGADE]
        assert ((await router.case(case.case_id)).state, (await router.case(other.case_id)).state) == (
            "routed", "closed",
        )  # fmt: skip


async def test_a_held_case_that_is_answered_closed_or_resolved_leaves_the_queue(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        answered, closed, resolved = (router.received(work=None) for _ in range(3))
        await router.hear(answered, closed, resolved)
        answer = AnswerGiven(case_id=answered.case_id, at=router.clock.at, text="contact.k1.QUJD")
        assert await router.hear(answer, router.closed(closed), router.outcome(resolved)) == []
        states = [(await router.case(case.case_id)).state for case in (answered, closed, resolved)]
        assert states == ["answered", "closed", "resolved"]


async def test_what_could_not_be_delivered_stays_with_its_unit(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        trouble = TaskUndeliverable(
            case_id=case.case_id, at=router.clock.at, unit=BRIGADE, task="t1", reason="given_up", status=503
        )
        assert await router.hear(trouble) == []
        row = await router.case(case.case_id)
        assert (row.state, row.unit, row.trouble) == ("routed", BRIGADE, "given_up")


async def test_events_of_a_case_that_the_router_never_saw_change_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        events = [router.accepted(case), router.objected(case), router.reopened(case), router.closed(case)]
        assert await router.hear(*events, router.corrected(case, kind="other")) == []


async def test_an_erased_case_keeps_its_counts_and_no_sealed_text(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        case = router.received()
        await router.hear(case)
        await router.hear(CaseErased(case_id=case.case_id, at=router.clock.at))
        row = await router.case(case.case_id)
        assert (row.record, row.state, row.unit) == ("", "closed", BRIGADE)
        assert await router.hear(router.reopened(case)) == []


async def test_the_facts_that_travel_hold_codes_and_nothing_personal(tmp_path: Path) -> None:
    async with office(tmp_path) as router:
        said = await router.hear(
            router.received(employer_name="南京某某建筑劳务有限公司", amount_owed_fen=8_400_00),
            router.received(work=place(None, "unsure", "合肥市"), employer_name="南京某某建筑劳务有限公司"),
        )
        for event in said:
            facts = event.reason if isinstance(event, CaseRouted) else getattr(event, "facts", {})
            assert facts
            assert all(f"{key}{value}".isascii() for key, value in facts.items())
