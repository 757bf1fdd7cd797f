"""The whole way of a case, from its POST until it is closed, to each destination and on both stacks."""

import pytest

from tests.flow.cases import KINDS, body, closed, post
from tests.flow.scaled.load import NUMBERS
from tests.flow.scaled.town import Town
from tests.kernel.cells import until

UNIT = {"wage_arrears": "inspection-", "job_assistance": "employment-", "social_help": "helpdesk-"}
ONCE = ("CaseReceived", "CaseRouted", "TaskDelivered", "TaskAccepted", "OutcomeReported", "CaseClosed")
FIRST = [("intake", "CaseReceived"), ("router", "CaseRouted")]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_case_goes_to_its_unit_and_back_to_its_caller_and_is_closed(town: Town, kind: str) -> None:
    number, before = next(NUMBERS), await town.counts()
    given = body(number, town.districts) | {"kind": kind}
    async with town.client() as http:
        case = await post(http, f"journey-{number}", given)
        await until(lambda: closed(http, [case]), seconds=60)
        found = (await http.get(f"/api/cases/{case}")).json()
        again = await post(http, f"journey-{number}", given)
    after, unit = await town.counts(), found["routing"]["unit"]
    assert again == case
    assert unit.startswith(UNIT[kind])
    assert after[unit]["task"] == before.get(unit, {}).get("task", 0) + 1
    assert after["sms"]["message"] == before["sms"]["message"] + 2  # its number and code, then the outcome
    names = [entry["type"] for entry in found["timeline"]]
    assert [names.count(name) for name in ONCE] == [1] * len(ONCE)
    assert [(entry["source"], entry["type"]) for entry in found["timeline"]][:2] == FIRST
    assert names[-1] == "CaseClosed"
