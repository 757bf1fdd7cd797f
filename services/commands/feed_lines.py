"""The lines of a feed file, read as cases for POST /api/cases.

A line is JSON, either in the API's shape (it has "text"; sent as it stands) or {"id", "subject", "body"} with
other members ignored: a letter to the web channel from a fictional mobile, of the next district.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MOST_COMPLAINTS = 5


class FeedError(Exception):
    """The feed cannot start or go on; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `key`: its Idempotency-Key, the same in every run of the same file."""

    number: int
    key: str
    body: dict[str, object]
    district: str


@dataclass(frozen=True)
class FeedFile:
    """A checked file: `digest` of its bytes and the number of its cases."""

    path: Path
    digest: str
    cases: int

    def read(self, districts: Sequence[str]) -> Iterator[Case]:
        """The cases one by one (the file may be larger than memory), over `districts` in turn."""
        with self.path.open(encoding="utf-8") as lines:
            for number, line in enumerate(line for line in lines if line.strip()):
                yield _case(number, json.loads(line), self.digest, districts[number % len(districts)])


def check(path: Path) -> FeedFile:
    """Read the file once; FeedError names the lines that are no cases, before anything is sent."""
    digest, count, wrong = sha256(), 0, []
    try:
        with path.open("rb") as lines:
            for place, line in enumerate(lines, start=1):
                digest.update(line)
                if line.strip():
                    count += 1
                    if problem := _problem(line):
                        wrong.append(f"line {place}: {problem}")
    except OSError as error:
        raise FeedError(f"{path}: {error.strerror}") from None
    if wrong:
        more = f" (and {len(wrong) - MOST_COMPLAINTS} more)" if len(wrong) > MOST_COMPLAINTS else ""
        raise FeedError(f"{path}: {'; '.join(wrong[:MOST_COMPLAINTS])}{more}")
    if not count:
        raise FeedError(f"{path}: no cases in it")
    return FeedFile(path, digest.hexdigest(), count)


def mobile(number: int) -> str:
    """A valid mainland mobile for line `number`; ten million lines have different ones."""
    return f"1990{number % 10_000_000:07d}"


def _problem(line: bytes) -> str | None:
    try:
        entry = json.loads(line.decode())
    except ValueError:
        return "not JSON in UTF-8"
    if not isinstance(entry, dict):
        return "not a JSON object"
    if "text" in entry:
        return None
    missing = [name for name in ("id", "subject", "body") if name not in entry]
    return f'neither "text" nor {", ".join(missing)}' if missing else None


def _case(number: int, entry: dict[str, object], digest: str, district: str) -> Case:
    given = entry.pop("id", None) if "text" in entry else entry["id"]
    key = f"feed-{digest[:16]}-{number if given is None else given}"
    if "text" in entry:
        return Case(number, key, entry, _district(entry) or district)
    body: dict[str, object] = {
        "channel": "web",
        "text": f"{entry['subject']}\n{entry['body']}",
        "caller": {"phone": mobile(number), "residence_district": district},
        "employer": {"work_district": district},
    }
    return Case(number, key, body, district)


def _district(entry: dict[str, object]) -> str | None:
    """The district that an API-shaped line names itself: of the work place, else of the residence."""
    for part, name in (("employer", "work_district"), ("caller", "residence_district")):
        inside = entry.get(part)
        if isinstance(inside, dict) and isinstance(inside.get(name), str):
            return str(inside[name])
    return None
