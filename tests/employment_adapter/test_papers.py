"""What an assistant takes along: the day's sheet, and the calendar behind a link."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from sqlmodel import select

from services.employment_adapter.ical import OCTETS, Entry, calendar, escaped, folded
from services.kernel.tasks.reveals import TaskReveal
from tests.employment_adapter.centre import EMPLOYMENT, PAGE, SEEKER, assistant, seeker, visits
from tests.employment_adapter.test_matching import imported
from tests.kernel.tasks.town import Town, town
from tests.places import Place

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
PERSONAL = ("陆建华", "陆", "13900000116", "颐和路", "保安", "有狗")


def read(text: str) -> Iterator[tuple[str, str]]:
    """The content lines of a calendar, unfolded: name and value."""
    assert text.endswith("END:VCALENDAR\r\n")
    for line in text.replace("\r\n ", "").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        yield name, value


async def new_link(here: Town, csrf: str) -> str:
    made = await here.http.post("/visits/calendar/new", data={"csrf_token": csrf}, headers=PAGE)
    found = re.search(r'value="[^"]*(/calendar/[^"]+\.ics)"', made.text)
    assert found
    return found[1]


@pytest.mark.parametrize("text", ["", "a" * 74, "a" * 75, "a" * 76, "访" * 24 + "xyz", "访" * 200, "👍" * 99])
def test_a_line_is_folded_within_75_octets_and_never_within_a_character(text: str) -> None:
    parts = list(folded(text))
    assert all(len(part.encode()) <= OCTETS for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == text


def test_what_would_break_the_text_is_escaped() -> None:
    assert escaped("a,b;c\\d\r\ne\nf\x07") == "a\\,b\\;c\\\\d\\ne\\nf"


def test_a_visit_has_its_hours_and_a_follow_up_its_day() -> None:
    entries = [
        Entry(
            "a@y",
            NOW,
            NOW + timedelta(minutes=90),
            "上门走访 · 宁海路街道",
            "宁海路街道",
            "https://x/visits/a",
        ),
        Entry("b@y", date(2026, 12, 31), None, "回访", "", "https://x/visits/b"),
    ]
    lines = list(read(calendar("走访", entries, NOW)))
    assert lines[:2] == [("BEGIN", "VCALENDAR"), ("VERSION", "2.0")]
    begin = lines.index(("BEGIN", "VEVENT"))
    assert lines[begin : begin + 8] == [
        ("BEGIN", "VEVENT"), ("UID", "a@y"), ("DTSTAMP", "20261125T040000Z"),
        ("DTSTART", "20261125T040000Z"), ("DTEND", "20261125T053000Z"),
        ("SUMMARY", "上门走访 · 宁海路街道"), ("LOCATION", "宁海路街道"), ("URL", "https://x/visits/a"),
    ]  # fmt: skip
    assert ("DTSTART;VALUE=DATE", "20261231") in lines
    assert ("DTEND;VALUE=DATE", "20270101") in lines
    assert lines.count(("END", "VEVENT")) == 2


async def test_the_calendar_shows_when_and_in_which_street_and_nobodys_name(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        keys = [await seeker(here), await seeker(here, "320106002"), await seeker(here, "320106003")]
        who = await assistant(here)
        for key in keys:
            await who.enter(key, "safety", safety="有狗")
            await who.enter(key, "assistant", assistant="300401")
        await who.plan(keys[0])
        await who.enter(keys[1], "outcome", outcome="placed", summary="到岗了。")
        csrf = await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        path = await new_link(here, csrf)
        here.http.cookies.clear()
        shown = await here.http.get(path)
        assert shown.headers["content-type"] == "text/calendar; charset=utf-8"
        lines = list(read(shown.text))
        assert [value for name, value in lines if name == "SUMMARY"] == [
            "上门走访 · 宁海路街道", "回访 · 华侨路街道",
        ]  # fmt: skip
        assert not [word for word in PERSONAL if word in shown.text]
        planned = next(one for one in await visits(here) if one.task == keys[0])
        assert planned.starts_at is not None
        assert ("DTSTART", f"{planned.starts_at:%Y%m%dT%H%M%SZ}") in lines


async def test_a_link_that_was_replaced_stopped_grew_old_or_was_guessed_does_not_exist(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        csrf = await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        first = await new_link(here, csrf)
        token = first.removeprefix("/calendar/").removesuffix(".ics")
        assert token.encode() not in place.contents("employment_adapter")
        second = await new_link(here, csrf)
        assert [(await here.http.get(path)).status_code for path in (first, second)] == [404, 200]
        here.clock.by += timedelta(days=366)
        assert (await here.http.get(second)).status_code == 404
        here.clock.by -= timedelta(days=366)
        csrf = await here.sign_in("300402", "officer", [EMPLOYMENT.unit])
        third = await new_link(here, csrf)
        await here.http.post("/visits/calendar/stop", data={"csrf_token": csrf}, headers=PAGE)
        assert [(await here.http.get(path)).status_code for path in (second, third)] == [200, 404]
        for guess in ("/calendar/x.ics", f"/calendar/{'A' * 43}.ics"):
            assert (await here.http.get(guess)).status_code in (404, 422)


async def test_the_sheet_has_everything_for_the_door_and_every_look_is_written_down(place: Place) -> None:
    async with town(place, EMPLOYMENT) as here:
        await imported(here)
        keys = [await seeker(here, "320106002") for _ in range(2)]
        who = await assistant(here)
        for key in keys:
            await who.plan(key)
        await who.enter(keys[0], "safety", safety="有狗")
        csrf = await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        listed = (await here.http.get("/visits", headers=PAGE)).text
        day = re.findall(r"<option>(20\d\d-\d\d-\d\d)</option>", listed)[0]
        form = {"csrf_token": csrf, "day": day}
        sheet = unescape((await here.http.post("/visits/sheet", data=form, headers=PAGE)).text)
        home = ("陆建华", "139 0000 0116", "颐和路9号", "有狗", str(SEEKER["text"]))
        for word in (*home, "NJ-0032", "□ 没人在家"):
            assert word in sheet
        looks = await here.service.store.read(lambda session: list(session.scalars(select(TaskReveal))))
        starts = [one.starts_at for one in await visits(here)]
        same_day = sum(1 for at in starts if at and (at + timedelta(hours=8)).date().isoformat() == day)
        assert len(looks) == same_day
        assert {(look.by, look.purpose) for look in looks} == {("300401", "home_visit")}
        empty = await here.http.post("/visits/sheet", data=form | {"day": "2020-01-01"}, headers=PAGE)
        assert "这一天没有约定的走访" in unescape(empty.text)
        assert (await here.http.post("/visits/sheet", data=form | {"day": "x"})).status_code == 422
