"""What decides on a kind: two readers with trained weights, whose scores are added.

One reads runs of one to three characters, of the opening and of the whole; the other marks of word groups.
Where both have the same first choice, and it leads clearly, the suggestion is certain. Weights are made by
tools/suggestion (docs/suggestion.md). No run is longer than three characters, and each stands in our own
table of texts or in several people's letters: nobody's words can be read from it.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path
from typing import Final

from services.domain.kinds import Kind

FILE: Final = Path(__file__).with_name("suggestion_model.json")
OPENING, READ = 80, 2000
"""Characters of the two sections that runs are counted in."""

SCALE: Final = 10_000
LONGEST: Final = 3
_SPACE: Final = re.compile(r"\s+")
_FOREIGN: Final = re.compile(r"https?://\S+|[a-z0-9_*]+")
_TITLED: Final = re.compile(r"\w{1,3}(?=书记|[市县区局厅镇乡村院校]长|主任|经理|师傅|先生|女士|小姐|同志)")
"""A name before a title, and whatever else stands there."""

Weights = Sequence[int]


def sections(plain: str) -> tuple[str, str]:
    """Opening and whole of a plain text, as runs are counted in it.

    Numbers, short names of places ("A"), addresses of pages, masked numbers: one sign each. Names go.
    """
    known = _TITLED.sub("", _FOREIGN.sub(_foreign, plain[: 2 * READ]))
    text = _SPACE.sub(" ", known).strip()
    return text[:OPENING], text[:READ]


def _foreign(found: re.Match[str]) -> str:
    word = found[0]
    return word if word.isalpha() and len(word) > 2 else "0"


def runs(section: str) -> dict[str, int]:
    """Every run of one to three characters, and how often it is there."""
    counts = Counter(section)
    for length in range(2, LONGEST + 1):
        counts.update([section[at : at + length] for at in range(len(section) - length + 1)])
    return counts


def shares(counts: Mapping[str, int], idf: Mapping[str, float]) -> dict[str, float]:
    """How much of a section each run makes up: (1 + ln count) × idf, squares adding up to 1."""
    raw = {run: (1 + math.log(count)) * idf[run] for run, count in counts.items()}
    length = math.sqrt(sum(share * share for share in raw.values())) or 1.0
    return {run: share / length for run, share in raw.items()}


@dataclass(frozen=True)
class Reader:
    """A linear separator for each kind. `bias` and the rows of `weights`: one number a kind, × SCALE."""

    bias: Weights
    weights: Mapping[str, Weights]

    def score(self, text: Mapping[str, float]) -> list[float]:
        """The score of each kind. Above 0: rather this kind than not."""
        known = [name for name in text if name in self.weights]
        if not known:
            return [number / SCALE for number in self.bias]
        by_kind, parts = (
            zip(*map(self.weights.__getitem__, known), strict=True),
            [text[name] for name in known],
        )
        return [
            (number + sum(map(mul, weights, parts))) / SCALE
            for number, weights in zip(self.bias, by_kind, strict=True)
        ]

    def effects(self, text: Mapping[str, float], kind: int, other: int) -> dict[str, float]:
        """How much each part of the text speaks for a kind rather than for another (places in the rows)."""
        known = ((name, share, self.weights[name]) for name, share in text.items() if name in self.weights)
        return {name: share * (row[kind] - row[other]) for name, share, row in known}


@dataclass(frozen=True)
class Model:
    """`idf`: of opening and whole. `likely` (of each kind), `certain`: the lead over the next kind from which
    a suggestion is so.

    Runs of the opening have "^" in front, so that both sections go by one table of weights.
    """

    kinds: tuple[Kind, ...]
    idf: tuple[Mapping[str, float], Mapping[str, float]]
    by_runs: Reader
    by_words: Reader
    likely: Mapping[Kind, float]
    certain: float
    trained_on: str

    def run_shares(self, plain: str) -> dict[str, float]:
        """Runs of a plain text that the model knows, with their shares. O(length), up to READ characters."""
        found: dict[str, float] = {}
        for mark, section, idf in zip(("^", ""), sections(plain), self.idf, strict=True):
            counts = {run: count for run, count in runs(section).items() if run in idf}
            found |= {mark + run: share for run, share in shares(counts, idf).items()}
        return found


def mark_shares(marks: frozenset[str]) -> dict[str, float]:
    """Marks of word groups, all alike, squares adding up to 1."""
    share = 1 / math.sqrt(len(marks) or 1)
    return dict.fromkeys(sorted(marks), share)


@cache
def shipped() -> Model:
    """The model of this version, read once per process."""
    said = json.loads(FILE.read_text(encoding="utf-8"))
    idf = tuple({run: number / SCALE for run, number in section.items()} for section in said["idf"])
    return Model(
        tuple(Kind(kind) for kind in said["kinds"]),
        (idf[0], idf[1]),
        Reader(said["runs"]["bias"], said["runs"]["weights"]),
        Reader(said["words"]["bias"], said["words"]["weights"]),
        {Kind(kind): lead for kind, lead in said["likely"].items()},
        said["certain"],
        said["trained_on"],
    )
