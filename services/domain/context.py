"""Names that count only where the words around them leave no doubt.

江宁 after 南京, or before one of its streets; 建设街道 not inside a sentence (正在建设街道…); 东山镇 not
after 吴中, which is elsewhere; 城区 not in 新城区.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from services.domain.gazetteer import Gazetteer, Hit, begins_road
from services.domain.meanings import Meaning

STREETS: Final = frozenset({"street", "variant"})
_ANCHORS: Final = frozenset("在于是到住家去来往至原的和与跟及或")
_COMMON: Final = 3  # a street's name that often occurs in China is a word as well
_OFFICIAL: Final = frozenset({"district", "former"})
_LARGEST: Final = 5  # characters of a short name


def in_context(text: str, hits: Sequence[Hit], gazetteer: Gazetteer) -> Iterator[Hit]:
    """The hits that stand where they are, with the short names that their neighbours vouch for."""
    in_full = sum(hit.meaning.role in _OFFICIAL for hit in hits)
    end = 0
    for at, hit in enumerate(hits):
        until = hits[at + 1].start if at + 1 < len(hits) else len(text)
        if hit.meaning.role in STREETS:
            before = _before_street(text, hit.start, end, gazetteer, in_full)
            if before:
                yield before
            elif not _stands(text, hit, end, gazetteer):
                continue
        elif hit.meaning.word and not (_anchored(text, hit, end) or (in_full > 1 and hit.meaning.districts)):
            continue  # where two districts are named, neither is passed over
        yield hit
        end = hit.end
        if hit.meaning.role == "home" and (short := _short(text, end, until, gazetteer)):
            yield short
            end = short.end


def _before_street(text: str, until: int, end: int, gazetteer: Gazetteer, in_full: int) -> Hit | None:
    """江宁 in 江宁秣陵街道; and 吴中 in 吴中东山镇, which is elsewhere."""
    for start in range(max(end, until - _LARGEST), until - 1):
        short = text[start:until]
        if meaning := gazetteer.districts.get(short):
            return Hit(start, until, meaning)
        if not in_full and (name := gazetteer.counties.get(short)):
            return Hit(start, until, Meaning("elsewhere", name))
    return None


def _stands(text: str, hit: Hit, end: int, gazetteer: Gazetteer) -> bool:
    """Whether it is this street: not the end of a longer name, and not a word of the sentence."""
    known = gazetteer.table.street_names
    first = max(end, hit.start - _LARGEST)
    if any(text[start : hit.end] in known for start in range(first, hit.start)):
        return False
    if hit.meaning.role == "variant" and text[hit.end - 1 : hit.end + 1] in ("镇江", "乡下", "乡间"):
        return False
    often = max(known[hit.meaning.name], known[text[hit.start : hit.end]]) >= _COMMON
    return not often or _anchored(text, hit, end)


def _anchored(text: str, hit: Hit, end: int) -> bool:
    """Whether a new word begins there: after another name, a sign, or a word such as 在."""
    before = text[hit.start - 1 : hit.start]
    return hit.start == end or before in _ANCHORS or not "\u4e00" <= before <= "\u9fff"


def _short(text: str, start: int, until: int, gazetteer: Gazetteer) -> Hit | None:
    """江宁 in 南京江宁."""
    for end in range(min(until, start + _LARGEST), start + 1, -1):
        meaning = gazetteer.districts.get(text[start:end])
        if meaning and not begins_road("short", text, end):
            return Hit(start, end, meaning)
    return None
