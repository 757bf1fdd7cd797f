"""Numbers that are read out over a bad line: every spelling is taken, every single error found."""

import random
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from services.domain.identifiers import (
    ALPHABET,
    case_number,
    group_number,
    parse_number,
    tracking_code,
    uscc,
)
from services.domain.refusals import Refusal

EXAMPLE = "91110000600037341L"  # the example of stdnum.cn.uscc

numbers = st.integers(0, 2**32).map(lambda seed: case_number(random.Random(seed)))
full_width = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def read_or_refused(text: str) -> str | Refusal:
    try:
        return parse_number(text)
    except Refusal as refused:
        return refused


@given(numbers)
def test_a_case_number_is_eleven_characters_that_cannot_be_misread(number: str) -> None:
    assert re.fullmatch(f"[{ALPHABET}]{{11}}", number)
    assert not set("ILOU") & set(number)
    assert parse_number(number) == number


def test_case_numbers_do_not_follow_one_another() -> None:
    source = random.Random(7)
    drawn = {case_number(source) for _ in range(10_000)}
    assert len(drawn) == 10_000
    assert len({number[:2] for number in drawn}) == 32 * 32


@given(numbers)
def test_a_case_number_is_read_out_in_three_groups(number: str) -> None:
    assert re.fullmatch(r"\w{4}-\w{4}-\w{3}", group_number(number))
    assert parse_number(group_number(number)) == number


@given(numbers, st.booleans(), st.booleans(), st.sampled_from(["", " ", "-", "－", "—", "\u3000", "\u202d"]))
def test_a_case_number_is_taken_however_it_is_written(number: str, low: bool, wide: bool, gap: str) -> None:
    written = gap.join(number.lower() if low else number)
    assert parse_number(written.translate(full_width) if wide else written) == number


@given(numbers, st.sampled_from(["Oo", "IiLl"]), st.data())
def test_letters_that_look_like_digits_are_read_as_digits(
    number: str, alike: str, data: st.DataObject
) -> None:
    digit = "0" if alike == "Oo" else "1"
    assume(digit in number)
    assert parse_number(number.replace(digit, data.draw(st.sampled_from(alike)))) == number


@given(numbers, st.integers(0, 10), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_of_a_case_number_is_found(number: str, place: int, sign: str) -> None:
    assume(number[place] != sign)
    with pytest.raises(Refusal) as refused:
        parse_number(number[:place] + sign + number[place + 1 :])
    assert refused.value.code == "case-number-check"
    assert refused.value.field == "number"


def test_a_case_number_that_is_too_short_or_too_long_says_by_how_much() -> None:
    with pytest.raises(Refusal) as short:
        parse_number("27SE-M4YR-M")
    assert short.value.zh == "案件编号应为 11 位，少了 2 位。"
    assert short.value.en == "A case number has 11 characters: 2 characters missing."
    with pytest.raises(Refusal) as long:
        parse_number("27SE-M4YR-M27-0")
    assert long.value.zh == "案件编号应为 11 位，多了 1 位。"
    assert long.value.en == "A case number has 11 characters: 1 character too many."


@given(st.text())
@example("U" * 11)
@example("²" * 11)
@example("ﷺ")
def test_any_text_is_a_case_number_or_refused_in_both_languages(text: str) -> None:
    read = read_or_refused(text)
    if isinstance(read, Refusal):
        assert read.code.startswith("case-number-")
        assert read.zh.endswith("。")
        assert read.en.endswith(".")
    else:
        assert re.fullmatch(f"[{ALPHABET}]{{11}}", read)


@given(st.integers(0, 2**32))
def test_a_tracking_code_is_six_digits(seed: int) -> None:
    assert re.fullmatch(r"[0-9]{6}", tracking_code(random.Random(seed)))


@pytest.mark.parametrize(
    "text",
    [EXAMPLE, "９１１１００００６０００３７３４１ｌ", " 9 1 110000-600037341l ", EXAMPLE.replace("0", "O")],
)
def test_a_credit_code_is_taken_however_it_is_written(text: str) -> None:
    assert uscc(text) == EXAMPLE


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_every_single_wrong_character_of_a_credit_code_is_found(place: int, sign: str) -> None:
    assume(EXAMPLE[place] != sign)
    with pytest.raises(Refusal):
        uscc(EXAMPLE[:place] + sign + EXAMPLE[place + 1 :])


def test_a_rural_collective_has_a_credit_code_too() -> None:
    assert uscc("N2320115MF01234560") == "N2320115MF01234560"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (EXAMPLE[:-1], "uscc-length"),
        (EXAMPLE + "1", "uscc-length"),
        ("Z" + EXAMPLE[1:], "uscc-characters"),
        ("9111A000600037341L", "uscc-characters"),
        ("911100006000S7341L", "uscc-characters"),
        ("91110000600037341K", "uscc-check"),
        ("一二三四五六七八九十一二三四五六七八", "uscc-characters"),
    ],
)
def test_what_cannot_be_a_credit_code_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        uscc(text)
    assert refused.value.code == code
    assert text not in f"{refused.value} {refused.value.zh}"


def test_a_refusal_can_be_said_of_the_field_it_came_from_in_the_readers_language() -> None:
    with pytest.raises(Refusal) as refused:
        uscc("9111")
    there = refused.value.at("employer.uscc")
    assert (there.code, there.field) == ("uscc-length", "employer.uscc")
    assert there.in_language("zh-CN") == "统一社会信用代码应为 18 位，少了 14 位。"
    assert (
        there.in_language("en-GB") == "A unified social credit code has 18 characters: 14 characters missing."
    )
    assert str(there) == f"uscc-length: {there.en}"
