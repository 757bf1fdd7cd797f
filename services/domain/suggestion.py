"""What a text is probably about, by weighted words from the city folder: a hint for the agent, no decision.

Precision before recall: a case of the wrong kind goes to the wrong unit, a case of no kind to a person.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field, field_validator

from services.domain.entry import Entry, Said
from services.domain.kinds import Kind, ReportType
from services.domain.places import Confidence

FILE = "words.toml"
_GAP = r"[^。！？!?;；\n]{0,12}?"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`evidence`: the words of the city folder that decided, strongest first. Unsure: kind "other"."""

    kind: Kind
    report_type: ReportType | None
    urgent: bool
    evidence: tuple[str, ...]
    confidence: Confidence


class Signal(Entry):
    """Words that speak for a kind by `weight` (against it if negative). Several of them in a text count once.

    `*` in a word stands for up to twelve characters of the same sentence: "拖欠*工资".
    """

    kind: Kind
    weight: float
    words: Annotated[tuple[Said, ...], Field(min_length=1)]


class Words(Entry):
    """words.toml. `likely`, `certain`: the scores from which a kind is suggested; `lead`: over the next kind.

    `opening`: how many Chinese characters from the beginning tell the kind (three letters count as one).
    `own`: words of somebody harmed, which make a wage case a complaint (投诉), `not_own` aside; else it is a
    report (举报).
    """

    likely: Annotated[float, Field(gt=0)]
    certain: float
    lead: Annotated[float, Field(gt=0)]
    opening: Annotated[int, Field(gt=0)]
    signal: tuple[Signal, ...]
    own: Annotated[tuple[Said, ...], Field(min_length=1)]
    not_own: Annotated[tuple[Said, ...], Field(min_length=1)]
    urgent: Annotated[tuple[Said, ...], Field(min_length=1)]

    @field_validator("signal")
    @classmethod
    def _not_for_other(cls, signal: tuple[Signal, ...]) -> tuple[Signal, ...]:
        if any(one.kind is Kind.OTHER for one in signal):
            raise ValueError('"other" is what remains: no words speak for it')
        return signal

    @cached_property
    def by_signal(self) -> tuple[tuple[Signal, "WordList"], ...]:
        return tuple((signal, WordList.of(signal.words)) for signal in self.signal)

    @cached_property
    def lists(self) -> tuple["WordList", "WordList", "WordList"]:
        """Own, not own, urgent."""
        return WordList.of(self.own), WordList.of(self.not_own), WordList.of(self.urgent)


@dataclass(frozen=True, slots=True)
class WordList:
    """Words made ready to be found, the longest first: what must be there, and a pattern if there is `*`."""

    words: tuple[tuple[str, str, re.Pattern[str] | None], ...]

    @classmethod
    def of(cls, words: Iterable[str]) -> "WordList":
        return cls(tuple(_ready(word) for word in sorted(words, key=len, reverse=True)))

    def first_in(self, text: str) -> str | None:
        """The first of the words in the text, as the folder spells it: never the caller's own words."""
        for word, needle, pattern in self.words:
            if needle in text and (pattern is None or pattern.search(text)):
                return word
        return None

    def without(self, text: str) -> str:
        """The text without these words."""
        for _, needle, pattern in self.words:
            text = pattern.sub("", text) if pattern else text.replace(needle, "")
        return text


def _ready(word: str) -> tuple[str, str, re.Pattern[str] | None]:
    plain = _plain(word)
    if "*" not in plain:
        return word, plain, None
    parts = plain.split("*")
    return word, max(parts, key=len), re.compile(_GAP.join(map(re.escape, parts)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def suggest(text: str, words: Words) -> Suggestion:
    """The kind with the highest score, if it is high enough and leads clearly; else "other", unsure."""
    plain = _plain(text)
    opening = plain.encode()[: 3 * words.opening].decode(errors="ignore")
    own, not_own, urgent_words = words.lists
    urgent = urgent_words.first_in(plain) is not None
    found = [
        (signal.weight, signal.kind, word)
        for signal, listed in words.by_signal
        if (word := listed.first_in(opening)) is not None
    ]
    kind, score, lead = _best(found)
    if score < words.likely or lead < words.lead:
        return Suggestion(Kind.OTHER, None, urgent, (), "unsure")
    report_type = None
    if kind is Kind.WAGE_ARREARS:
        harmed = own.first_in(not_own.without(plain))
        report_type = ReportType.COMPLAINT if harmed is not None else ReportType.REPORT
    strongest = sorted((one for one in found if one[1] is kind and one[0] > 0), reverse=True)
    evidence = tuple(dict.fromkeys(word for _, _, word in strongest))
    return Suggestion(kind, report_type, urgent, evidence, "certain" if score >= words.certain else "likely")


def _best(found: Iterable[tuple[float, Kind, str]]) -> tuple[Kind, float, float]:
    """The leading kind, its score, and its lead over the next."""
    scores = {Kind.OTHER: 0.0}
    for weight, kind, _ in found:
        scores[kind] = scores.get(kind, 0.0) + weight
    (first, kind), *others = sorted(((score, kind) for kind, score in scores.items()), reverse=True)
    return kind, first, first - (others[0][0] if others else 0.0)
