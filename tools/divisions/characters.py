"""Characters that stand for one another: traditional and simplified, of one sound, of a similar shape."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

_LINE: Final = re.compile(r"^(\S+)\t(\S+)", re.MULTILINE)
_MERGED: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))


def pairs(table: str) -> dict[str, str]:
    """Single characters of an OpenCC dictionary, with the first reading of each."""
    return {
        old: new
        for old, new in _LINE.findall(table)
        if not old.startswith("#") and len(old) == len(new) == 1 and old != new
    }


def simplified(characters: str, variants: Iterable[str], in_names: set[str]) -> dict[str, str]:
    """Traditional to simplified. A character that official names use stays as it is: 乾县, 於潜镇."""
    to_simple = pairs(characters)
    found = dict(to_simple)
    for table in variants:  # Taiwan's and Hong Kong's forms lead to the standard ones
        found |= {form: to_simple.get(standard, standard) for form, standard in pairs(table).items()}
    return {
        old: new for old, new in sorted(found.items()) if old not in in_names and new in in_names | _COMMON
    }


_COMMON: Final = set(
    "号门栋单元层楼弄街道巷里区县市乡镇省园场厂无东车间后边旁离远对从这个们为开过线铁业务产办处总"
)


def sounds(readings: Mapping[str, str], characters: Iterable[str]) -> dict[str, str]:
    """Syllable without tone to its characters; what many do not tell apart (in/ing, z/zh, l/n) is merged."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in sorted(characters):
        if reading := readings.get(str(ord(one))):
            groups[_syllable(reading.split(",")[0])].append(one)
    return {syllable: "".join(group) for syllable, group in sorted(groups.items()) if len(group) > 1}


def _syllable(reading: str) -> str:
    plain = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    letters = "".join(sign for sign in plain if "a" <= sign <= "z")
    for one, other in _MERGED:
        letters = letters.replace(one, other)
    return "l" + letters[1:] if letters.startswith("n") else letters


def shapes(
    strokes: Mapping[str, str], corners: Mapping[str, str], in_names: set[str], characters: Iterable[str]
) -> dict[str, str]:
    """Each character of a name to those that are easily written or read instead of it."""
    known = [one for one in sorted(characters) if one in strokes and one in corners]
    found = {}
    for one in sorted(in_names & set(known)):
        like = [other for other in known if other != one and _alike(one, other, strokes, corners)]
        if like:
            found[one] = "".join(like)
    return found


def _alike(one: str, other: str, strokes: Mapping[str, str], corners: Mapping[str, str]) -> bool:
    """One within the other, or at least half of the strokes alike; and at least two of five corners."""
    first, second = strokes[one], strokes[other]
    longest, least = max(len(first), len(second)), min(len(first), len(second))
    corners_apart = sum(a != b for a, b in zip(corners[one], corners[other], strict=False))
    shared = max(_common(first, second), _common(first[::-1], second[::-1]))
    if shared == least >= 5:
        return longest - least <= 4
    if corners_apart > 3:
        return False
    most = max(1, int(longest * (0.45 if longest > 4 else 0.25)))
    apart = _distance(first, second, most)
    if apart > most:
        return False
    return shared >= 0.5 * longest or (corners_apart <= 2 and apart <= max(1, longest // 5))


def _common(first: str, second: str) -> int:
    count = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        count += 1
    return count


def _distance(first: str, second: str, most: int) -> int:
    """Edit distance; more than `most` is all the same."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before, row = row, [i]
        for j, b in enumerate(second, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
        if min(row) > most:
            return most + 1
    return row[-1]
