"""The national table of divisions (全国行政区划): codes and names in force, former names, characters.

`tables/divisions.txt` is made by tools/divisions and read once; streets are taken apart when asked for.
Codes: two digits of the province, two of the city, two of the county or district, three of the street (乡级).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = Path(__file__).parent / "tables/divisions.txt"
_SECTION: Final = re.compile(r"^\[(\w+)\]\n", re.MULTILINE)
_STREET: Final = re.compile(r"(?<= \d{3})\S+")
MUNICIPALITIES: Final = ("11", "12", "31", "50")


class Former(NamedTuple):
    """A name that is no longer in force, or that used to cover more ground. `successors`: all codes in force
    that its ground went to, never a guess. A prefecture's have the codes of prefectures."""

    code: str
    name: str
    year: int
    successors: tuple[str, ...]


@dataclass(frozen=True)
class National:
    """`names`: six-digit code to name, from provinces to counties. `everyday`: short names that are words."""

    names: Mapping[str, str]
    former: tuple[Former, ...]
    everyday: frozenset[str]
    simplified: Mapping[int, str]
    sounds: Mapping[str, int]  # character to the number of its syllable
    shapes: Mapping[str, str]  # character to those written much like it
    _streets: Mapping[str, str]  # code to its line of the table

    @classmethod
    def read(cls, path: Path = FILE) -> "National":
        """The table; OSError or ValueError if the file is not as it was made."""
        _, *parts = _SECTION.split(path.read_text("utf-8"))
        section = dict(zip(parts[::2], parts[1::2], strict=True))
        lines = [line.split(" ", 2) for line in section["divisions"].splitlines() if line]
        return cls(
            names={line[0]: line[1] for line in lines},
            former=tuple(_former(line) for line in section["former"].splitlines() if line),
            everyday=frozenset(section["everyday"].split()),
            simplified={ord(pair[0]): pair[1] for pair in section["simplified"].split()},
            sounds={sign: number for number, group in enumerate(section["sound"].split()) for sign in group},
            shapes=dict(line.split(" ") for line in section["shape"].splitlines() if line),
            _streets={line[0]: " " + line[2] for line in lines if len(line) > 2},
        )

    def streets(self, code: str) -> dict[str, str]:
        """Streets, towns and townships (乡级) of a county or district: nine-digit code to name."""
        return {code + one[:3]: one[3:] for one in self._streets.get(code, "").split()}

    @cached_property
    def street_names(self) -> Mapping[str, int]:
        """Every street's name in China, and how many there are of it."""
        return Counter(name for line in self._streets.values() for name in _STREET.findall(line))

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """Names in force to their codes, in the order of the codes."""
        found: dict[str, tuple[str, ...]] = {}
        for code, name in self.names.items():
            found[name] = (*found.get(name, ()), code)
        return found

    def within(self, code: str) -> dict[str, str]:
        """The counties and districts of a prefecture or municipality, or of a province directly."""
        start = code[:2] if code[:2] in MUNICIPALITIES else code[:4]
        return {
            one: name for one, name in self.names.items() if one.startswith(start) and not one.endswith("00")
        }

    def above(self, code: str) -> Iterator[str]:
        """Codes of what a division belongs to, the nearest first; municipalities have no prefecture."""
        for one in (code[:4] + "00", code[:2] + "0000"):
            if one != code and one in self.names:
                yield one

    def full_name(self, code: str) -> str:
        """With the city in front: 徐州市鼓楼区; a city or county under a province alone."""
        above = next(self.above(code), "")
        prefix = "" if above.endswith("0000") and above[:2] not in MUNICIPALITIES else above
        return self.names.get(prefix, "") + self.names[code]

    def alike(self, one: str, other: str) -> bool:
        """Whether two characters are easily taken for one another, by sound or by shape."""
        sound = self.sounds.get(one)
        same = sound is not None and sound == self.sounds.get(other)
        return same or other in self.shapes.get(one, "") or one in self.shapes.get(other, "")


@cache
def national() -> National:
    """The table of this program, read once."""
    return National.read()


def name_in_force(code: str) -> str | None:
    """A division's name alone: a process that reads no addresses need not keep the table, which is 11 MB."""
    with FILE.open(encoding="utf-8") as lines:
        divisions = takewhile(lambda line: not line.startswith("[former]"), lines)
        return next((line.split()[1] for line in divisions if line.startswith(f"{code} ")), None)


def city_code(code: str) -> str:
    """The code under which the table has the city: municipalities are also written 310100."""
    return code[:2] + "0000" if code[:2] in MUNICIPALITIES and code[2:] in ("0000", "0100", "0200") else code


def belongs(code: str, city: str) -> bool:
    """Whether a district's code is one of the city's, by its digits."""
    return code.startswith(city_code(city).removesuffix("00").removesuffix("00"))


def _former(line: str) -> Former:
    code, name, year, successors = line.split(" ")
    return Former(code, name, int(year), tuple(successors.split(",")))
