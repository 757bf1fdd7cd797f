"""How much the characters of a text speak for each kind: a linear model over runs of one to three characters.

Its weights are trained by `yikou suggestion train` (docs/suggestion.md) and read once. No run of characters in it
is longer than three, and each stands either in our own table of texts or in several letters: nobody's words can be
read from it.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

OPENING, WHOLE = 80, 2000
"""Characters read twice: people say first what they want; and all that is read of a long text."""

SCALE: Final = 1000
_LONGEST: Final = 3
_FOREIGN: Final = re.compile(r"https?://\S+|[a-z0-9_*]+")
_SPACE: Final = re.compile(r"\s+")
_FILE: Final = Path(__file__).with_name("suggestion_model.json")

Grams = Mapping[str, float]


def grams(plain: str) -> tuple[Grams, Grams]:
    """How often each run occurs in the opening and in the whole of a plain text, as 1 + ln(count).

    Numbers, short names of places ("A") and addresses of pages count as one sign: they tell no kind.
    """
    text = _SPACE.sub(" ", _FOREIGN.sub(_foreign, plain[: 2 * WHOLE]))
    return _counted(text[:OPENING]), _counted(text[:WHOLE])


def _foreign(found: re.Match[str]) -> str:
    word = found[0]
    return word if word.isalpha() and len(word) > 2 else "0"


def _counted(text: str) -> Grams:
    runs = Counter(
        text[at : at + length] for length in range(1, _LONGEST + 1) for at in range(len(text) - length + 1)
    )
    return {run: 1 + math.log(count) for run, count in runs.items()}


@dataclass(frozen=True)
class NgramModel:
    """`heads`: what is decided (kinds, and "urgent"); `sections`: opening and whole, run to [idf, weights…].

    `shown`: runs of our own table that may be named as evidence. Numbers are thousandths (SCALE).
    """

    heads: tuple[str, ...]
    bias: tuple[int, ...]
    sections: tuple[Mapping[str, Sequence[int]], Mapping[str, Sequence[int]]]
    shown: frozenset[str]
    table: str

    def scores(self, plain: str) -> dict[str, float]:
        """Head to score: above 0 the text is rather it than not. O(length), up to WHOLE characters."""
        totals = [number / SCALE for number in self.bias]
        for _, value, weights in self._found(plain):
            for place, weight in enumerate(weights):
                totals[place] += value * weight
        return dict(zip(self.heads, totals, strict=True))

    def strongest(self, plain: str, head: str, most: int) -> tuple[str, ...]:
        """Up to `most` runs of our own table that speak for `head`, strongest first, none inside another."""
        place, effect = self.heads.index(head), Counter[str]()
        for run, value, weights in self._found(plain):
            if run in self.shown:
                effect[run] += value * weights[place]
        chosen: list[str] = []
        for run, by in effect.most_common():
            if by <= 0 or len(chosen) == most:
                break
            if not any(run in other or other in run for other in chosen):
                chosen.append(run)
        return tuple(chosen)

    def _found(self, plain: str) -> Iterator[tuple[str, float, Sequence[float]]]:
        """Each known run with its share of the text (a section's squares add up to 1) and its weights."""
        for section, counted in zip(self.sections, grams(plain), strict=True):
            known = [(run, value, row) for run, value in counted.items() if (row := section.get(run))]
            shares = [value * row[0] for _, value, row in known]
            length = math.sqrt(sum(share * share for share in shares)) or 1.0
            for (run, _, row), share in zip(known, shares, strict=True):
                yield run, share / length / SCALE, row[1:]


@cache
def shipped() -> NgramModel:
    """The model of this version. Read once per process, in a tenth of a second."""
    said = json.loads(_FILE.read_text(encoding="utf-8"))
    opening, whole = said["sections"]
    return NgramModel(
        tuple(said["heads"]), tuple(said["bias"]), (opening, whole), frozenset(said["shown"]), said["table"]
    )
