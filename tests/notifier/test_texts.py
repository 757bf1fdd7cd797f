"""Text messages to mobiles: which, in which words, when, and what follows."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from services.domain.events import AnswerGiven, CallerInformed, CaseClosed, CaseReceived
from services.domain.identifiers import group_number
from tests.notifier.bureau import BRIGADE, CODE, EIGHT, LANDLINE, MOBILE, NAME, NIGHT, Bureau, bureau


async def test_a_mobile_gets_number_and_code_at_once(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case)
        (text,) = await b.texts()
        assert text.to == MOBILE
        assert group_number(case.number) in text.text
        assert CODE in text.text
        assert text.reference == f"{case.case_id}:received:1"
        assert b.told() == [("sms", "received")]


async def test_the_outcome_is_told_with_the_amount_and_without_a_name(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.routed(case))
        await b.hear(b.outcome(case), source="inspection_adapter")
        text = await b.text("outcome.paid")
        assert "欠款已支付，共8,400元" in text
        assert NAME not in text
        assert len(text) <= 70
        assert sorted(b.told()) == [("sms", "outcome"), ("sms", "received")]


async def test_without_an_amount_the_sentence_leaves_it_out(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case, fen=None))
        assert "欠款已支付。" in await b.text("outcome.paid")


async def test_an_answer_is_announced(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, _answer(b, case))
        assert "已答复" in await b.text("answered")
        assert ("sms", "answer") in b.told()


async def test_an_english_caller_is_told_in_english(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received(language="en")
        await b.hear(case, b.routed(case), b.outcome(case))
        texts = [text.text for text in await b.texts()]
        assert all(text.startswith("Nanjing 12333") for text in texts)
        assert any("CNY 8,400" in text for text in texts)
        assert not any(re.search("[一-鿿]", text) for text in texts)


async def test_a_code_without_a_text_of_its_own_falls_back(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case, "settled_by_mediation"))
        assert "已有办理结果" in await b.text("outcome.settled_by_mediation")


@pytest.mark.parametrize("told_by", ["intake", "nobody"])
async def test_whoever_is_told_otherwise_gets_nothing_from_here(tmp_path: Path, told_by: str) -> None:
    async with bureau(tmp_path) as b:
        case = b.received(told_by=told_by)
        await b.hear(case, b.routed(case), b.outcome(case), _answer(b, case))
        assert await b.texts() == []
        assert b.said() == []
        assert b.rows("SELECT * FROM notifier_callback") == []
        assert b.deliveries() == []


@pytest.mark.parametrize("phone", [LANDLINE, "+85251234567"])
async def test_only_mainland_mobiles_get_text_messages(tmp_path: Path, phone: str) -> None:
    async with bureau(tmp_path) as b:
        case = b.received(phone)
        await b.hear(case, b.routed(case), b.outcome(case))
        assert await b.texts() == []
        assert len(b.rows("SELECT * FROM notifier_callback WHERE state = 'open'")) == 1


async def test_at_night_a_result_waits_until_eight(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case))
        assert [text.reference.split(":")[1] for text in await b.texts()] == ["received"]
        b.clock.at = EIGHT - timedelta(seconds=1)
        await b.settled()
        assert len(await b.texts()) == 1
        b.clock.at = EIGHT
        await b.settled()
        assert len(await b.texts()) == 2
        assert ("sms", "outcome") in b.told()


async def test_at_night_an_urgent_result_is_told_at_once(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received(urgent=True)
        await b.hear(case, b.routed(case), b.outcome(case))
        assert len(await b.texts()) == 2


async def test_a_newer_result_replaces_one_that_still_waits(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.outcome(case, "partly_paid"))
        await b.hear(b.outcome(case, "paid"))
        b.clock.at = EIGHT
        await b.settled()
        assert [text.reference.split(":")[1] for text in await b.texts()] == ["received", "outcome.paid"]


async def test_whoever_was_told_on_the_telephone_gets_no_text_that_still_waits(tmp_path: Path) -> None:
    async with bureau(tmp_path, NIGHT) as b:
        case = b.received()
        told = CallerInformed(case_id=case.case_id, at=b.clock.at, channel="call", about="answer")
        await b.hear(case, _answer(b, case), told)
        b.clock.at = EIGHT
        await b.settled()
        assert len(await b.texts()) == 1


async def test_only_the_unit_that_has_the_case_is_heard(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(case, b.routed(case), b.routed(case, "inspection-gulou"))
        await b.hear(b.outcome(case, unit=BRIGADE))
        assert len(await b.texts()) == 1
        await b.hear(b.outcome(case, unit="inspection-gulou"))
        assert len(await b.texts()) == 2


async def test_a_closed_case_is_announced_no_more(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        case = b.received()
        await b.hear(
            case, b.routed(case), CaseClosed(case_id=case.case_id, at=b.clock.at, reason="withdrawn")
        )
        await b.hear(b.outcome(case))
        assert len(await b.texts()) == 1


async def test_news_of_an_unheard_case_is_not_swallowed(tmp_path: Path) -> None:
    async with bureau(tmp_path) as b:
        with pytest.raises(LookupError):
            await b.hear(b.outcome(b.received()))


def _answer(b: Bureau, case: CaseReceived) -> AnswerGiven:
    return AnswerGiven(case_id=case.case_id, at=b.clock.at, text=b.seal(case.case_id, "text", "可以。"))
