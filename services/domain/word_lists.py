"""Words that officials can read and change, made ready to be found in a text.

`*` in a word stands for up to twelve characters of the same sentence ("拖欠*工资"), `{欠付}` for any word of that
group, `#` for a number of three or more ("#名*工人").
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Groups = Mapping[str, Sequence[str]]

_GAP: Final = r"[^。！？!?;；\n]{0,12}?"
_NUMBER: Final = (
    r"(?<![\d第年月.])(?:[1-9]\d{1,4}|[3-9]|[一二两三四五六七八九]?[十百千][一二三四五六七八九十百]*|[三四五六七八九几数])"
    r"[多余来几]?"
)
_TOKEN: Final = re.compile(r"\{([^{}]*)\}|([*#])|([^*#{}]+)")


def plain(text: str) -> str:
    """`text` as words are looked for: full-width signs made ordinary, capitals small."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True, slots=True)
class WordList:
    """Words ready to be found, the longest first: as the folder spells it, and a pattern unless it is plain."""

    words: tuple[tuple[str, re.Pattern[str] | None], ...]

    @classmethod
    def of(cls, words: Iterable[str], groups: Groups) -> "WordList":
        """ValueError for a group that there is none of."""
        ordered = sorted((plain(word) for word in words), key=len, reverse=True)
        return cls(tuple((word, _pattern(word, groups)) for word in ordered))

    def first_in(self, text: str) -> str | None:
        """The first word in the plain `text`, as the folder spells it: never the caller's own words.

        Of a pattern only the folder's parts are given ("拖欠…工资"), neither the gap nor the number.
        """
        for word, pattern in self.words:
            if pattern is None:
                if word in text:
                    return word
            elif found := pattern.search(text):
                return "…".join(part for part in found.groups() if part)
        return None

    def without(self, text: str) -> str:
        """The text without these words."""
        for word, pattern in self.words:
            text = text.replace(word, "") if pattern is None else pattern.sub("", text)
        return text


def _pattern(word: str, groups: Groups) -> re.Pattern[str] | None:
    if not re.search(r"[*#{}]", word):
        return None
    parts = []
    for group, sign, text in _TOKEN.findall(word):
        if group:
            parts.append(_any_of(group, groups))
        else:
            parts.append({"*": _GAP, "#": _NUMBER}.get(sign) or f"({re.escape(text)})")
    return re.compile("".join(parts))


def _any_of(group: str, groups: Groups) -> str:
    if group not in groups:
        raise ValueError(f"there is no group {group}")
    members = sorted((plain(member) for member in groups[group]), key=len, reverse=True)
    return "(" + "|".join(re.escape(member) for member in members) + ")"
