"""The table of published years: what others know of them, and every mistake a new year may hold."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from chinese_calendar.constants import holidays as listed_elsewhere

from services.domain.city import City, CityError
from services.domain.festivals import estimated_days_off, festivals
from services.domain.published_years import PublishedYear, gaps, packaged, problems
from tests.domain.city_folder import NANJING
from tests.domain.nanjing_time import CALENDAR, INVENTED_2027

YEARS = packaged()
MISTAKES: list[tuple[Mapping[str, object], str]] = [
    ({"first": "2027-10-01", "last": "2027-09-30"}, "国庆节：结束早于开始"),
    ({"first": "2027-09-14", "last": "2027-10-07"}, "国庆节与中秋节重叠"),
    ({"first": "2027-11-01", "last": "2027-11-07"}, "国庆节（2027-10-01）没有放假"),
    ({"first": "2028-10-01", "last": "2028-10-07"}, "2028-10-01 不在这一年"),
    ({"first": "2027-10-01", "last": "2027-10-08"}, "放假的平日减去调休上班日是 14 天，法定节假日是 13 天"),
]
WORKED = [
    ("2027-10-11", "2027-10-11 不是周末"),
    ("2027-10-02", "2027-10-02 既放假又上班"),
    ("2027-10-09", "2027-10-09 写了不止一次"),
    ("2026-12-19", "2026-12-19 不在这一年"),
    ("2027-10-16", "是 12 天，法定节假日是 13 天"),
]


def changed(**fields: object) -> PublishedYear:
    return PublishedYear.model_validate(INVENTED_2027.model_dump() | fields)


def reported(year: PublishedYear) -> str:
    return "\n".join(map(str, problems(year, "2027.toml")))


def days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [
        first + timedelta(days=number)
        for number in range(366)
        if (first + timedelta(days=number)).year == year
    ]


@pytest.mark.parametrize("year", YEARS, ids=lambda year: str(year.year))
def test_a_published_year_is_without_mistakes_and_as_others_know_it(year: PublishedYear) -> None:
    assert reported(year) == ""
    other = holidays.country_holidays("CN", years=[year.year, year.year + 1])
    for day in days(year.year):
        worked = CALENDAR.is_workday(day)
        assert worked == (day in other.weekend_workdays or (day.weekday() < 5 and day not in other)), day
        if day != date(2005, 12, 31):  # worked by the notice for 2006, which this collection overlooks
            assert worked == chinese_calendar.is_workday(day), day


def test_every_year_that_is_known_elsewhere_stands_in_the_table() -> None:
    assert [year.year for year in YEARS] == list(range(2004, max(listed_elsewhere).year + 1))
    assert not list(gaps([year.year for year in YEARS], "published_years.toml"))


@pytest.mark.parametrize("year", [year for year in festivals() if year > YEARS[-1].year])
def test_an_estimate_is_that_of_others_but_gives_a_day_for_two_festivals_on_one(year: int) -> None:
    other = holidays.country_holidays("CN", years=year)
    theirs = {day for day in other if day.weekday() < 5}
    ours = estimated_days_off(year)
    assert len(ours) == 13
    assert theirs <= ours or festivals()[year].mid_autumn.month == 10
    if festivals()[year].mid_autumn.month != 10:
        assert ours == theirs


def test_an_invented_year_that_keeps_the_rules_has_no_mistake() -> None:
    assert reported(INVENTED_2027) == ""


@pytest.mark.parametrize(("span", "reason"), MISTAKES)
def test_a_mistyped_holiday_is_named(span: Mapping[str, object], reason: str) -> None:
    spans = [rest.model_dump() for rest in INVENTED_2027.rest]
    assert reason in reported(changed(rest=[*spans[:-1], {"zh": "国庆节", **span}]))


@pytest.mark.parametrize(("day", "reason"), WORKED)
def test_a_mistyped_workday_is_named(day: str, reason: str) -> None:
    assert reason in reported(changed(work=[*INVENTED_2027.work, day]))


def test_a_special_notice_may_give_more_days() -> None:
    spans = [rest.model_dump() for rest in INVENTED_2027.rest]
    more = [*spans, {"zh": "纪念日", "first": "2027-09-03", "last": "2027-09-03"}]
    assert "14 天" in reported(changed(rest=more))
    assert reported(changed(rest=more, extra=1)) == ""


def test_every_mistake_is_named_at_once() -> None:
    spans = [rest.model_dump() for rest in INVENTED_2027.rest if rest.zh not in ("端午节", "中秋节")]
    told = reported(changed(rest=spans, work=["2027-10-11", "2027-10-02"]))
    for reason in (
        "端午节（2027-06-09）没有放假",
        "中秋节",
        "2027-10-11 不是周末",
        "2027-10-02 既放假又上班",
    ):
        assert reason in told
    assert told.isascii() is False
    assert "2027.toml: 2027: " in told


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("2028.toml", "[[year]]\nyear = 2028\nnotice = '—'\nrest = []\n", "2028.toml: year 1 (2028) rest"),
        ("2027.toml", "[[year]]\nyear = 2027\n", "缺少这一项"),
        ("2027.toml", "year = ", "不是有效的 TOML 文件"),
    ],
)
def test_a_city_does_not_start_with_a_mistake_in_the_installations_years(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(CityError) as caught:
        City.load(NANJING, tmp_path)
    assert reason in str(caught.value)


def test_a_year_after_a_missing_one_is_a_mistake() -> None:
    [gap] = gaps([2026, 2028], "calendar")
    assert str(gap) == "calendar: 2028: 前面的年份还没有 / comes after a year that is missing"
