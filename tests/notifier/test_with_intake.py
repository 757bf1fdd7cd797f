"""What intake seals is what the notifier opens."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.intake.author import Author
from services.intake.schemas import CaseIn
from services.intake.scribe import Scribe
from tests.notifier.bureau import CITY, Bureau, bureau

WAGE: dict[str, Any] = {
    "kind": "wage_arrears", "text": "工地欠薪三个月", "caller": {"name": "李某", "phone": "138 5146 7290"},
    "employer": {"work_address": "江宁区秣陵街道天元西路599弄工地"},
}  # fmt: skip


async def _written(b: Bureau, author: Author, **changes: object) -> None:
    scribe = Scribe(CITY, b.keyring, b.around)
    case = scribe.write(CaseIn.model_validate_json(json.dumps(WAGE | changes)), author).event
    await b.hear(case, b.routed(case), b.outcome(case))


async def test_a_complaint_by_mobile_is_told_by_text(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await _written(b, Author("agent", "10543"))
        assert {text.to for text in await b.texts()} == {"+8613851467290"}
        assert sorted(b.told()) == [("sms", "outcome"), ("sms", "received")]


async def test_a_local_number_is_phoned(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        await _written(b, Author("agent", "10543"), caller={"phone": "5555 0100"})
        assert await b.texts() == []
        assert len(b.rows("SELECT 1 FROM notifier_callback")) == 1


@pytest.mark.parametrize("caller", [{"phone": "13851467290"}, {"anonymous": True}])
async def test_a_report_reaches_nobody_from_here(tmp_path: Path, caller: dict[str, object]) -> None:
    async with bureau(tmp_path) as b:
        await _written(b, Author("agent", "10543"), report_type="report", caller=caller)
        assert await b.texts() == []
        assert b.deliveries() == []


async def test_a_client_is_subscribed_by_its_name(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        url = "https://app.example.org/cases"
        await _written(b, Author("client", "city-app", client="city-app"), callback_url=url)
        (case,) = b.rows("SELECT hook, hook_client, reach FROM notifier_case")
        assert tuple(case) == ("webhook:app.example.org", "city-app", "sms")
