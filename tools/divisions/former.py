"""Former divisions (已撤销、更名的区划) and where their ground went, from the list of changes.

The list is a yearly comparison of code books: it says what a code became, not always all that a division
became. So a division that ended in a year in which its city got new ones may have gone to those too, and all
of them are written down. additions.tsv completes and corrects.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ENDED = frozenset(
    {"撤县设市", "更名", "撤县设区", "撤市设区", "撤区设区", "撤旗设区", "撤地设市", "撤销", "区划调整"}
)
MAY_SPLIT = frozenset({"撤县设区", "撤市设区", "撤区设区", "撤销"})
_GENERIC = re.compile(r"^市?[东南西北中内外上下城郊市新老矿镇一二三四五六七八九十]+区$")
_PROVINCE_NOW = {"51": ("51", "50"), "44": ("44", "46")}  # Chongqing 1997, Hainan 1988


Wider = Mapping[str, tuple[int, tuple[str, ...]]]
"""Of a division in force that used to cover more: until which year, and all that it covered."""


class Former(NamedTuple):
    code: str
    name: str
    year: int
    successors: tuple[str, ...]


class Changes:
    """The changes as a graph: (code, name) to what it became, and what was newly established."""

    def __init__(self, events: list[dict[str, Any]], in_force: Mapping[str, str], wider: Wider) -> None:
        self.in_force = in_force
        self.wider = wider
        self.became: dict[tuple[str, str], list[tuple[int, str, str, str]]] = defaultdict(list)
        self.established: dict[tuple[int, str], set[tuple[str, str]]] = defaultdict(set)
        explained: set[tuple[int, str, str]] = set()
        for event in events:
            old, new = _division(event["old"]), _division(event["new"])
            if event["type"] == "新设" and new and event["level"] == 3:
                self.established[event["year"], new[0][:4]].add(new)
            elif old and new and event["type"] in ENDED | {"同名改码"}:
                self.became[old].append((event["year"], *new, event["type"]))
                explained.add((event["year"], *new))
        for (year, _), new_ones in self.established.items():
            new_ones -= {one for one in new_ones if (year, *one) in explained}

    def successors(self, code: str, name: str, year: int, depth: int = 0) -> set[str]:
        """Codes in force of all that (code, name) of that year may be today."""
        if self.in_force.get(code) == name:
            until, all_of = self.wider.get(code, (0, ()))
            return {*all_of} if year <= until else {code}
        found: set[str] = set()
        for when, next_code, next_name, kind in self.became[code, name] if depth < 9 else ():
            if when >= year:
                found |= self.successors(next_code, next_name, when, depth + 1)
                found |= self._besides(code, when, depth) if kind in MAY_SPLIT else set()
        return found

    def _besides(self, code: str, year: int, depth: int) -> set[str]:
        new = self.established.get((year, code[:4]), set())
        return set().union(*(self.successors(*one, year, depth + 1) for one in sorted(new)))


def former(events: list[dict[str, Any]], in_force: Mapping[str, str], additions: Path) -> list[Former]:
    """Former counties and renamed prefectures, by code; one line for each name and city."""
    added = list(_added(additions, in_force))
    wider = {one.code: (one.year, one.successors) for one in added if in_force.get(one.code) == one.name}
    changes = Changes(events, in_force, wider)
    found: dict[tuple[str, str], Former] = {}
    for event in events:
        old, new = _division(event["old"]), _division(event["new"])
        if not old or event["type"] not in ENDED or _GENERIC.match(old[1]):
            continue
        if event["level"] == 2 and not _renamed(old[1], new[1] if new else ""):
            continue
        kept = _near(old[0], changes.successors(*old, event["year"]))
        kept = {code for code in kept if (event["level"] == 2) == code.endswith("00")}
        if not kept or any(in_force[code] == old[1] for code in kept):
            continue
        one = Former(*old, event["year"], tuple(sorted(kept)))
        before = found.get((old[1], one.successors[0][:4]))
        if before is None or before.year < one.year:
            found[old[1], one.successors[0][:4]] = one
    found |= {(one.name, one.successors[0][:4]): one for one in added}
    return sorted(found.values())


def _division(entry: dict[str, Any] | None) -> tuple[str, str] | None:
    code, name = (entry or {}).get("code"), (entry or {}).get("name")
    return (code[:6], name) if code and name else None


def _near(code: str, successors: set[str]) -> set[str]:
    """Those in the same province: the list sometimes takes a namesake elsewhere for the successor."""
    provinces = _PROVINCE_NOW.get(code[:2], (code[:2],))
    return {one for one in successors if one[:2] in provinces}


def _renamed(old: str, new: str) -> bool:
    """Of prefectures only cities that took another name count: nobody says 咸阳地区 any more."""
    return old.endswith("市") and new.endswith("市") and old[:2] != new[:2]


def _added(path: Path, in_force: Mapping[str, str]) -> Iterator[Former]:
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter="\t"):
        one = Former(row["code"], row["name"], int(row["year"]), tuple(row["successors"].split(",")))
        if unknown := [code for code in one.successors if code not in in_force]:
            raise SystemExit(f"{path.name}: {one.name}: not in force: {unknown}")
        yield one
