"""Identifiers as fields of models, and the golden table: numbers that an official can read and check."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from services.domain.identifier_types import CaseNumber, CreditCode, Known, ResidentNumber, Telephone
from services.domain.identifiers import parse_number, uscc
from services.domain.national import national
from services.domain.phones import phone
from services.domain.refusals import Refusal
from services.domain.resident_ids import place_of, resident_id
from services.kernel.validation import FieldProblem, problems_of

KNOWN = Known("025", date(2026, 11, 25))
LINES = [
    line.split("\t")
    for line in Path(__file__).with_name("identifiers.tsv").read_text("utf-8").splitlines()
    if line[:1] != "#"
]
READ: dict[str, Callable[[str], str]] = {
    "phone": lambda text: phone(text, KNOWN.area_code).written,
    "uscc": uscc,
    "resident_id": lambda text: resident_id(text, KNOWN.today).number,
    "case_number": parse_number,
}


def read_or_refused(kind: str, written: str) -> str | Refusal:
    try:
        return READ[kind](written)
    except Refusal as refused:
        return refused


def problems(said: object) -> list[FieldProblem]:
    try:
        Form.model_validate(said, context=KNOWN)
    except ValidationError as wrong:
        return problems_of(wrong.errors(include_input=False))
    return []


class Form(BaseModel):
    number: CaseNumber | None = None
    credit_code: CreditCode | None = None
    phone: Telephone | None = None
    resident: ResidentNumber | None = None


@pytest.mark.parametrize(("kind", "written", "result", "place", "why"), LINES[1:])
def test_each_number_of_the_table_is_read_or_refused_as_it_says(
    kind: str, written: str, result: str, place: str, why: str
) -> None:
    read = read_or_refused(kind, written)
    assert (read.code if isinstance(read, Refusal) else read) == result, why
    if isinstance(read, Refusal):
        assert read.zh.endswith("。")
    elif place:
        assert place_of(read[:6], national()) == place


def test_the_table_has_its_columns_and_every_kind() -> None:
    assert LINES[0] == ["kind", "written", "result", "place", "why"]
    assert {line[0] for line in LINES[1:]} == set(READ)


def test_a_model_takes_numbers_as_people_write_them_and_gives_the_canonical_form() -> None:
    said = {
        "credit_code": "9111 0000 6000 3734 1l",
        "phone": "84391234转801",
        "resident": "11010519491231002x",
    }
    form = Form.model_validate(said, context=KNOWN)
    assert form.model_dump(exclude_none=True) == {
        "credit_code": "91110000600037341L",
        "phone": "+862584391234;ext=801",
        "resident": "11010519491231002X",
    }
    assert Form.model_validate(form.model_dump(), context=KNOWN) == form


def test_what_is_refused_is_said_by_field_in_a_sentence_that_can_be_read_out() -> None:
    said = {"credit_code": "9111", "phone": "1391234567", "resident": "11010519491231002", "number": "27SE"}
    assert {one.field: one.zh for one in problems(said)} == {
        "number": "案件编号应为 11 位，少了 7 位。",
        "credit_code": "统一社会信用代码应为 18 位，少了 14 位。",
        "phone": "手机号应为 11 位，少了 1 位。",
        "resident": "身份证号应为 18 位，少了 1 位。",
    }


@given(st.none() | st.integers() | st.booleans() | st.lists(st.text()) | st.text())
def test_whatever_is_sent_is_a_number_or_a_sentence(said: object) -> None:
    for field in ("phone", "resident", "credit_code", "number"):
        assert all(one.zh and one.en for one in problems({field: said}))


def test_reading_without_what_numbers_are_read_by_is_our_own_mistake() -> None:
    with pytest.raises(TypeError):
        Form.model_validate({"phone": "13912345678"})


def test_the_schema_says_texts() -> None:
    properties = Form.model_json_schema()["properties"]
    assert all({"type": "string"} in one["anyOf"] for one in properties.values())
