"""What an address mentions: places at home, places it is not in or only near to, and places elsewhere."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.domain.context import STREETS, in_context
from services.domain.gazetteer import Gazetteer, Hit

_NOT_IN = re.compile(
    r"(不在|不是|不是在|没在|不属于?|不归|并非|除了|靠近|临近|邻近|毗邻|挨着|紧邻|紧挨|离|距)$"
)
_NEAR = re.compile(
    r"附近|旁|边上|隔壁|对面|周边|周围|方向|以外|外面|不远|的?(?P<between>交界|之间|接壤|结合部|相邻|毗邻|交汇)"
)
_COUNTY = re.compile(r"(?<=[\u4e00-\u9fff])(?<![们本各外全该区市郊])县(?![城级道政里委域])")
_NO_CITY = frozenset("本我全该此超城门菜夜都花省在")
_NO_DISTRICT = frozenset("小校园新发厂社景地城片矿库港山牧郊老保辖本该")
_DISTRICTS = frozenset({"district", "former", "short"})
_ELSEWHERE = frozenset({"elsewhere", "elsewhere_short"})
_LONGEST = 4  # characters of what denies a place


class Mentions(NamedTuple):
    """`local`: where it says it is. `denied`: at home, but not in or only near. `foreign`: not at home.

    `elsewhere`: the outermost of those, by name. `at_home`: the home city is named; `home_ends`: where these
    names end. `between`: on the border of what is named.
    """

    local: list[Hit]
    denied: list[Hit]
    foreign: list[Hit]
    elsewhere: list[str]
    at_home: bool
    between: bool
    home_ends: list[int]


def mentions(text: str, gazetteer: Gazetteer) -> Mentions:
    """All that the text names. `text`: without blanks, in simplified characters."""
    hits = list(in_context(text, list(gazetteer.hits(text)), gazetteer))
    roles = {hit.meaning.role for hit in hits}
    if roles.isdisjoint(_DISTRICTS):
        hits += _misspelt(text, hits, gazetteer)
    starts = _chains(hits)
    local: list[Hit] = []
    denied: list[Hit] = []
    between = False
    for hit in hits:
        if hit.meaning.districts:
            near = _NEAR.match(text, hit.end)
            between = between or (near is not None and near["between"] is not None)
            chain = starts[hit.start]
            away = near is not None or _NOT_IN.search(text, max(0, chain - _LONGEST), chain) is not None
            (denied if away else local).append(hit)
    named = [*local, *denied]
    at_home = "home" in roles or (gazetteer.home.is_whole and "district" in roles)
    foreign = [] if roles.isdisjoint(_ELSEWHERE) else _foreign(hits, named, text)
    elsewhere = [*_outermost(foreign), *_unknown(text, hits, named, starts, at_home, gazetteer)]
    home_ends = [hit.end for hit in hits if hit.meaning.role == "home"]
    return Mentions(local, denied, foreign, elsewhere, at_home, between, home_ends)


def _misspelt(text: str, hits: Sequence[Hit], gazetteer: Gazetteer) -> Iterator[Hit]:
    covered = {at for hit in hits for at in range(hit.start, hit.end)}
    for start, end, name in gazetteer.spellings.find(text):
        if covered.isdisjoint(range(start, end)):
            meaning = gazetteer.names[name]
            yield Hit(start, end, meaning._replace(role="misspelt"))


def _chains(hits: Sequence[Hit]) -> dict[int, int]:
    """Of each hit the start of the names that stand before it without a gap: 南京市 of 南京市江宁区."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for hit in sorted(hits):
        starts[hit.start] = starts[ends[hit.start]] if hit.start in ends else hit.start
        ends[hit.end] = hit.start
    return starts


def _foreign(hits: Sequence[Hit], named: Sequence[Hit], text: str) -> list[Hit]:
    """In full anywhere, in short before the last place at home: 上海江宁区, but 江宁区苏州金匠公司."""
    last = max((hit.start for hit in named if hit.meaning.role != "home"), default=len(text))
    return [
        hit
        for hit in hits
        if hit.meaning.role == "elsewhere" or (hit.meaning.role == "elsewhere_short" and hit.start < last)
    ]


def _outermost(foreign: Sequence[Hit]) -> Iterator[str]:
    """徐州市 of 徐州市云龙区."""
    ends: set[int] = set()
    for hit in foreign:
        if hit.start not in ends:
            yield hit.meaning.name
        ends.add(hit.end)


def _unknown(
    text: str,
    hits: Sequence[Hit],
    named: Sequence[Hit],
    starts: dict[int, int],
    at_home: bool,
    gazetteer: Gazetteer,
) -> Iterator[str]:
    """A county anywhere, or a city or district right before a place at home, that no table has."""
    for county in _COUNTY.finditer(text) if "县" in text else ():
        if not any(hit.start < county.end() <= hit.end for hit in hits):
            yield "其他县"
    for hit in named:
        chain = starts[hit.start]
        if chain < 3 or text[chain - 1] not in "市区":
            continue
        if _unknown_city(text, chain, gazetteer):
            yield "其他市"
        elif hit.meaning.role in STREETS and not at_home and _unknown_district(text, chain):
            yield "其他区"


def _unknown_city(text: str, end: int, gazetteer: Gazetteer) -> bool:
    """Whether a city that is none we know stands right before; the home city with one wrong sign is known."""
    if text[end - 1] != "市" or text[end - 2] in _NO_CITY:
        return False
    name = gazetteer.home.name
    written = text[max(0, end - len(name)) : end]
    wrong = [(one, right) for one, right in zip(written, name, strict=False) if one != right]
    alike = len(wrong) == 1 and gazetteer.table.alike(*wrong[0])
    return not (len(written) == len(name) and alike)


def _unknown_district(text: str, end: int) -> bool:
    return text[end - 1] == "区" and text[end - 2] not in _NO_DISTRICT
