"""Story S1 of the newspaper article: a call late on the eve of the holiday, the money paid before noon."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path

from services.commands.bench_installation import CITY
from services.commands.demo_night import eve, night
from services.commands.demo_story import Told
from services.domain.city import City
from services.kernel.settings import Settings
from tests.domain.nanjing_time import shown


def settings_in(folder: Path) -> Settings:
    return Settings.read(
        data_dir=folder, city=CITY, keyring=folder / "keyring.json", partners=folder / "partners.json",
        log_url=f"sqlite:///{folder}/log.db", store_url_pattern=f"sqlite:///{folder}/{{service}}.db",
    )  # fmt: skip


def test_the_eve_is_the_working_day_before_the_last_holiday() -> None:
    calendar = City.load(CITY).calendar
    assert eve(calendar, date(2026, 11, 25)) == date(2026, 9, 30)
    assert eve(calendar, date(2026, 2, 20)) == date(2026, 2, 14)  # a Saturday that was worked
    assert eve(calendar, date(2026, 10, 1)) == date(2026, 9, 24)


async def test_s1_a_call_at_night_is_paid_before_noon(tmp_path: Path) -> None:
    told = await night(settings_in(tmp_path), date(2026, 9, 30))
    _print(told)
    story = [(shown(line.at)[5:], line.type) for line in told.timeline]
    assert [line for line in story if line[1] not in ("CallerInformed", "TaskDelivered")] == [
        ("09-30 22:40", "CaseReceived"),
        ("09-30 22:40", "CaseRouted"),
        ("09-30 22:40", "StaffAlerted"),
        ("09-30 22:45", "StaffAlerted"),
        ("09-30 22:45", "DeadlineApproaching"),
        ("09-30 22:47", "AlertAcknowledged"),
        ("09-30 22:47", "DeadlineMet"),
        ("10-01 08:10", "TaskAccepted"),
        ("10-01 09:00", "TaskProgressed"),
        ("10-01 11:20", "OutcomeReported"),
        ("10-01 11:20", "CaseClosed"),
    ]
    assert told.minutes_to_remedy == 12 * 60 + 40
    last = next(text for text in told.texts if text.to == "+8613900009991")
    assert "欠款已支付，共84,000元" in last.text
    assert Counter(text.to for text in told.texts) == {
        "+8613900009991": 2,  # the caller, with the number and with the result
        "+8619900020011": 1, "+8619900020012": 1,  # the first officer of the night, and the next
    }  # fmt: skip
    assert all("赵某" not in text.text and "84000" not in text.text for text in told.texts)


def _print(told: Told) -> None:
    for line in told.timeline:
        print(f"\n{shown(line.at)}  {line.type:20}  {line.text}", end="")
    print()
    for clock in told.clocks:
        due = shown(datetime.fromisoformat(clock["due"]))
        print("  ".join((clock["name"], clock["period"], due, clock["state_text"], clock["article"])))
