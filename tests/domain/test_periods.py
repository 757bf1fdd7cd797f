"""Which clocks a case gets, what ends them, and that every period names its article."""

from pathlib import Path

import pytest

from services.domain.city import City, CityError
from services.domain.clock_acts import verdict
from services.domain.codes import PAUSE_REASONS
from services.domain.events import EVENTS, CallerInformed, Event
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.periods import started_by
from services.domain.routing_rules import Facts
from tests.domain.city_folder import change
from tests.domain.nanjing_time import CITY, local
from tests.domain.test_texts import golden

DOCUMENT = Path(__file__).parents[2] / "docs/clocks.md"
ARTICLES = [
    # clock, amount, unit, article: as the regulations have it
    ("acceptance", 5, "working_days", "实施《劳动保障监察条例》若干规定第十八条"),
    ("investigation", 60, "working_days", "劳动保障监察条例第十七条"),
    ("objection", 5, "working_days", "信访工作条例第二十三条"),
    ("petition_forwarding", 15, "calendar_days", "信访工作条例第二十二条"),
    ("petition_notice", 15, "calendar_days", "信访工作条例第二十三条"),
    ("petition", 60, "calendar_days", "信访工作条例第三十四条"),
]
STARTED = [
    ("CaseReceived", Facts(Kind.INQUIRY), ["inquiry_reply"]),
    ("CaseReceived", Facts(Kind.INQUIRY, channel=Channel.VOICEMAIL), ["inquiry_reply", "voicemail"]),
    ("CaseReceived", Facts(Kind.OTHER, tags=("petition",)), ["petition_forwarding"]),
    ("CaseRouted", Facts(Kind.WAGE_ARREARS, ReportType.COMPLAINT), ["acceptance"]),
    (
        "CaseRouted",
        Facts(Kind.WAGE_ARREARS, ReportType.COMPLAINT, urgent=True),
        ["acceptance_urgent", "acceptance"],
    ),
    ("TaskDelivered", Facts(Kind.WAGE_ARREARS, urgent=True), ["acknowledgement", "objection"]),
    ("TaskDelivered", Facts(Kind.OTHER, tags=("petition",)), ["petition_notice", "objection"]),
    ("TaskAccepted", Facts(Kind.WAGE_ARREARS), ["investigation"]),
    ("TaskAccepted", Facts(Kind.JOB_ASSISTANCE), []),
    ("TaskAccepted", Facts(Kind.WAGE_ARREARS, tags=("petition",)), ["investigation", "petition"]),
    ("OutcomeReported", Facts(Kind.JOB_ASSISTANCE), ["informing"]),
    ("NoteAdded", Facts(Kind.WAGE_ARREARS, urgent=True), []),
]
MISTAKES = [
    (
        "deadlines.toml",
        'lapses = ["CaseHeld", "CaseClosed"]',
        'lapses = ["CaseLost"]',
        "no such event: CaseLost",
    ),
    (
        "deadlines.toml",
        'lapses = ["CaseHeld", "CaseClosed"]',
        'lapses = ["TaskAccepted"]',
        "cannot do two things",
    ),
    ("deadlines.toml", "approaching = [0.6, 0.8]", "approaching = [0.8, 0.6]", "approaching must ascend"),
    ("deadlines.toml", "approaching = [0.6, 0.8]", "approaching = [60]", "clock 3 (acceptance) approaching"),
    ("deadlines.toml", 'reason = "waiting_for_caller"', 'reason = "holidays"', "暂停原因 holidays 没有名称"),
    ("deadlines.toml", 'approved_by_en = "the head of the', 'approver = "the head of the', "没有这一项"),
    ("deadlines.toml", 'when = { kind = "inquiry" }', 'when = { kind = "question" }', "when kind"),
    ("deadlines.toml", 'id = "inquiry_reply"', 'id = "acceptance"', "acceptance: 编号重复"),
    (
        "hours.toml",
        'zone = "Asia/Shanghai"',
        'zone = "Asia/Shanghai"\n[[closed]]\nday = 2026-04-20',
        "closed 1 zh",
    ),
]
LOCAL_DAY = 'day = 2026-04-20\nzh = "三月三"\nen = "Sanyuesan"\nsource = "示例"\n'


