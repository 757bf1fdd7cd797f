"""`yikou locate --city CODE`: addresses on stdin, one a line; for each a line of JSON with where it is.

The lines come in the order of the addresses and do not repeat them: addresses are personal.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from services.commands.input_lines import answer_all, lines
from services.domain.city_files import CityError, read
from services.domain.districts import locate
from services.domain.divisions import DISTRICTS, Divisions
from services.domain.entry import Problem
from services.domain.gazetteer import Gazetteer
from services.domain.home import Home
from services.domain.location import REASONS, Location
from services.domain.national import city_code, national
from services.kernel.settings import Settings

_LINE: Final = 65536  # bytes; the rest of a longer line is passed over
City = Annotated[
    str | None, typer.Option(help="The home city: six digits (320100), default the one of YIKOU_CITY.")
]


def command(city: City = None) -> None:
    """Read addresses on stdin, one a line, and print the district of each as a line of JSON."""
    gazetteer = gazetteer_of(city, Settings.read().city)
    answer_all(
        "每行一个地址，Ctrl-D 结束。/ One address a line; Ctrl-D ends.",
        partial(answers, gazetteer=gazetteer),
    )


def gazetteer_of(code: str | None, folder: Path) -> Gazetteer:
    """Of the city with this code: with its folder, if it is `folder` or beside it. None: of `folder`.

    Refusal: there is no such city. CityError: districts.toml of `folder` cannot be used.
    """
    if code is None:
        found: list[Problem] = []
        home = read(folder / DISTRICTS, Divisions, found)
        if home is None:
            raise CityError(folder, found)
        return Gazetteer.of(Home.of(home.city.code, national(), home), national())
    return Gazetteer.of(Home.of(code, national(), _folder(city_code(code), folder)), national())


def _folder(code: str, folder: Path) -> Divisions | None:
    for one in (folder, *sorted(folder.parent.glob("*/"))):
        home = read(one / DISTRICTS, Divisions, [])
        if home is not None and city_code(home.city.code) == code:
            return home
    return None


def answers(stream: BinaryIO, gazetteer: Gazetteer) -> Iterator[str]:
    """One answer for each line, whatever is in it."""
    for line in lines(stream, _LINE):
        yield _said(_located(line, gazetteer))


def _located(line: bytes | None, gazetteer: Gazetteer) -> Location:
    if line is None:
        return Location("unsure", reason="too_long")
    try:
        return locate(line.decode("utf-8"), gazetteer)
    except UnicodeDecodeError:
        return Location("unsure", reason="not_utf8")


def _said(found: Location) -> str:
    reason = REASONS.get(found.reason)
    return json.dumps(
        {
            "code": found.district,
            "name": found.name or None,
            "street": found.street,
            "street_name": found.street_name or None,
            "confidence": found.confidence,
            "evidence": found.evidence,
            "alternatives": [
                {name: value for name, value in one._asdict().items() if value} for one in found.alternatives
            ],
            "reason": {"code": found.reason, "zh": reason.zh, "en": reason.en} if reason else None,
        },
        ensure_ascii=False,
    )
