"""A brigade's words: everything travels, under the names that brigades use."""

from services.inspection_adapter.service import DESK
from services.inspection_adapter.translate import BURDEN_OF_PROOF, employer, place, stakes, translate
from services.kernel.tasks.desk import dialled
from tests.kernel.tasks.kinds import RECORD


def test_the_complete_record_travels_and_the_caller_is_the_complainant() -> None:
    sent = translate(RECORD)
    assert sent["complainant"] == RECORD["caller"]
    assert "caller" not in sent
    assert {name: sent[name] for name in RECORD if name != "caller"} == {
        name: value for name, value in RECORD.items() if name != "caller"
    }


def test_a_wage_case_says_who_has_to_prove_what() -> None:
    assert translate(RECORD)["legal_hint"] == BURDEN_OF_PROOF
    assert "legal_hint" not in translate(RECORD | {"kind": "other"})


def test_a_report_has_nobody_to_name() -> None:
    assert translate(RECORD | {"caller": None})["complainant"] is None


def test_a_field_of_a_newer_intake_is_passed_on() -> None:
    assert translate(RECORD | {"language": "en"})["language"] == "en"


def test_the_worklist_shows_who_where_and_how_much() -> None:
    assert (employer(RECORD), place(RECORD), stakes(RECORD)) == (
        "宏达建筑",
        "江宁区天元路1号",
        "12,000.50 / 9",
    )
    assert [column.value({}) for column in DESK.columns] == ["", "", ""]
    assert stakes({"amount_owed": None, "workers_affected": 3}) == "— / 3"


def test_a_number_is_shown_as_it_is_dialled() -> None:
    shown = {
        "+8613800138000": "138 0013 8000",
        "+862555550101": "025 5555 0101",
        "+4930123456": "+4930123456",
    }
    assert {number: dialled({"caller": {"phone": number}}) for number in shown} == shown
    assert dialled({"caller": None}) == ""
    assert dialled({"caller": {"phone": "+862555550101", "extension": "801"}}) == "025 5555 0101 转 801"
