"""visits.toml: who visits where, at what times, and when again; every mistake is named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.domain.city import City, CityError
from services.domain.visits import Assistant, choose, times
from tests.domain.city_folder import change
from tests.domain.nanjing_time import CALENDAR, CITY, local, shown

VISITS = CITY.visits
MISTAKES = [
    ('unit = "employment-pukou"', 'unit = "employment-suzhou"', "300501: employment-suzhou 不是就业服务单位"),
    ('unit = "employment-pukou"', 'unit = "inspection-pukou"', "300501: inspection-pukou 不是就业服务单位"),
    ('number = "300102"', 'number = "300101"', "300101: 工号重复"),
    ('streets = ["320102007", "320102008"]', 'streets = ["锁金村"]', "streets"),
    ("begins = 10:30:00", "begins = 10:00:00", "slot 10:00: 与上一时段重叠"),
    ("begins = 10:30:00", "begins = 12:00:00", "begins must be before ends"),
    ('outcome = "training"', 'outcome = "placed"', "placed: 写了不止一次"),
    ('outcome = "training"', 'outcome = "rich"', "outcome must be one of"),
    ("days = 30", "days = 0", "days"),
    ("days_ahead = 14", "days_ahead = 0", "days_ahead"),
    ("days_ahead = 14", "days_before = 14", "days_before"),
]


@pytest.mark.parametrize(("old", "new", "reason"), MISTAKES)
def test_a_mistake_is_named(folder: Path, old: str, new: str, reason: str) -> None:
    change(folder, "visits.toml", old, new)
    with pytest.raises(CityError) as caught:
        City.load(folder)
    assert {problem.file for problem in caught.value.problems} == {"visits.toml"}
    assert reason in str(caught.value)


def test_every_centre_and_office_of_nanjing_has_somebody_for_every_street() -> None:
    centres = ("employment_centre", "neighbourhood_office")
    for unit in (one for one in CITY.units if one.type in centres):
        assert VISITS.candidates(unit.id, None), unit.id


def test_who_has_the_street_goes_before_who_is_everywhere() -> None:
    def numbers(unit: str, street: str | None) -> list[str]:
        return [one.number for one in VISITS.candidates(unit, street)]

    assert numbers("employment-gulou", "320106001") == ["300401", "300402"]
    assert numbers("employment-gulou", "320106007") == ["300409"]
    assert numbers("employment-gulou", None) == ["300409"]
    assert numbers("inspection-gulou", "320106001") == []


def test_the_fewest_visits_decide_then_the_number() -> None:
    both = [Assistant(number=number, unit="employment-gulou") for number in ("12", "11")]
    assert choose(both, {}) == "11"
    assert choose(both, {"11": 2, "12": 1}) == "12"
    assert choose(both, {"11": 2, "12": 2, "13": 0}) == "11"
    assert choose([], {"11": 1}) is None


def test_times_are_on_working_days_and_still_to_come() -> None:
    found = times(VISITS, local("2026-09-30 14:30"), CALENDAR)
    assert [shown(one.begins) for one in found[:3]] == [
        "2026-09-30 15:30", "2026-10-08 09:00", "2026-10-08 10:30",
    ]  # fmt: skip
    assert shown(found[-1].ends) == "2026-10-14 17:00"
    assert "2026-10-10 09:00" in {shown(one.begins) for one in found}  # a Saturday that is worked
    assert all(one.begins.tzinfo is UTC for one in found)


def test_a_follow_up_waits_for_the_next_working_day() -> None:
    def again(outcome: str, at: str) -> str | None:
        found = VISITS.follow_up_at(outcome, local(at), CALENDAR)
        return None if found is None else shown(found)

    assert again("placed", "2026-09-01 10:00") == "2026-10-08 08:30"  # 1 October and the week after it
    # a Saturday, then a Sunday that is worked
    assert again("placed", "2026-08-20 23:59") == again("placed", "2026-08-20 00:01") == "2026-09-20 08:30"
    assert again("unreachable", "2026-09-01 10:00") is None
    late = datetime(2026, 9, 1, tzinfo=UTC)
    found = VISITS.follow_up_at("training", late, CALENDAR)
    assert found is not None
    assert found - late >= timedelta(days=30)
