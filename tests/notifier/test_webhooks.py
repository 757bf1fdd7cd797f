"""Subscribers: signed messages without personal data, to addresses that are allowed."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.domain.events import (
    AnswerGiven,
    CallerUnreachable,
    CaseClosed,
    CaseReceived,
    Event,
    TaskAccepted,
)
from services.kernel.tokens import callback_secret, create_token, revoke_tokens
from services.simulators.behaviour import Fault
from services.simulators.run import Simulation, simulation
from tests.kernel.cells import until
from tests.notifier.bureau import BRIGADE, MOBILE, NAME, Bureau, bureau

LOCAL = "127.0.0.0/8"


@asynccontextmanager
async def subscribed(folder: Path, allow: str = LOCAL) -> AsyncIterator[tuple[Bureau, Simulation, str]]:
    """A bureau, a subscriber that knows the secret of the client `city-app`, and its address."""
    now = datetime.now(UTC)  # the subscriber checks signatures by the real clock
    async with bureau(folder, now, callback_allow=allow) as b:
        token = await create_token(b.people, "city-app", "machine", b.clock())
        secrets = {"subscriber": (callback_secret(token),)}
        async with simulation(secrets, "http://127.0.0.1:9") as network:
            yield b, network, f"{network.url}/subscriber/city-app"


def bodies(network: Simulation) -> list[dict[str, str]]:
    found = [json.loads(body) for body in network.subscriber.bodies.values()]
    return sorted(found, key=lambda body: (body["at"], body["type"]))


async def _course(b: Bureau, case: CaseReceived) -> None:
    """Received, routed, accepted, resolved, closed; a second lies between."""
    steps: list[Callable[[], Event]] = [
        lambda: case,
        lambda: b.routed(case),
        lambda: TaskAccepted(case_id=case.case_id, at=b.clock.at, unit=BRIGADE, task="t1"),
        lambda: b.outcome(case),
        lambda: CaseClosed(case_id=case.case_id, at=b.clock.at, reason="told"),
    ]
    for step in steps:
        await b.hear(step())
        b.clock.forward(seconds=1)


async def test_a_subscriber_follows_the_case_and_verifies_every_message(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        case = b.received(callback_url=url)
        await _course(b, case)
        assert network.counts()["subscriber"] == {"message": 4, "request": 4}
        seen = [(body["type"], body["status"]) for body in bodies(network)]
        assert seen == [
            ("case.routed", "routed"), ("case.accepted", "accepted"),
            ("case.outcome", "resolved"), ("case.closed", "closed"),
        ]  # fmt: skip
        for body in bodies(network):
            assert set(body) == {"type", "case_id", "number", "status", "at"}
            assert (body["case_id"], body["number"]) == (str(case.case_id), case.number)


async def test_nothing_personal_is_in_a_message(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        await _course(b, b.received(callback_url=url))
        said = b"".join(network.subscriber.bodies.values()).decode()
        assert MOBILE[-8:] not in said
        assert NAME not in said


async def test_with_a_telephone_the_text_message_tells_and_the_webhook_does_not(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, _, url):
        await _course(b, b.received(callback_url=url, urgent=True))
        assert sorted(b.told()) == [("sms", "outcome"), ("sms", "received")]


async def test_without_a_telephone_the_webhook_tells(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        case = b.received(None, callback_url=url)
        answer = AnswerGiven(case_id=case.case_id, at=b.clock.at, text=b.seal(case.case_id, "text", "可以"))
        await b.hear(case, b.routed(case), b.outcome(case))
        await b.hear(answer)
        assert b.told() == [("web", "outcome"), ("web", "answer")]
        assert {(body["type"], body["status"]) for body in bodies(network)} >= {("case.outcome", "answered")}


async def test_a_repeated_message_has_the_same_id(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        network.behaviour.set("subscriber", Fault(mode="answer_lost", requests=1))
        case = b.received(None, callback_url=url)
        await b.hear(case, b.routed(case))
        for _ in range(3):
            await b.forward(seconds=40)
        assert network.counts()["subscriber"] == {"message": 1, "repeat": 1, "request": 2}


async def test_each_decision_is_a_message_of_its_own(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        case = b.received(callback_url=url)
        await b.hear(case, b.routed(case), b.routed(case, "inspection-gulou"))
        assert network.counts()["subscriber"]["message"] == 2


async def test_a_client_with_a_new_token_is_signed_for_both_until_the_old_one_ends(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        b.clock.forward(seconds=1)
        await create_token(b.people, "city-app", "machine", b.clock())
        case = b.received(callback_url=url)
        await b.hear(case, b.routed(case))
        assert network.counts()["subscriber"] == {"message": 1, "request": 1}


@pytest.mark.parametrize("allow", ["", "10.0.0.0/8"])
async def test_a_private_address_is_refused_unless_it_is_allowed(tmp_path: Path, allow: str) -> None:
    async with subscribed(tmp_path, allow) as (b, network, url):
        case = b.received(callback_url=url)
        await b.hear(case, b.routed(case))
        hook = b.deliveries()[-1] if b.deliveries()[-1]["kind"] == "CallWebhook" else b.deliveries()[0]
        assert (hook["state"], hook["reason"]) == ("refused", "address_refused")
        assert network.counts()["subscriber"]["request"] == 0


async def test_without_a_valid_token_nothing_is_sent(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, network, url):
        await revoke_tokens(b.people, "city-app", b.clock())
        case = b.received(callback_url=url)
        await b.hear(case, b.routed(case))
        assert {row["reason"] for row in b.deliveries() if row["kind"] == "CallWebhook"} == {"no_secret"}
        assert network.counts()["subscriber"]["request"] == 0


async def test_a_caller_whose_only_way_is_gone_is_unreachable(tmp_path: Path) -> None:
    async with subscribed(tmp_path, "") as (b, _, url):
        case = b.received(None, callback_url=url)
        await b.hear(case, b.routed(case), b.outcome(case))
        await until(lambda: b.said("CallerUnreachable"))
        (said,) = b.said("CallerUnreachable")
        assert isinstance(said, CallerUnreachable)
        assert said.channel == "web"


async def test_an_address_is_sealed_and_its_host_alone_is_seen(tmp_path: Path) -> None:
    async with subscribed(tmp_path) as (b, _, url):
        case = b.received(callback_url=f"{url}?person=4711")
        await b.hear(case, b.routed(case))
        stored = b.dump("delivery", "notifier_case")
        assert "4711" not in stored
        assert "webhook:127.0.0.1" in stored
