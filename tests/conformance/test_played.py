"""The kit against the simulated partner: a good one passes everything, each bad one fails where it is bad."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random

import pytest

from services.conformance.client import UnitClient
from services.conformance.ear import Ear, listening
from services.conformance.run import CHECKS, played
from services.conformance.session import Session
from services.conformance.tasks import new_task
from services.conformance.verdict import Verdict
from services.kernel.partner.client import PartnerHttp
from services.kernel.surroundings import Surroundings
from services.kernel.webhooks import new_secret
from services.simulators.behaviour import Fault, Mode
from services.simulators.run import Simulation, simulation

UNIT, CHANCE = "inspection-jiangning", Random(7)
SECRET, OTHER = new_secret(CHANCE.randbytes), new_secret(CHANCE.randbytes)
AROUND = Surroundings(lambda: datetime.now(UTC), CHANCE)
EVERY = {check.id for check in CHECKS}
REPORTS = {check.id for check in CHECKS if check.reports}


@asynccontextmanager
async def against(
    *, theirs: str = SECRET, heard: bool = True, patience: float = 3
) -> AsyncIterator[tuple[Simulation, Session]]:
    """The simulated partner, which knows `theirs`, and a session whose secret is SECRET."""
    ear, http = Ear(UNIT, [SECRET], AROUND, slow=0.3), PartnerHttp()
    async with listening(ear, "127.0.0.1", 0) as url, simulation({UNIT: [theirs]}, url) as partner:
        client = UnitClient(http, f"{partner.url}/{UNIT}", [SECRET], ["127.0.0.0/8"], AROUND)
        first = new_task(UNIT, AROUND)
        yield (
            partner,
            Session(UNIT, client, AROUND, ear if heard else None, 30, patience, first, pause=0.05, quiet=0.5),
        )
    await http.close()


async def verdicts(session: Session) -> dict[str, Verdict]:
    return {verdict.id: verdict async for verdict in played(session)}


def failed(found: dict[str, Verdict]) -> dict[str, str]:
    return {id: verdict.why.en for id, verdict in found.items() if verdict.passed is False}


async def test_a_partner_that_keeps_the_contract_passes_every_check() -> None:
    async with against() as (partner, session):
        found = await verdicts(session)
    assert {id for id, verdict in found.items() if verdict.passed} == EVERY, failed(found)
    assert partner.counts()[UNIT]["conflict"] == 1
    assert partner.counts()[UNIT]["refused"] == 4


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("down", "answered 503 instead of 2xx"),
        ("error500", "answered 500 instead of 2xx"),
        ("garbage", "the answer is not JSON"),
        ("redirect", "answered 307 instead of 2xx"),
        ("half_answer", "the answer broke off, or was no HTTP"),
        ("packed", "the answer is packed, and we never unpack"),
        ("endless", "the answer is longer than 64 kB and was cut off"),
        ("deep", "the answer's JSON is too deep and was cut off"),
    ],
)
async def test_a_partner_that_takes_nothing_fails_once_with_the_reason(mode: Mode, reason: str) -> None:
    async with against() as (partner, session):
        partner.behaviour.set("*", Fault(mode=mode))
        found = await verdicts(session)
    assert failed(found) == {"taken": reason}
    assert {id for id, verdict in found.items() if verdict.passed is None} == EVERY - {"taken"}


async def test_a_flapping_partner_fails_and_the_rest_is_tried_all_the_same() -> None:
    async with against() as (partner, session):
        partner.behaviour.set("*", Fault(mode="flapping"))
        found = await verdicts(session)
    assert failed(found)["taken"] == "answered 503 instead of 2xx"
    assert "503" in failed(found)["many"]
    assert sum(verdict.passed is True for verdict in found.values()) > 5


async def test_a_partner_that_accepts_twice_is_found_out() -> None:
    async with against() as (partner, session):
        partner.behaviour.set("*", Fault(mode="accept_twice"))
        found = await verdicts(session)
    assert failed(found).keys() >= {"repeated", "at_once", "conflicting", "many", "in_order"}
    assert "taken twice" in failed(found)["repeated"]
    assert "under another webhook-id" in failed(found)["in_order"]
    assert found["taken"].passed


async def test_a_slow_partner_passes_within_our_patience() -> None:
    async with against() as (partner, session):
        partner.behaviour.set("*", Fault(mode="slow", seconds=0.1))
        assert failed(await verdicts(session)) == {}


async def test_a_partner_with_another_key_takes_nothing() -> None:
    async with against(theirs=OTHER) as (_, session):
        assert failed(await verdicts(session)) == {"taken": "answered 401 instead of 2xx"}


async def test_a_partner_that_reports_with_another_key_is_told_so() -> None:
    async with against(patience=1) as (_, session):
        assert session.ear is not None
        session.ear.secrets = [OTHER]
        found = failed(await verdicts(session))
    assert "its signature does not match" in found["told"]
    assert "its signature does not match" in found["genuine"]


async def test_without_somebody_who_listens_reports_are_not_tried() -> None:
    async with against(heard=False) as (_, session):
        found = await verdicts(session)
    assert {id for id, verdict in found.items() if verdict.passed is None} == REPORTS
    assert failed(found) == {}
