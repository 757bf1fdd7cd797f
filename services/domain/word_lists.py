"""Words that officials can read and change, made ready to be found in a text.

`*` in a word stands for up to twelve characters of the same sentence ("被扣*不让走"), `#` for a number of
three or more ("#名工人").
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.domain.traditional import to_simplified

_GAP: Final = r"[^。!?;\n]{0,12}?"
_NUMBER: Final = (
    r"(?<![\d第年月.])(?:[1-9]\d{1,4}|[3-9]|[一二两三四五六七八九]?[十百千][一二三四五六七八九十百]*|[三四五六七八九几数])"
    r"[多余来几]?"
)
_TOKEN: Final = re.compile(r"([*#])|([^*#]+)")


def plain(text: str) -> str:
    """`text` as words are looked for: ordinary width, simplified characters, small letters."""
    return unicodedata.normalize("NFKC", text).translate(to_simplified()).casefold()


@dataclass(frozen=True, slots=True)
class WordList:
    """Words ready to be found, the longest first: as the folder spells it, its longest part, its pattern."""

    words: tuple[tuple[str, str, re.Pattern[str] | None], ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> "WordList":
        return cls(
            tuple(
                (word, _longest_part(word), _pattern(word)) for word in sorted(words, key=len, reverse=True)
            )
        )

    def first_in(self, text: str) -> str | None:
        """The first word in the plain `text`, as the folder spells it: never the caller's own words."""
        for word, needle, pattern in self.words:
            if needle in text and (pattern is None or pattern.search(text)):
                return word
        return None

    def without(self, text: str) -> str:
        """The plain text without these words."""
        for _, needle, pattern in self.words:
            text = text.replace(needle, "") if pattern is None else pattern.sub("", text)
        return text


def _longest_part(word: str) -> str:
    return max(re.split(r"[*#]", plain(word)), key=len)


def _pattern(word: str) -> re.Pattern[str] | None:
    if "*" not in word and "#" not in word:
        return None
    return re.compile(
        "".join(
            {"*": _GAP, "#": _NUMBER}.get(sign) or re.escape(plain(said))
            for sign, said in _TOKEN.findall(word)
        )
    )
