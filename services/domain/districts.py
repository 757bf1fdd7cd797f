"""From an address to a district of the home city and its street, or to a person.

 address ─▶ plain text ─▶ mentions (at home, elsewhere, denied) ─▶ the district that all agree on ─▶ Location

A wrong district is worse than "unsure". Official names decide; short names, former names, streets without a
city and names with one wrong character only where nothing speaks against them, and are "likely" at most.
Another city, several districts, or a district that the place is only near to, make an address unsure.
The evidence holds names of the table only, never words of the address: it travels unsealed.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.domain.alternatives import alternatives
from services.domain.gazetteer import Gazetteer, Hit
from services.domain.location import Location
from services.domain.mentions import Mentions, mentions
from services.domain.places import Confidence
from services.domain.streets import street_of

LONGEST = 1000  # characters; what is longer is no address
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")


class Verdict(NamedTuple):
    """`district`: six digits, None exactly when unsure; then `reason` is a key of location.REASONS."""

    confidence: Confidence
    district: str | None = None
    reason: str = ""


def locate(address: str, gazetteer: Gazetteer) -> Location:
    """Where the address is. Unsure: no district, a reason, and what it may be (`alternatives`)."""
    if len(address) > LONGEST:
        return Location("unsure", reason="too_long")
    text = _plain(address, gazetteer)
    if not text:
        return Location("unsure", reason="empty")
    found = mentions(text, gazetteer)
    verdict = _verdict(text, found, gazetteer)
    names = [*found.elsewhere, *(hit.meaning.name for hit in _telling(found))]
    certain = verdict.confidence == "certain"
    others = () if certain else alternatives(text, found, verdict.district, gazetteer)
    if verdict.district is None:
        return Location("unsure", evidence=_listed(names), alternatives=others, reason=verdict.reason)
    street = street_of(text, found.local, verdict.district, gazetteer)
    street_name = gazetteer.home.streets[street] if street else ""
    return Location(
        confidence=verdict.confidence,
        district=verdict.district,
        name=gazetteer.home.districts[verdict.district],
        street=street,
        street_name=street_name,
        evidence=_listed([*names, street_name] if street else names),
        alternatives=others,
    )


def street_in(address: str, district: str, gazetteer: Gazetteer) -> str | None:
    """The nine-digit code of the street that the address names, given that it is in this district."""
    if len(address) > LONGEST:
        return None
    text = _plain(address, gazetteer)
    return street_of(text, mentions(text, gazetteer).local, district, gazetteer)


def _plain(address: str, gazetteer: Gazetteer) -> str:
    """Without blanks and full-width signs, in simplified characters."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", address)).translate(gazetteer.table.simplified)


def _listed(names: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(names))


def _telling(found: Mentions) -> list[Hit]:
    """What decided; of a border, or where all is denied, everything."""
    if found.between or not found.local:
        return sorted((*found.local, *found.denied))
    return found.local


def _verdict(text: str, found: Mentions, gazetteer: Gazetteer) -> Verdict:
    if found.elsewhere:
        return Verdict("unsure", reason="elsewhere")
    if not found.local:
        return Verdict("unsure", reason="near" if found.denied else "unknown")
    if found.between:
        return Verdict("unsure", reason="several")
    agreed = _agreed(found.local)
    code = agreed or _once(found.local, gazetteer)
    if code is None or code not in gazetteer.home.districts:
        return Verdict("unsure", reason="several")
    confidence = _confidence(text, found, code, gazetteer) if agreed else "likely"
    return Verdict(confidence, code) if confidence else Verdict("unsure", reason="shared")


def _agreed(local: Sequence[Hit]) -> str | None:
    """The one district in which all names can be."""
    common = set.intersection(*(set(hit.meaning.districts) for hit in local))
    return common.pop() if len(common) == 1 else None


def _once(local: Sequence[Hit], gazetteer: Gazetteer) -> str | None:
    """The district that agrees once 余杭区 may be all that it covered, or once 东山镇 is no 东山街道."""
    districts = {hit.meaning.name for hit in local if hit.meaning.role == "district"}
    if len(districts) != 1:
        return None
    wider = gazetteer.home.wider
    former = [_wider(hit, wider.get(hit.meaning.districts[0], ())) for hit in local]
    return _agreed(former) or _agreed([hit for hit in local if hit.meaning.role != "variant"])


def _wider(hit: Hit, covered: tuple[str, ...]) -> Hit:
    if hit.meaning.role != "district" or not covered:
        return hit
    return hit._replace(meaning=hit.meaning._replace(districts=covered))


def _confidence(text: str, found: Mentions, code: str, gazetteer: Gazetteer) -> Confidence | None:
    """None: a name that other cities have as well, and no city."""
    roles = {hit.meaning.role for hit in found.local}
    weak = bool(found.denied or roles & {"area", "misspelt"})
    name = gazetteer.home.districts[code]
    shared = [] if found.at_home else [hit.meaning.name for hit in found.local if hit.meaning.shared]
    if "district" in roles:
        if name in shared and not _of_home_only(found.local, gazetteer):
            return None if _in_namesake(text, found.local, gazetteer) else "likely"
        return "likely" if weak else "certain"
    if "street" in roles:
        return "certain" if found.at_home and not weak and "former" not in roles else "likely"
    return None if set(shared) - {name} else "likely"


def _of_home_only(local: Sequence[Hit], gazetteer: Gazetteer) -> bool:
    """Whether a street is named that only the district at home has: 朝阳区八里庄街道 is in Beijing."""
    return any(
        hit.meaning.role == "street" and hit.meaning.name not in gazetteer.namesake_streets for hit in local
    )


def _in_namesake(text: str, local: Sequence[Hit], gazetteer: Gazetteer) -> bool:
    """Whether a street follows that only a namesake elsewhere has: 鼓楼区华大街道 is in Fuzhou."""
    follow = {
        text[hit.end : hit.end + length] for hit in local if hit.meaning.shared for length in range(3, 9)
    }
    return not follow.isdisjoint(gazetteer.namesake_streets) and follow.isdisjoint(gazetteer.names)
