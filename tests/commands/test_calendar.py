"""`yikou calendar`: what is shown, what is refused, and that an installation keeps what it was given."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.commands.calendar_file import as_toml, write_year
from services.domain.city import City, CityError
from services.domain.published_years import PublishedYear
from tests.domain.city_folder import NANJING
from tests.domain.nanjing_time import INVENTED_2027, local, said


def run(data: Path, *arguments: str) -> Result:
    env = {"YIKOU_DATA_DIR": str(data), "YIKOU_CITY": str(NANJING), "COLUMNS": "120"}
    return CliRunner().invoke(app, ["calendar", *arguments], env=env)


def as_days(year: PublishedYear) -> str:
    days = [
        {"name": rest.zh, "date": str(day), "isOffDay": True} for rest in year.rest for day in rest.days()
    ]
    days += [{"name": "调休", "date": str(day), "isOffDay": False} for day in year.work]
    return json.dumps({"$schema": "https://example.org", "year": year.year, "papers": ["虚构"], "days": days})


def file_of(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def test_a_published_year_is_shown_with_its_notice(tmp_path: Path) -> None:
    shown = run(tmp_path, "show", "2026")
    assert shown.exit_code == 0
    for line in (
        "2026-09-20",
        "上班 worked 调休",
        "放假 off 国庆节",
        "国办发明电〔2025〕7号",
        "248 working days",
    ):
        assert line in shown.output
    assert "2026-12-31" not in shown.output, "an ordinary day"


def test_an_unpublished_year_is_shown_as_an_estimate(tmp_path: Path) -> None:
    shown = run(tmp_path, "show", "2028")
    assert "2028: not published; estimated, provisional." in shown.output
    assert "放假 off 暂定 provisional" in shown.output


@pytest.mark.parametrize(
    ("name", "text"), [("new.toml", as_toml(INVENTED_2027)), ("new.json", as_days(INVENTED_2027))]
)
def test_a_new_year_is_kept_and_counted_by(tmp_path: Path, name: str, text: str) -> None:
    before = City.load(NANJING, tmp_path / "calendar").calendar
    updated = run(tmp_path, "update", file_of(tmp_path, name, text))
    assert updated.exit_code == 0
    assert "2004 to 2027 are published, 2028 and later provisional." in updated.output
    after = City.load(NANJING, tmp_path / "calendar").calendar
    start = local("2027-01-29 10:00")
    assert said(before.add_working_days(start, 1)) == "2027-02-01 17:30 provisional"
    assert said(after.add_working_days(start, 1)) == "2027-01-31 17:30"
    assert "2027: published." in run(tmp_path, "show", "2027").output
    assert [path.name for path in (tmp_path / "calendar").iterdir()] == ["2027.toml"]


def test_an_amended_year_replaces_the_one_that_the_program_knows(tmp_path: Path) -> None:
    known = next(year for year in City.load(NANJING).years if year.year == 2026)
    more = (
        *known.rest,
        known.rest[0].model_validate({"zh": "纪念日", "first": "2026-09-03", "last": "2026-09-03"}),
    )
    write_year(tmp_path, known.model_copy(update={"rest": more, "extra": 1, "notice": "虚构"}))
    city = City.load(NANJING, tmp_path)
    assert [year.notice for year in city.years if year.year == 2026] == ["虚构"]
    assert said(city.calendar.add_working_days(local("2026-09-02 10:00"), 1)) == "2026-09-04 17:30"


def test_every_mistake_of_a_file_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    wrong = as_toml(INVENTED_2027).replace("2027-06-09", "2027-06-10").replace("2027-01-31", "2027-02-01")
    refused = run(tmp_path, "update", file_of(tmp_path, "new.toml", wrong))
    assert isinstance(refused.exception, CityError)
    told = str(refused.exception)
    assert "端午节（2027-06-09）没有放假" in told
    assert "2027-02-01 不是周末" in told
    assert not (tmp_path / "calendar").exists()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("new.json", "{", "new.json: —: 填写不对"),
        ("new.json", json.dumps({"year": 2027, "days": []}), "year 1 (2027) rest"),
        ("new.json", json.dumps({"year": 2027, "days": [{"name": "元旦"}]}), "days 0 date"),
        ("new.toml", as_toml(INVENTED_2027).replace("2027", "2029"), "2029: 前面的年份还没有"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, name: str, text: str, reason: str) -> None:
    refused = run(tmp_path, "update", file_of(tmp_path, name, text))
    assert isinstance(refused.exception, CityError)
    assert reason in str(refused.exception)


def test_days_of_a_special_notice_are_counted_with_a_word(tmp_path: Path) -> None:
    listed = json.loads(as_days(INVENTED_2027))
    listed["days"].append({"name": "纪念日", "date": "2027-09-03", "isOffDay": True})
    path = file_of(tmp_path, "new.json", json.dumps(listed))
    assert isinstance(run(tmp_path, "update", path).exception, CityError)
    assert run(tmp_path, "update", path, "--extra", "1").exit_code == 0
    assert "extra = 1" in (tmp_path / "calendar/2027.toml").read_text("utf-8")
