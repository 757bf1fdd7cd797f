"""A text message through a gateway that fails in every way: told once, or a person phones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from services.domain.events import CaseReceived
from services.kernel.sql import Sql
from services.simulators.behaviour import Fault
from services.simulators.run import Simulation, simulation
from tests.kernel.cells import until
from tests.notifier.bureau import EIGHT, MOBILE, NIGHT, Bureau, bureau
from tests.simulators.conftest import SECRETS


@asynccontextmanager
async def networked(folder: Path) -> AsyncIterator[tuple[Bureau, Simulation]]:
    """A bureau whose gateway is the simulated one, on the wire."""
    async with (
        simulation(SECRETS, "http://127.0.0.1:9") as network,
        bureau(folder, sms_url=f"{network.url}/sms") as b,
    ):
        yield b, network


async def _resolved(b: Bureau, **fields: object) -> CaseReceived:
    case = b.received(**fields)  # type: ignore[arg-type]
    await b.hear(case, b.routed(case), b.outcome(case))
    return case


async def test_text_messages_go_out_over_http(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        case = await _resolved(b)
        assert network.counts()["sms"] == {"message": 2, "request": 2}
        sent = network.sms.texts[f"{case.case_id}:outcome.paid:2"]
        assert sent.to == MOBILE
        assert "8,400元" in sent.text


async def test_a_lost_answer_is_asked_about_and_the_text_is_sent_once(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="answer_lost", requests=2))
        await _resolved(b)
        assert {row["state"] for row in b.deliveries()} == {"unknown"}
        assert b.told() == []
        await b.forward(minutes=6)
        await b.forward(minutes=6)
        assert {row["state"] for row in b.deliveries()} == {"delivered"}
        counts = network.counts()["sms"]
        assert (counts["message"], counts["request"], counts.get("repeat")) == (2, 2, None)
        assert sorted(b.told()) == [("sms", "outcome"), ("sms", "received")]


async def test_what_never_arrived_is_sent_after_the_question(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="error500", requests=1))
        await b.hear(b.received())
        assert network.counts()["sms"]["request"] == 1
        await b.forward(minutes=6)
        assert network.counts()["sms"] == {"message": 1, "question": 1, "request": 2}
        assert b.told() == [("sms", "received")]


async def test_a_text_that_a_slow_gateway_still_holds_is_not_sent_twice(tmp_path: Path) -> None:
    """We died while it held our request: its first answer, "not here", is true and about to change."""
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="slow", seconds=2, requests=1))
        hearing = asyncio.create_task(b.hear(b.received()))
        await until(lambda: network.counts().get("sms", {}).get("request") == 1)
        await b.service.store.run(lambda tx: tx.run(Sql(text("UPDATE delivery SET lease_until = due_at"))))
        await b.forward(seconds=1)
        await hearing
        await until(lambda: b.deliveries()[0]["state"] == "unknown")
        await b.forward(seconds=10)
        await until(lambda: network.counts()["sms"].get("message") == 1)
        await b.forward(seconds=20)
        await until(lambda: b.deliveries()[0]["state"] == "delivered")
        assert network.counts()["sms"] == {"message": 1, "question": 2, "request": 1}


@pytest.mark.parametrize("mode", ["down", "retry_after", "flapping", "redirect"])
async def test_a_gateway_that_takes_nothing_is_tried_again(tmp_path: Path, mode: str) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault.model_validate({"mode": mode, "seconds": 3, "requests": 3}))
        await b.hear(b.received())
        for _ in range(6):
            await b.forward(minutes=15)
        counts = network.counts()["sms"]
        assert counts["message"] == 1
        assert "question" not in counts
        assert b.told() == [("sms", "received")]
        (told,) = b.said("CallerInformed")
        assert told.attempts > 1  # type: ignore[attr-defined]


async def test_a_slow_gateway_is_waited_for(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="slow", seconds=0.4))
        await b.hear(b.received())
        assert network.counts()["sms"] == {"message": 1, "request": 1}


async def test_a_page_instead_of_an_answer_is_no_delivery(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="garbage"))
        await b.hear(b.received())
        await b.forward(minutes=6)
        assert b.deliveries()[0]["state"] == "unknown"
        network.behaviour.set("sms", Fault(mode="ok"))
        for _ in range(8):
            await b.forward(minutes=15)
        assert network.counts()["sms"]["message"] == 1
        assert b.told() == [("sms", "received")]


async def test_a_result_that_no_gateway_takes_is_told_by_a_person(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="down"))
        await _resolved(b)
        for _ in range(26):
            await b.forward(hours=1)
        await until(lambda: b.rows("SELECT 1 FROM notifier_callback"))
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert (call["state"], call["why"], call["about"], call["outcome"]) == (
            "open",
            "given_up",
            "outcome",
            "paid",
        )
        assert b.told() == []


async def test_a_number_that_the_gateway_refuses_is_phoned(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        await _resolved(b, phone="+86138514672901234")  # the simulated gateway answers 422 to such a number
        for _ in range(5):
            await b.forward(hours=1)
        await until(lambda: b.rows("SELECT 1 FROM notifier_callback"))
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert call["why"] == "refused"
        assert network.counts()["sms"]["message"] == 0


async def test_an_urgent_result_is_phoned_after_half_an_hour_and_a_late_text_ends_the_call(
    tmp_path: Path,
) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="down"))
        await _resolved(b, urgent=True)
        await b.forward(minutes=31)
        await until(lambda: b.rows("SELECT 1 FROM notifier_callback"))
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert (call["state"], call["why"]) == ("open", "urgent_overdue")
        network.behaviour.set("sms", Fault(mode="ok"))
        for _ in range(3):
            await b.forward(minutes=30)
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert call["state"] == "needless"
        assert ("sms", "outcome") in b.told()


async def test_an_older_result_that_fails_makes_no_call(tmp_path: Path) -> None:
    async with networked(tmp_path) as (b, network):
        network.behaviour.set("sms", Fault(mode="answer_lost", requests=1))
        case = b.received(told_by="notifier")
        await b.hear(case, b.routed(case))
        network.behaviour.set("sms", Fault(mode="down"))
        await b.hear(b.outcome(case, "partly_paid"))
        await b.hear(b.outcome(case, "paid"))
        network.behaviour.set("sms", Fault(mode="ok"))
        for _ in range(3):
            await b.forward(minutes=30)
        assert not any("partly_paid" in reference for reference in network.sms.texts)
        assert b.rows("SELECT * FROM notifier_callback") == []


async def test_a_text_that_no_key_opens_is_told_by_a_person(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case))
        spoiled = (
            "UPDATE delivery SET body = replace(body, 'contact.k1.', 'contact.k9.') WHERE settled_at IS NULL"
        )
        await b.service.store.run(lambda tx: tx.run(Sql(text(spoiled))))
        b.clock.at = EIGHT
        await b.settled()
        await until(lambda: b.rows("SELECT 1 FROM notifier_callback"))
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert (call["state"], call["why"]) == ("open", "unsealable")
