"""What is put right, taken back, or erased."""

from pathlib import Path

import pytest

from services.domain.events import CaseCorrected, CaseErased, CaseReopened
from tests.notifier.bureau import EIGHT, LANDLINE, MOBILE, NIGHT, bureau

OTHER = "+8613900139000"


async def test_a_result_that_waits_goes_to_the_corrected_number(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case))
        await b.hear(b.corrected(case, OTHER))
        b.clock.at = EIGHT
        await b.settled()
        assert sorted(text.to for text in await b.texts()) == sorted([MOBILE, OTHER])
        assert sorted(b.told()) == [("sms", "outcome"), ("sms", "received")]


async def test_a_result_that_waits_is_phoned_when_the_number_becomes_a_landline(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case))
        await b.hear(b.corrected(case, LANDLINE))
        b.clock.at = EIGHT
        await b.settled()
        assert len(await b.texts()) == 1
        (call,) = b.rows("SELECT * FROM notifier_callback")
        assert (call["state"], call["outcome"], call["amount_fen"]) == ("open", "paid", 840_000)


async def test_a_number_that_is_corrected_after_the_text_left_gets_no_second_one(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case))
        await b.hear(b.corrected(case, OTHER))
        assert {text.to for text in await b.texts()} == {MOBILE}


async def test_a_later_result_goes_to_the_corrected_number(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.corrected(case, OTHER), b.routed(case), b.outcome(case))
        assert sorted(text.to for text in await b.texts()) == sorted([MOBILE, OTHER])


async def test_a_contact_that_was_taken_back_is_used_no_more(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.corrected(case, None), b.routed(case), b.outcome(case))
        assert len(await b.texts()) == 1
        assert b.rows("SELECT contact, reach FROM notifier_case")[0]["contact"] is None


async def test_whoever_became_known_later_is_told(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received(told_by="nobody")
        await b.hear(case, b.corrected(case, MOBILE), b.routed(case), b.outcome(case))
        assert b.told() == [("sms", "outcome")]


async def test_a_correction_of_something_else_leaves_the_contact(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        urgent = CaseCorrected(case_id=case.case_id, at=b.clock.at, urgent=True, changed=("urgent",))
        await b.hear(case, urgent, b.routed(case), b.outcome(case))
        assert ("sms", "outcome") in b.told()


async def test_a_reopened_case_takes_back_what_waits_and_is_told_anew(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case, "unfounded"))
        await b.hear(CaseReopened(case_id=case.case_id, at=b.clock.at))
        await b.hear(b.routed(case), b.outcome(case, "paid"))
        b.clock.at = EIGHT
        await b.settled()
        assert sorted(text.reference.split(":")[1] for text in await b.texts()) == [
            "outcome.paid",
            "received",
        ]


@pytest.mark.parametrize("phone", [MOBILE, LANDLINE])
async def test_an_erased_case_holds_nothing_personal_and_still_counts(tmp_path: Path, phone: str) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received(phone, callback_url="https://app.example.org/x")
        await b.hear(case, b.outcome(case))
        await b.hear(CaseErased(case_id=case.case_id, at=b.clock.at))
        (row,) = b.rows("SELECT * FROM notifier_case")
        assert (row["contact"], row["hook_url"], row["reach"]) == (None, None, None)
        assert row["number"] == case.number
        assert "contact.k1." not in b.dump("notifier_case", "notifier_callback", "delivery")
        assert len(b.deliveries()) >= 1
        b.clock.at = EIGHT
        await b.settled()
        assert not any(text.reference.split(":")[1].startswith("outcome") for text in await b.texts())


async def test_an_erased_case_is_heard_of_without_harm(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case)
        await b.hear(CaseErased(case_id=case.case_id, at=b.clock.at))
        await b.hear(b.routed(case), b.outcome(case))
        assert len(await b.texts()) == 1
