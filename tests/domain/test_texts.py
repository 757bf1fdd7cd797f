"""What the city says: messages that fit one segment, sentences for every event in both languages."""

import json
from pathlib import Path

import pytest

from services.domain import codes
from services.domain.city import City
from services.domain.events import EVENTS, Event
from services.domain.texts import TIMELINE, fill
from services.domain.timeline import sentence, yuan

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
GOLDEN = Path(__file__).parent / "golden"
REQUIRED = json.loads((Path(__file__).parent / "required_fields.json").read_text("utf-8"))

VALUES = {
    "number": "27SE-M4YR-M27",
    "code": "402817",
    "amount": "412,000元",
    "unit_name": "雨花台区劳动保障监察大队",
}
MESSAGES = ["received", "answered", "unreachable", *(f"outcome.{code}" for code in codes.OUTCOMES)]


def golden(name: str) -> Event:
    return EVENTS[name].model_validate_json((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("key", MESSAGES)
def test_a_chinese_message_fits_one_segment_and_an_english_one_a_plain_one(key: str) -> None:
    assert len(CITY.text(key, "zh-CN", **VALUES)) <= 70
    english = CITY.text(key, "en", **VALUES | {"amount": "CNY 412,000"})
    assert len(english) <= 160
    assert english.isascii()


def test_every_outcome_has_a_message_and_an_unknown_one_the_general() -> None:
    assert set(CITY.texts.sms.outcome) == set(codes.OUTCOMES)
    general = CITY.text("outcome.other", "zh-CN", **VALUES)
    assert CITY.text("outcome.something_new", "zh-CN", **VALUES) == general


def test_a_message_with_a_value_missing_is_refused_and_an_unknown_message_too() -> None:
    with pytest.raises(KeyError):
        CITY.text("received", "zh-CN", number="27SE-M4YR-M27")
    with pytest.raises(KeyError):
        CITY.text("farewell", "zh-CN")


def test_a_part_in_brackets_is_left_out_where_its_value_is_missing() -> None:
    template = "已受理[，经办人 {officer}][，{unit}]"
    assert fill(template, {"officer": "N-07"}) == "已受理，经办人 N-07"
    assert fill(template, {"officer": "", "unit": "江宁"}) == "已受理，江宁"


def test_a_value_is_never_read_as_a_template() -> None:
    assert fill("{a}[，{b}]", {"a": "{b}[x]", "b": "{a}"}) == "{b}[x]，{a}"


def test_every_event_has_a_sentence_and_no_sentence_shows_a_sealed_field() -> None:
    assert set(TIMELINE) == set(EVENTS) == set(CITY.texts.timeline)
    for name, places in TIMELINE.items():
        for place in places & EVENTS[name].model_fields.keys():
            assert "sealed" not in str(EVENTS[name].model_fields[place].description), (name, place)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_told_with_all_its_fields_and_with_the_least(name: str, language: str) -> None:
    full = golden(name)
    least = EVENTS[name].model_validate({field: getattr(full, field) for field in REQUIRED[name]})
    for event in (full, least):
        told = sentence(event, CITY, language)
        assert told
        assert not set(told) & set("{}[]_")
        chinese = "article" in type(event).model_fields  # articles stay Chinese
        assert told.isascii() or language == "zh-CN" or chinese


def test_codes_become_names() -> None:
    told = sentence(golden("TaskObjected"), CITY, "zh-CN")
    assert told == "江宁区劳动保障监察大队退回：不属本区管辖，建议转栖霞区劳动保障监察大队"
    assert sentence(golden("TaskObjected"), CITY, "en").startswith(
        "Jiangning Labour Inspection Brigade sent it back"
    )


def test_a_code_that_the_city_does_not_name_is_called_other_or_shown_as_it_stands() -> None:
    assert CITY.texts.name("step", "something_new", "en") == "there is progress"
    assert CITY.texts.name("hold", "something_new", "en") == "something_new"
    assert CITY.texts.name("kind", "wage_arrears", "en") == "Wage arrears"


@pytest.mark.parametrize(
    ("group", "known"),
    [
        ("hold", codes.HOLD_REASONS),
        ("objection", codes.OBJECTION_REASONS),
        ("outcome", codes.OUTCOMES),
        ("undeliverable", codes.UNDELIVERABLE_REASONS),
        ("close", codes.CLOSE_REASONS),
        ("pause", codes.PAUSE_REASONS),
        ("extension", codes.EXTENSION_REASONS),
    ],
)
def test_every_known_code_has_a_name_in_both_languages(group: str, known: dict[str, object]) -> None:
    assert set(CITY.texts.names[group]) == set(known)


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [(840000, "8,400元", "CNY 8,400"), (1860050, "18,600.50元", "CNY 18,600.50"), (5, "0.05元", "CNY 0.05")],
)
def test_money_is_written_as_people_write_it(fen: int, zh: str, en: str) -> None:
    assert (yuan(fen, "zh-CN"), yuan(fen, "en")) == (zh, en)
