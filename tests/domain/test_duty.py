"""Who is on duty, and the ladders of a city: data that an official can read, checked as a whole."""

from datetime import date
from pathlib import Path

import pytest

from services.domain.city import City, CityError
from services.domain.duty import night_of
from services.domain.escalation import Ladder, Step
from tests.domain.city_folder import change
from tests.domain.nanjing_time import CALENDAR, CITY, local, shown

DUTY = [
    ('id = "inspection-qixia"', 'id = "inspection-suzhou"', "inspection-suzhou: units.toml 里没有这个单位"),
    ('id = "inspection-qixia"', 'id = "inspection-jianye"', "inspection-jianye: 单位重复"),
    ('head = "200600"', 'head = "999999"', "inspection-qixia: 没有工号 999999"),
    ('officers = ["200601", "200602"]', 'officers = ["200701"]', "inspection-qixia: 没有工号 200701"),
    ('number = "200602"', 'number = "200502"', "200502: 工号重复"),
    ('days = ["mon", "wed", "fri", "sun"]', 'days = ["mon", "wed", "fri"]', "没有值班人员：sun"),
    ('days = ["mon", "wed", "fri", "sun"]', 'days = ["mon", "wed", "fri", "sun", "tue"]', "tue 写了不止一次"),
    ('days = ["mon", "wed", "fri", "sun"]', 'days = ["monday"]', "不是可用的值"),
    ('days = ["mon", "wed", "fri", "sun"]', "", "days or dates are needed"),
    ('phone = "19900020060"', 'phone = "19900020"', "phone"),
    ("next_after = 5", "next_after = 0", "next_after"),
]
LADDERS = [
    ('clock = "acceptance"', 'clock = "acceptance_soon"', "acceptance_soon: deadlines.toml 里没有这一时限"),
    ('clock = "acceptance"', 'clock = "acceptance_urgent"', "acceptance_urgent: 这一时限写了不止一次"),
    ('{ after = 1, tell = "head" }', '{ after = 3, tell = "head" }', "steps must ascend"),
    ('{ after = 0, tell = "head" }', '{ after = 0, tell = "head", hand_over = true }', "only the superior"),
    ('tell = "superior" }', 'tell = "mayor" }', "tell"),
    ("most = 2", "most = 0", "most"),
    ('then = "superior"', 'then = "dice"', "then"),
]


@pytest.mark.parametrize(("file", "old", "new", "reason"), [
    *(("duty.toml", *row) for row in DUTY), *(("escalation.toml", *row) for row in LADDERS),
])  # fmt: skip
def test_a_mistake_is_named(folder: Path, file: str, old: str, new: str, reason: str) -> None:
    change(folder, file, old, new)
    with pytest.raises(CityError) as caught:
        City.load(folder)
    assert reason in str(caught.value)


def test_a_date_goes_before_its_weekday(folder: Path) -> None:
    eve = 'dates = [2026-09-30]\nofficers = ["200802"]\n[[unit.night]]\n'
    change(folder, "duty.toml", 'days = ["mon", "wed", "fri", "sun"]\nofficers = ["200801"',
           eve + 'days = ["mon", "wed", "fri", "sun"]\nofficers = ["200801"')  # fmt: skip
    duty = City.load(folder).duty
    at = local("2026-09-30 22:00")
    assert duty.tonight("inspection-jiangning", at, CALENDAR) == ("200802",)
    assert CITY.duty.tonight("inspection-jiangning", at, CALENDAR) == ("200801", "200802")
    assert CITY.duty.tonight("employment-jiangning", at, CALENDAR) == ()


def test_every_brigade_has_somebody_every_night() -> None:
    brigades = [unit.id for unit in CITY.units if unit.service == "inspection"]
    for unit in brigades:
        for day in range(1, 8):
            assert CITY.duty.by_unit[unit].officers(date(2026, 3, day)), unit


@pytest.mark.parametrize("phone", ["19900020081", "+8619900020081", "199 0002 0081", "008619900020081"])
def test_who_sends_a_text_message_is_known_by_the_telephone(phone: str) -> None:
    staff = CITY.duty.by_phone(phone)
    assert staff is not None
    assert staff.number == "200801"


@pytest.mark.parametrize("phone", ["13800138000", "", "x", "10690000"])
def test_other_telephones_are_nobodys(phone: str) -> None:
    assert CITY.duty.by_phone(phone) is None


def test_at_half_past_midnight_it_is_still_the_night_before() -> None:
    assert night_of(local("2026-03-04 00:30"), CALENDAR) == date(2026, 3, 3)


@pytest.mark.parametrize(("unit", "expected"), [
    ("minutes", ["03-09 17:30", "03-09 17:31"]), ("work_minutes", ["03-10 08:30", "03-10 08:31"]),
    ("working_days", ["03-10 08:30", "03-11 08:30"]), ("calendar_days", ["03-10 08:30", "03-11 08:30"]),
])  # fmt: skip
def test_steps_of_a_ladder_wait_for_somebody_to_be_there(unit: str, expected: list[str]) -> None:
    ladder = Ladder.model_validate(
        {"clock": "acceptance", "unit": unit, "step": [Step(after=n, tell="head") for n in (0, 1)]}
    )
    due = local("2026-03-09 17:30")  # a Monday, at the close of service
    steps = [ladder.next_step(taken, due, False, CALENDAR) for taken in (0, 1)]
    assert [shown(at)[5:] for at in steps if at] == expected
    assert ladder.next_step(2, due, False, CALENDAR) is None
