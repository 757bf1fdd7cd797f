"""Every word of the shared language has a name in both languages."""

from collections.abc import Mapping

import pytest

from services.domain import codes
from services.domain.kinds import CHANNEL_NAMES, KIND_NAMES, REPORT_TYPE_NAMES, Channel, Kind, ReportType
from services.domain.names import Name


def test_every_kind_report_type_and_channel_has_a_name() -> None:
    assert set(KIND_NAMES) == set(Kind)
    assert set(REPORT_TYPE_NAMES) == set(ReportType)
    assert set(CHANNEL_NAMES) == set(Channel)


@pytest.mark.parametrize(
    "names",
    [
        KIND_NAMES,
        REPORT_TYPE_NAMES,
        CHANNEL_NAMES,
        codes.HOLD_REASONS,
        codes.OBJECTION_REASONS,
        codes.OUTCOMES,
        codes.CLOSE_REASONS,
        codes.UNDELIVERABLE_REASONS,
    ],
)
def test_every_name_is_there_in_both_languages_and_distinct(names: Mapping[str, Name]) -> None:
    assert all(name.zh and name.en.isascii() for name in names.values())
    assert (
        len({name.zh for name in names.values()}) == len({name.en for name in names.values()}) == len(names)
    )


def test_a_reader_gets_chinese_unless_english_is_asked_for() -> None:
    name = KIND_NAMES[Kind.WAGE_ARREARS]
    assert [name.in_language(tag) for tag in ("zh-CN", "en", "EN-gb", "fr")] == [
        name.zh,
        name.en,
        name.en,
        name.zh,
    ]


def test_a_code_from_a_newer_service_is_shown_as_it_stands() -> None:
    assert codes.name_of("paid", codes.OUTCOMES).zh == "已全额支付"
    assert codes.name_of("paid_in_kind", codes.OUTCOMES) == Name("paid_in_kind", "paid_in_kind")
