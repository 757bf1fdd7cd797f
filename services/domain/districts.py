"""From an address to a district of the home city, or to a person.

A wrong district is worse than "unsure". Only official names in full count ("江宁区"), never a short name, and
never one that begins a road's name. Another city, a county elsewhere, two districts, or a district that the
place is only near to, make an address unsure.
The evidence holds names from the city folder only, never words of the address: it travels unsealed.
"""

import re
import unicodedata
from typing import TYPE_CHECKING

from services.domain.gazetteer import Hit, Meaning
from services.domain.places import Place

if TYPE_CHECKING:
    from services.domain.city import City

_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_NOT_IN = re.compile(r"(不在|不是|不属于?|并非|靠近|临近|邻近|毗邻|挨着|紧邻|离|距)$")
_NEAR = re.compile(r"附近|旁|边上|交界|隔壁|方向|以外|外面|不远")
_COUNTY = re.compile(r"(?<=[\u4e00-\u9fff])县(?![城级道政里委域])")


def locate(address: str, city: "City") -> Place:
    """The district that the address names; None whenever the confidence is "unsure".

    Evidence of an unsure place: the names that contradict each other; empty where no name was recognised.
    """
    gazetteer = city.gazetteer
    text = _BLANK.sub("", unicodedata.normalize("NFKC", address)).translate(gazetteer.simplified)
    hits = list(gazetteer.hits(text))
    local = [hit for hit in hits if hit.meaning.districts]
    elsewhere = _elsewhere(text, hits, local[-1].start if local else len(text))
    evidence = "、".join(dict.fromkeys((*elsewhere, *(hit.name for hit in local))))
    if elsewhere or not local or any(_only_near(text, hit) for hit in local):
        return Place(confidence="unsure", evidence=evidence)
    at_home = any(hit.meaning.role == "home" for hit in hits)
    code, certain = _agreed([hit.meaning for hit in local], at_home)
    if code is None:
        return Place(confidence="unsure", evidence=evidence)
    return Place(district=code, confidence="certain" if certain else "likely", evidence=evidence)


def _elsewhere(text: str, hits: list[Hit], district_at: int) -> list[str]:
    """Places elsewhere: named in full anywhere, in short before the (last) district, and any other county."""
    names = [
        hit.name
        for hit in hits
        if hit.meaning.role == "elsewhere"
        or (hit.meaning.role == "elsewhere_short" and hit.start < district_at)
    ]
    known = {hit.start + len(hit.name) for hit in hits}
    other_county = any(county.end() not in known for county in _COUNTY.finditer(text))
    return [*names, "其他县"] if other_county else names


def _only_near(text: str, hit: Hit) -> bool:
    end = hit.start + len(hit.name)
    return _NEAR.match(text, end) is not None or _NOT_IN.search(text[: hit.start]) is not None


def _agreed(named: list[Meaning], at_home: bool) -> tuple[str | None, bool]:
    """The one district that all names agree on, and whether that is certain."""
    common = set.intersection(*(set(meaning.districts) for meaning in named))
    if len(common) != 1:
        return None, False
    official = [meaning for meaning in named if meaning.role == "district"]
    if official:
        plain = all(meaning.role != "area" for meaning in named)
        return common.pop(), plain and (at_home or not official[0].shared)
    if not at_home and any(meaning.shared for meaning in named):
        return None, False
    return common.pop(), False
