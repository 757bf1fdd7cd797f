"""What an address mentions: places at home, places it is not in or only near to, and places elsewhere.

Short names and streets count here only where the words around them leave no doubt: 江宁 after 南京 or before
one of its streets; 建设街道 not inside a sentence (正在建设街道…); 东山镇 not after 吴中.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.domain.gazetteer import Gazetteer, Hit, Meaning, begins_road

_NOT_IN = re.compile(
    r"(不在|不是|不是在|没在|不属于?|不归|并非|除了|靠近|临近|邻近|毗邻|挨着|紧邻|紧挨|离|距)$"
)
_NEAR = re.compile(r"附近|旁|边上|交界|隔壁|对面|周边|周围|方向|以外|外面|不远")
_BETWEEN = re.compile(r"[的]?(交界|之间|接壤|结合部|相邻|毗邻|交汇)")
_COUNTY = re.compile(r"(?<=[\u4e00-\u9fff])(?<![们本各外全该区市郊])县(?![城级道政里委域])")
_NO_CITY = frozenset("本我全该此超城门菜夜都花省在")
_NO_DISTRICT = frozenset("小校园新发厂社景地城片矿库港山牧郊老保辖本该")
_ANCHORS = frozenset("在于是到住来往至，,。、：:；;（(的")
_COMMON = 3  # a street's name that often occurs in China is a word as well
_OFFICIAL = frozenset({"district", "former"})
_STREETS = frozenset({"street", "variant"})
_LOCAL = frozenset({"district", "former", "area", "street", "variant", "short", "misspelt", "home"})
_LARGEST = 5  # characters of a short name


@dataclass(frozen=True, slots=True)
class Mentions:
    """`local`: where it says it is. `denied`: at home, but not in or only near. `foreign`: not at home.

    `elsewhere`: the outermost of those, by name. `at_home`: the home city is named; `home_ends`: where these
    names end. `between`: on the border of what is named.
    """

    local: tuple[Hit, ...]
    denied: tuple[Hit, ...]
    foreign: tuple[Hit, ...]
    elsewhere: tuple[str, ...]
    at_home: bool
    between: bool
    home_ends: tuple[int, ...]


def mentions(text: str, gazetteer: Gazetteer) -> Mentions:
    """All that the text names. `text`: without blanks, in simplified characters."""
    hits = list(_in_context(text, list(gazetteer.hits(text)), gazetteer))
    if not any(hit.meaning.role in ("district", "former", "short") for hit in hits):
        hits += _misspelt(text, hits, gazetteer)
    starts = _chains(hits)
    named = [hit for hit in hits if hit.meaning.role in _LOCAL and hit.meaning.districts]
    denied = tuple(hit for hit in named if _only_near(text, hit, starts[hit.start]))
    city = {"home", "district"} if gazetteer.home.is_whole else {"home"}
    at_home = any(hit.meaning.role in city for hit in hits)
    last = max((hit.start for hit in named), default=len(text))
    foreign = [hit for hit in hits if _is_foreign(hit, last)]
    unknown = _unknown(text, hits, named, starts, at_home, gazetteer)
    return Mentions(
        local=tuple(hit for hit in named if hit not in denied),
        denied=denied,
        foreign=tuple(foreign),
        elsewhere=tuple(dict.fromkeys([*_outermost(foreign), *unknown])),
        at_home=at_home,
        between=any(_BETWEEN.match(text, hit.end) for hit in named),
        home_ends=tuple(hit.end for hit in hits if hit.meaning.role == "home"),
    )


def _in_context(text: str, hits: Sequence[Hit], gazetteer: Gazetteer) -> Iterator[Hit]:
    """The hits that stand where they are, with the short names that their neighbours vouch for."""
    in_full = any(hit.meaning.role in _OFFICIAL for hit in hits)
    end = 0
    for at, hit in enumerate(hits):
        until = hits[at + 1].start if at + 1 < len(hits) else len(text)
        if hit.meaning.role in _STREETS:
            before = _before_street(text, hit.start, end, gazetteer, in_full)
            if before:
                yield before
            elif not _stands(text, hit, end, gazetteer):
                continue
        yield hit
        end = hit.end
        if hit.meaning.role == "home" and (short := _short(text, end, until, gazetteer)):
            yield short
            end = short.end


def _before_street(text: str, until: int, end: int, gazetteer: Gazetteer, in_full: bool) -> Hit | None:
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
    before = text[hit.start - 1 : hit.start]
    return not often or hit.start == end or before in _ANCHORS or not "\u4e00" <= before <= "\u9fff"


def _short(text: str, start: int, until: int, gazetteer: Gazetteer) -> Hit | None:
    """江宁 in 南京江宁."""
    for end in range(min(until, start + _LARGEST), start + 1, -1):
        meaning = gazetteer.districts.get(text[start:end])
        if meaning and not begins_road("short", text, end):
            return Hit(start, end, meaning)
    return None


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


def _only_near(text: str, hit: Hit, chain: int) -> bool:
    return _NEAR.match(text, hit.end) is not None or _NOT_IN.search(text, max(0, chain - 4), chain) is not None


def _is_foreign(hit: Hit, last: int) -> bool:
    """In full anywhere, in short before the last place at home: 上海江宁区, but 江宁区苏州金匠公司."""
    role = hit.meaning.role
    return role == "elsewhere" or (role == "elsewhere_short" and hit.start < last)


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
    known = {hit.end for hit in hits}
    if any(county.end() not in known for county in _COUNTY.finditer(text)):
        yield "其他县"
    for hit in named:
        chain = starts[hit.start]
        if _unknown_city(text, chain, gazetteer):
            yield "其他市"
        elif hit.meaning.role in _STREETS and not at_home and _unknown_district(text, chain):
            yield "其他区"


def _unknown_city(text: str, end: int, gazetteer: Gazetteer) -> bool:
    """Whether a city that is none we know stands right before; the home city with one wrong sign is known."""
    if end < 3 or text[end - 1] != "市" or text[end - 2] in _NO_CITY:
        return False
    name = gazetteer.home.name
    written = text[max(0, end - len(name)) : end]
    wrong = [(one, right) for one, right in zip(written, name, strict=False) if one != right]
    alike = len(wrong) == 1 and gazetteer.table.alike(*wrong[0])
    return not (len(written) == len(name) and alike)


def _unknown_district(text: str, end: int) -> bool:
    return end >= 3 and text[end - 1] == "区" and text[end - 2] not in _NO_DISTRICT