@pytest.mark.parametrize(("clock_id", "amount", "unit", "article"), ARTICLES)
def test_a_statutory_period_is_as_long_as_its_article_says(
    clock_id: str, amount: int, unit: str, article: str
) -> None:
    clock = CITY.clock(clock_id)
    assert (clock.amount, clock.unit, clock.binding, clock.article) == (amount, unit, "law", article)


def test_what_is_no_law_is_called_the_citys_own() -> None:
    assert {clock.id for clock in CITY.clocks if clock.binding == "law"} == {row[0] for row in ARTICLES}


@pytest.mark.parametrize(("clock_id", "amount"), [("investigation", 30), ("petition", 30)])
def test_an_extension_names_who_approves_it_and_by_which_article(clock_id: str, amount: int) -> None:
    extension = CITY.clock(clock_id).extension
    assert extension is not None
    assert extension.amount == amount
    assert extension.article == CITY.clock(clock_id).article
    assert "负责人" in extension.approved_by
    assert extension.notice


@pytest.mark.parametrize(("event", "facts", "expected"), STARTED)
def test_a_case_gets_the_clocks_of_its_kind(event: str, facts: Facts, expected: list[str]) -> None:
    assert [clock.id for clock in started_by(event, facts, CITY.clocks)] == expected


@pytest.mark.parametrize("name", EVENTS)
def test_a_fact_ends_a_clock_as_its_table_says(name: str) -> None:
    for clock in CITY.clocks:
        expected = "met" if name in clock.stops else "lapsed" if name in clock.lapses else None
        assert verdict(golden(name), clock) == expected


def test_to_be_told_that_a_case_was_received_answers_no_voice_mail() -> None:
    received: Event = golden("CallerInformed").model_copy(update={"about": "received"})
    assert isinstance(received, CallerInformed)
    assert verdict(received, CITY.clock("voicemail")) is None


def test_every_clock_that_a_case_may_have_can_end() -> None:
    for clock in CITY.clocks:
        assert "CaseClosed" in (*clock.stops, *clock.lapses), clock.id
        assert all(ground.reason in PAUSE_REASONS for ground in clock.pauses)


@pytest.mark.parametrize(("file", "old", "new", "reason"), MISTAKES)
def test_a_mistake_in_the_periods_is_named(folder: Path, file: str, old: str, new: str, reason: str) -> None:
    change(folder, file, old, new)
    with pytest.raises(CityError) as caught:
        City.load(folder)
    assert reason in str(caught.value)


def test_a_day_of_the_citys_own_is_given_once(folder: Path) -> None:
    change(folder, "hours.toml", "[[interval]]", f"[[closed]]\n{LOCAL_DAY}\n[[interval]]")
    assert not City.load(folder).calendar.is_workday(local("2026-04-20 10:00").date())
    change(folder, "hours.toml", "[[interval]]", f"[[open]]\n{LOCAL_DAY}\n[[interval]]")
    with pytest.raises(CityError, match="2026-04-20: 这一天写了不止一次"):
        City.load(folder)


def test_the_table_of_clocks_in_the_documents_is_the_citys() -> None:
    lines = DOCUMENT.read_text("utf-8").splitlines()
    rows = [row for line in lines if line.startswith("| `") and len(row := line.split("|")) == 8]
    assert [row[1].strip(" `") for row in rows] == [clock.id for clock in CITY.clocks]
    for row, clock in zip(rows, CITY.clocks, strict=True):
        unit = clock.unit.replace("_", " ").removesuffix("s")
        assert row[2].strip().startswith(f"{clock.amount} {unit}"), clock.id
        assert clock.article in row[6] or clock.binding == "city", clock.id
        assert bool(row[4].strip()) == bool(clock.pauses), clock.id
        assert row[5].strip().startswith(str(clock.extension.amount) if clock.extension else ""), clock.id
