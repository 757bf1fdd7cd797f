"""Which employer is meant: names as people say them, reduced to what tells one employer from another.

    南京宏远建築勞務有限責任公司（江寧項目部）  宏远建筑劳务公司  →  宏远建筑劳务

An official name is place, trade name, line of business, legal form (企业名称登记管理规定 art 6). The form,
the branch and the home city's places go; what is left is compared together with a district, never alone.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from services.domain.entry import Entry, Said
from services.domain.home import Home
from services.domain.national import National
from services.domain.short_names import county, large

LONGEST: Final = 120  # characters; what is longer is no name
_FILE: Final = Path(__file__).parent / "employers.toml"
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|〈[^〈〉]*〉|《|》")
_SIGNS: Final = re.compile(r"[^\w]|_")
_DIGITS: Final = re.compile(r"\d(?:[\s-]?\d){5,}")
Listed = Annotated[tuple[Said, ...], Field(min_length=1)]


class _Lists(Entry):
    """employers.toml."""

    forms: Listed
    branches: Listed
    generic: Listed
    nothing: Listed
    traditional: Said

    def characters(self) -> dict[int, str]:
        """Traditional to simplified, for `str.translate`."""
        return {ord(pair[0]): pair[1] for pair in self.traditional.split()}


@dataclass(frozen=True)
class EmployerNames:
    """Reads employers' names for one city. `places`: names of the city, those above it and its districts.

    `leading`: these and its streets at the beginning of an address.
    """

    simplified: Mapping[int, str]
    places: tuple[str, ...]
    leading: re.Pattern[str]
    forms: re.Pattern[str]
    form: re.Pattern[str]
    branch: re.Pattern[str]
    generic: re.Pattern[str]
    nothing: frozenset[str]

    @classmethod
    def of(cls, home: Home, table: National) -> "EmployerNames":
        lists = _Lists.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
        official = (*home.names, *home.above, *home.areas, *home.districts.values())
        short = [short for name in official for short in (large(name), county(name))]
        forms, branches = _any_of(lists.forms), _any_of(lists.branches)
        return cls(
            simplified={**table.simplified, **lists.characters()},
            places=tuple(sorted({*filter(None, (*official, *short))}, key=len, reverse=True)),
            leading=re.compile(rf"(?:{_any_of([*official, *filter(None, short), *home.streets.values()])})+"),
            forms=re.compile(rf"(.{{2,}}?(?:{forms}))(.{{0,40}}(?:{branches}))$"),
            form=re.compile(rf"(?:{forms})$"),
            branch=re.compile(rf"(?:{branches})$"),
            generic=re.compile(rf"(?:{_any_of(lists.generic)})+"),
            nothing=frozenset(lists.nothing),
        )

    def core(self, name: str | None) -> str | None:
        """What tells this employer from others, at most 120 characters; None where nothing does."""
        plain = self.plain(name or "")
        if plain in self.nothing:
            return None
        own = self._without_place(self._without_form(self._without_branch(plain)))
        return own if len(own) > 1 and not self._says_nothing(own) else None

    def plain(self, text: str) -> str:
        """Without what stands in brackets, spaces and signs; ordinary width, lower case, simplified."""
        whole = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().translate(self.simplified)
        outside = _SIGNS.sub("", _BRACKETS.sub("", whole))
        return outside if len(outside) > 1 else _SIGNS.sub("", whole)

    def _without_branch(self, name: str) -> str:
        if found := self.forms.match(name):
            return found[1]
        head = self.branch.sub("", name)
        if head == name or len(head) < 2:
            return name
        return next(
            (cut for place in self.places if len(cut := head.removesuffix(place)) > 1 and cut != head), head
        )

    def _without_form(self, name: str) -> str:
        while len(shorter := self.form.sub("", name)) > 1 and shorter != name:
            name = shorter
        return name

    def _without_place(self, name: str) -> str:
        for place in self.places:
            rest = name.removeprefix(place)
            if rest != name and len(rest) > 1 and not self._says_nothing(rest):
                return self._without_place(rest)
        return name

    def _says_nothing(self, name: str) -> bool:
        return self.generic.fullmatch(name) is not None


def public_name(name: str | None) -> str | None:
    """An employer's name as it may stand unsealed: telephone and card numbers in it are left out."""
    return _DIGITS.sub("…", name) if name else None


def _any_of(words: Sequence[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
