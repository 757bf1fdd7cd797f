"""A calendar as text (iCalendar, RFC 5545): just what a feed of visits needs. Pure.

Lines end with CRLF and are folded after 75 octets, never within a character; text is escaped (sections 3.1,
3.3.11).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

PRODUCT: Final = "-//Yikou//Home visits//EN"
OCTETS: Final = 75


@dataclass(frozen=True)
class Entry:
    """An event: from `begins` to `ends`, or on a whole day where `ends` is None. `uid`: the same for ever."""

    uid: str
    begins: datetime | date
    ends: datetime | None
    summary: str
    location: str
    url: str


def calendar(name: str, entries: Iterable[Entry], now: datetime) -> str:
    """The whole calendar. `name`: what a reader's program calls it."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    for entry in entries:
        lines.extend(_event(entry, now))
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in folded(line))


def escaped(text: str) -> str:
    """TEXT: backslash, semicolon, comma and line break are escaped; other control characters are left out."""
    plain = "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or ord(one) >= 32)
    for old, new in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(old, new)
    return plain


def folded(line: str) -> Iterator[str]:
    """The line in parts of at most OCTETS octets of UTF-8; each but the first begins with a space."""
    part, size = "", 0
    for one in line:
        octets = len(one.encode())
        if size + octets > OCTETS:
            yield part
            part, size = " ", 1
        part, size = part + one, size + octets
    yield part


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(entry.uid)}"
    yield f"DTSTAMP:{_instant(now)}"
    if isinstance(entry.begins, datetime):
        yield f"DTSTART:{_instant(entry.begins)}"
        yield f"DTEND:{_instant(entry.ends or entry.begins)}"
    else:
        yield f"DTSTART;VALUE=DATE:{entry.begins:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{entry.begins + timedelta(days=1):%Y%m%d}"
        yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{escaped(entry.summary)}"
    if entry.location:
        yield f"LOCATION:{escaped(entry.location)}"
    yield f"URL:{entry.url}"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
