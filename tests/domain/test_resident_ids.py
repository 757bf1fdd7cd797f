"""Resident identity numbers: hard where arithmetic decides, soft where tables may be behind."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from services.domain.national import national
from services.domain.refusals import Refusal
from services.domain.resident_ids import ResidentId, resident_id
from services.domain.spelling import compact

TODAY = date(2026, 11, 25)
EXAMPLE = "11010519491231002X"  # of GB 11643

codes = st.sampled_from(sorted(code for code in national().names if not code.endswith("00")))
births = st.dates(date(1900, 1, 1), TODAY)


def number(code: str, born: date, serial: int) -> str:
    body = f"{code}{born:%Y%m%d}{serial:03}"
    return body + mod_11_2.calc_check_digit(body)


numbers = st.builds(number, codes, births, st.integers(1, 999))


def refusal(text: str, today: date = TODAY) -> Refusal:
    with pytest.raises(Refusal) as refused:
        resident_id(text, today)
    return refused.value


def read_or_refused(text: str) -> ResidentId | Refusal:
    try:
        return resident_id(text, TODAY)
    except Refusal as refused:
        return refused


@given(codes, births, st.integers(1, 999))
def test_a_number_tells_date_of_birth_and_place(code: str, born: date, serial: int) -> None:
    found = resident_id(number(code, born, serial), TODAY)
    assert (found.born, found.place, found.hint) == (born, national().full_name(code), None)


@given(numbers, st.booleans(), st.sampled_from(["", " ", "-", "－", "\u3000", "\u202d"]))
def test_a_number_is_taken_however_it_is_written(text: str, low: bool, gap: str) -> None:
    written = gap.join(text.lower() if low else text)
    assert resident_id(written, TODAY).number == text
    wide = written.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert resident_id(wide, TODAY).number == text


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_found(text: str, place: int, sign: str) -> None:
    assume(text[place] != sign)
    assert refusal(text[:place] + sign + text[place + 1 :]).field == "resident_id"


@given(numbers, st.integers(0, 16))
def test_two_neighbours_in_the_wrong_order_are_found(text: str, place: int) -> None:
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assume(swapped != text)
    assert refusal(swapped)


@given(codes, st.integers(1, 4000))
def test_nobody_is_born_tomorrow_and_a_child_may_be_born_today(code: str, days: int) -> None:
    assert refusal(number(code, TODAY + timedelta(days=days), 1)).code == "resident-id-birth"
    assert resident_id(number(code, TODAY, 1), TODAY).born == TODAY


@pytest.mark.parametrize(
    ("code", "place"), [("320102", "南京市玄武区"), ("320103", "白下区"), ("310108", "闸北区")]
)
def test_places_in_force_and_former_ones_are_known(code: str, place: str) -> None:
    assert resident_id(number(code, date(1970, 5, 4), 12), TODAY).place == place


def test_a_place_that_no_table_knows_is_a_hint_and_no_refusal() -> None:
    found = resident_id(number("329999", date(1960, 2, 29), 3), TODAY)
    assert found.place is None
    assert found.hint is not None
    assert found.hint.zh.endswith("。")


def words_of(code: str, length: int) -> tuple[str, str]:
    """What anybody hears for this reason and so many characters, whatever they are."""
    others = ("1" * 15, "京" * 18, "11010519491331002X", "110105194912310021", "京" * length)
    found = next(one for one in map(refusal, others) if one.code == code)
    return found.zh, found.en


@given(st.text() | st.text("0123456789Xx", min_size=14, max_size=19))
@example("identi")  # a piece of our own sentence is no quotation
def test_any_text_is_a_number_or_refused_in_both_languages_without_quoting_it(text: str) -> None:
    read = read_or_refused(text)
    if isinstance(read, Refusal):
        assert read.code.startswith("resident-id-")
        assert read.zh.endswith("。")
        assert read.en.endswith(".")
        assert (read.zh, read.en) == words_of(read.code, len(compact(text)))


def test_a_number_does_not_show_in_a_log() -> None:
    assert "1949" not in repr(resident_id(EXAMPLE, TODAY))
