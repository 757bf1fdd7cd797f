"""Occupations (工种) by the words that people use for them: occupations.toml, which officials extend."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from services.domain.entry import Entry, Said, Wording

FILE: Final = Path(__file__).with_name("occupations.toml")


class Occupation(Wording):
    """One occupation; each of `words`, found in a text, means it."""

    words: Annotated[tuple[Said, ...], Field(min_length=1)]


class OccupationsFile(Entry):
    occupation: dict[Said, Occupation]


@cache
def occupations() -> Mapping[str, Occupation]:
    """All of them by code, in the file's order."""
    return OccupationsFile.model_validate(tomllib.loads(FILE.read_text("utf-8"))).occupation


def named_in(text: str) -> tuple[str, ...]:
    """The codes of the occupations that the text names, the first named first."""
    places = {
        code: min(found)
        for code, one in occupations().items()
        if (found := [place for word in one.words if (place := text.find(word)) >= 0])
    }
    return tuple(sorted(places, key=lambda code: places[code]))
