"""Which street or town (街道、乡镇) of its district an address names, and what a bare short name may mean."""

import re
from collections.abc import Iterable, Iterator

from services.domain.gazetteer import Gazetteer, Hit, begins_road
from services.domain.location import Alternative

_LARGEST = 5  # characters of a short name
_ENDS = re.compile(r"$|[^\u4e00-\u9fff]|的|那|这|社区|村|镇上|街上|工地|工业|开发区|产业|园区")


def street_of(text: str, hits: Iterable[Hit], code: str, gazetteer: Gazetteer) -> str | None:
    """The nine-digit code of the one street named in this district; None for none or several."""
    found = {
        street
        for hit in hits
        if hit.meaning.role != "misspelt"
        for street in hit.meaning.streets
        if street.startswith(code)
    }
    if not found:
        ends = [hit.end for hit in hits if hit.meaning.role in ("district", "short", "former", "home")]
        found = {street for end in ends for street in _after(text, end, gazetteer) if street.startswith(code)}
    return found.pop() if len(found) == 1 else None


def guesses(text: str, starts: Iterable[int], gazetteer: Gazetteer) -> Iterator[Alternative]:
    """What the short name at one of these places may mean: 秣陵, 南京新街口. Nothing is decided by it."""
    home = gazetteer.home
    for start in starts:
        for street in _after(text, start, gazetteer):
            code = next((one for one in home.districts if street.startswith(one)), "")
            yield Alternative(code, home.districts[code], street, home.streets[street])
        for end in range(min(len(text), start + _LARGEST), start + 1, -1):
            meaning = gazetteer.districts.get(text[start:end])
            if meaning and not begins_road("short", text, end):
                yield from (Alternative(code, home.districts[code]) for code in meaning.districts)


def _after(text: str, start: int, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The streets of the short name that stands here on its own: 秣陵 in 江宁区秣陵, not in 江宁区秣陵路."""
    for end in range(min(len(text), start + _LARGEST), start + 1, -1):
        meaning = gazetteer.stems.get(text[start:end])
        if meaning and _ENDS.match(text, end) and not begins_road("short", text, end):
            return meaning.streets
    return ()
