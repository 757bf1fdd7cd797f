"""Groups of words of one meaning, and which of them meet in a sentence: "wage" and "owed" say more together.

What was found are the marks of a text: a group, or two groups in one sentence, once for the opening and once
for all that is read. A group is known by its name, so a city may add words to it without new weights.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from services.domain.word_lists import plain

GROUPS: Final = (
    "wage", "money", "insurance", "contract", "owed", "withheld", "employer", "worker", "grievance", "asking",
    "matter", "job", "rescue", "behalf", "elsewhere", "proposal",
)  # fmt: skip
"""The groups that weights exist for; words.toml says what each means."""

OPENING: Final = 120
READ: Final = 600
"""Characters: people say first what they want, and what comes far down misleads."""

_SENTENCE_END: Final = re.compile(r"[。!?;\n]")


@dataclass(frozen=True, slots=True)
class Found:
    """`marks`: names of groups ("wage") and pairs ("owed+wage"), those of the opening with "^" in front.

    `words`: group to its words that are in the text, as the folder spells them, first come first.
    """

    marks: frozenset[str]
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class WordGroups:
    """(group, the word as the folder spells it, the word as it is looked for)."""

    words: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, groups: Mapping[str, Sequence[str]]) -> "WordGroups":
        return cls(tuple((group, word, plain(word)) for group, words in groups.items() for word in words))

    def find(self, text: str) -> Found:
        """What the plain `text` holds. O(words × READ)."""
        text = text[:READ]
        ends = [end.start() for end in _SENTENCE_END.finditer(text)]
        sentences: dict[int, dict[str, int]] = {}
        seen: dict[str, dict[str, int]] = {}
        for group, word, needle in self.words:
            at = text.find(needle)
            if at >= 0:
                seen.setdefault(group, {})[word] = at
            while at >= 0:
                places = sentences.setdefault(bisect_left(ends, at), {})
                places[group] = min(at, places.get(group, at))
                at = text.find(needle, at + 1)
        words = {group: tuple(sorted(places, key=places.__getitem__)) for group, places in seen.items()}
        return Found(frozenset(_marks(sentences.values())), words)


def _marks(sentences: Iterable[Mapping[str, int]]) -> Iterator[str]:
    for places in sentences:
        for group, at in places.items():
            yield group
            if at < OPENING:
                yield "^" + group
        for one, other in combinations(sorted(places), 2):
            yield f"{one}+{other}"
            if max(places[one], places[other]) < OPENING:
                yield f"^{one}+{other}"
