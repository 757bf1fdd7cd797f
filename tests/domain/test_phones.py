"""Telephone numbers as callers say them and agents type them; at home in Nanjing (025, eight digits)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.phones import Phone, phone
from services.domain.refusals import Refusal

MOBILE = Phone("+8613812345678", "mobile")
LANDLINE = Phone("+862584391234", "landline")


def refusal(text: str, area_code: str = "025") -> Refusal:
    with pytest.raises(Refusal) as refused:
        phone(text, area_code)
    return refused.value


def read_or_refused(text: str) -> Phone | Refusal:
    try:
        return phone(text, "025")
    except Refusal as refused:
        return refused


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "１３８－１２３４－５６７８",
        "+8613812345678",
        "＋86 138 1234 5678",
        "(+86)13812345678",
        "（86）13812345678",
        "008613812345678",
        "013812345678",
        "\u202d13812345678\u202c",
        "138.1234.5678\n",
    ],
)
def test_a_mobile_is_taken_however_it_is_written(text: str) -> None:
    assert phone(text, "025") == MOBILE


@pytest.mark.parametrize(
    "text",
    [
        "84391234",
        "8439-1234",
        "８４３９１２３４",
        "025-84391234",
        "（025）84391234",
        "2584391234",
        "+86 25 8439 1234",
        "86-025-84391234",
    ],
)
def test_a_landline_gets_the_area_code_of_the_home_city_where_it_has_none(text: str) -> None:
    assert phone(text, "025") == LANDLINE


@pytest.mark.parametrize(
    "text",
    [
        "025-84391234转801",
        "025-84391234 轉 801",
        "84391234转801",
        "025-84391234-801",
        "（025）84391234－801",
        "０２５－８４３９１２３４转８０１",
        "+86 25 8439 1234 ext. 801",
        "84391234 分机801",
        "84391234分机号：801",
        "025 84391234 #801",
        "+862584391234;ext=801",
    ],
)
def test_an_extension_is_kept_beside_the_number(text: str) -> None:
    found = phone(text, "025")
    assert (found.e164, found.kind, found.extension) == (LANDLINE.e164, "landline", "801")
    assert phone(found.written, "025") == found


def test_the_area_code_may_be_configured_with_or_without_its_zero() -> None:
    assert phone("84391234", "25") == LANDLINE


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0512-81234567", "+8651281234567"),
        ("010 62345678", "+861062345678"),
        ("+86 10 6234 5678", "+861062345678"),
    ],
)
def test_a_landline_of_another_city_keeps_its_area_code(text: str, e164: str) -> None:
    assert phone(text, "025") == Phone(e164, "landline")


def test_cities_with_seven_digits_are_known() -> None:
    assert phone("6212345", "0913") == Phone("+869136212345", "landline")
    assert refusal("621234", "0913").zh == "固定电话（不含区号）应为 7 位，少了 1 位。"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("1381234567", "手机号应为 11 位，少了 1 位。", "A mobile number has 11 digits: 1 digit missing."),
        ("138", "手机号应为 11 位，少了 8 位。", "A mobile number has 11 digits: 8 digits missing."),
        (
            "+86 1381234567",
            "手机号应为 11 位，少了 1 位。",
            "A mobile number has 11 digits: 1 digit missing.",
        ),
        (
            "1381234567890",
            "手机号应为 11 位，多了 2 位。",
            "A mobile number has 11 digits: 2 digits too many.",
        ),
        (
            "025-8439123",
            "固定电话（不含区号）应为 8 位，少了 1 位。",
            "A landline without its area code has 8 digits: 1 digit missing.",
        ),
        (
            "843912345",
            "固定电话（不含区号）应为 8 位，多了 1 位。",
            "A landline without its area code has 8 digits: 1 digit too many.",
        ),
    ],
)
def test_a_number_of_the_wrong_length_says_how_many_digits_are_missing(text: str, zh: str, en: str) -> None:
    refused = refusal(text)
    assert (refused.code, refused.field, refused.zh, refused.en) == ("phone-length", "phone", zh, en)


@pytest.mark.parametrize("text", ["106575551234", "1069012345678", "106 9033 1234", "+86 1065 7555 1234"])
def test_a_sender_number_is_nobodys_telephone(text: str) -> None:
    assert refusal(text).code == "phone-sender"


@pytest.mark.parametrize("text", ["12333", "110", "95588", "400-812-3456", "800 820 0000"])
def test_a_service_number_is_nobodys_telephone(text: str) -> None:
    assert refusal(text).code == "phone-service"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone-missing"),
        (" \u3000-", "phone-missing"),
        ("025-84391234转", "phone-characters"),
        ("025-84391234转八零一", "phone-characters"),
        ("025-84391234转1234567", "phone-characters"),
        ("13812345678转801", "phone-extension"),
        ("没有电话", "phone-characters"),
        ("14112345678", "phone-unknown"),
        ("12345678", "phone-unknown"),
        ("025-12345678", "phone-unknown"),
        ("+86", "phone-unknown"),
        ("+999 1234 5678", "phone-unknown"),
        ("00", "phone-unknown"),
    ],
)
def test_what_cannot_be_a_telephone_number_is_refused_with_its_reason(text: str, code: str) -> None:
    assert refusal(text).code == code


def test_a_number_abroad_is_taken_with_its_country_code() -> None:
    assert phone("+852 5123 4567", "025") == Phone("+85251234567", "mobile")
    assert phone("00852 2123 4567", "025") == Phone("+85221234567", "landline")


@given(st.text() | st.text("0123456789+-转", max_size=20))
def test_any_text_is_a_number_or_refused_in_both_languages_without_quoting_it(text: str) -> None:
    read = read_or_refused(text)
    if isinstance(read, Refusal):
        assert read.code.startswith("phone-")
        assert read.zh.endswith("。")
        assert read.en.endswith(".")
        assert not re.search(r"[0-9]{4}", f"{read} {read.zh}")
    else:
        assert read.e164.startswith("+")


def test_a_number_does_not_show_in_a_log() -> None:
    assert "138" not in repr(MOBILE)
