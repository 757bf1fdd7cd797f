"""The whole loop on real input: each of the 499 public messages reaches its end, in order, once."""

from collections import Counter
from pathlib import Path

import httpx
import pytest

from services.commands.feed import centres_of
from services.commands.feed_lines import check
from services.commands.feed_run import Pace, feed
from services.domain.city import City
from services.simulators.run import simulation
from tests.flow import evidence
from tests.flow.node import CITY, Node, connect, install, token
from tests.places import Folder

MESSAGES = Path(__file__).parents[3] / "shared" / "data" / "messages.jsonl"


@pytest.mark.timeout(600)
@pytest.mark.skipif(not MESSAGES.exists(), reason=f"test data missing: {MESSAGES}")
async def test_every_public_message_reaches_its_end_in_order_and_once(tmp_path: Path) -> None:
    secrets, city, node = install(tmp_path), City.load(CITY), Node(tmp_path)
    key = await token(tmp_path, "supervisor")
    async with simulation(secrets, node.url) as partners:
        connect(tmp_path, partners.url, list(secrets))
        node.simulators = partners.url
        node.start()
        try:
            await node.ready()
            headers = {"Authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(
                base_url=node.url, headers=headers, timeout=60, trust_env=False
            ) as http:
                districts = [district.code for district in city.districts]
                report = await feed(
                    http, check(MESSAGES).read(districts), Pace(rate=0, patience=20), centres=centres_of(city)
                )
                reports = await _tell_reporters(http)
            await evidence.settled(Folder(tmp_path).rows)
        finally:
            node.stop()
        counts, texts = partners.counts(), partners.sms.texts
    rows = Folder(tmp_path).rows
    assert (report.accepted, report.refused, report.delivered) == (499, {}, 499)
    assert evidence.statuses(rows) == {"closed": 499}
    assert counts["units"]["task"] == counts["units"]["request"] == 499
    owed = 2 * (499 - reports)  # number and code, then the result; a report's identity stays at intake
    assert counts["sms"]["request"] == counts["sms"]["message"] == owed
    assert len(texts) == owed
    _assert_told_once(evidence.timelines(rows))
    assert evidence.parked(rows) == evidence.unpublished(rows) == 0
    assert evidence.holes(rows) == evidence.out_of_order(evidence.embedded_log(rows)) == []
    assert evidence.misplaced(rows) == []


async def _tell_reporters(http: httpx.AsyncClient) -> int:
    """Call back the reporters, as the agent does from the desk; how many there were."""
    answer = await http.get("/api/cases", params={"status": "resolved", "limit": 200})
    waiting = answer.raise_for_status().json()["cases"]
    assert all(case["report_type"] == "report" for case in waiting)
    for case in waiting:
        told = await http.post(f"/api/cases/{case['case_id']}/callback", json={"reached": True})
        told.raise_for_status()
    return len(waiting)


def _assert_told_once(timelines: evidence.Order) -> None:
    """A quick unit's acceptance may overtake its own answer to our request; nothing else changes places."""
    once = ("CaseReceived", "CaseRouted", "TaskAccepted", "OutcomeReported", "CaseClosed")
    for names in timelines.values():
        seen = Counter(names)
        assert all(seen[name] == 1 for name in (*once, "TaskDelivered")), names
        order = [names.index(name) for name in once]
        assert order == sorted(order), names
