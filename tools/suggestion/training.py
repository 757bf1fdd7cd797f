"""A model from labelled texts: which runs it knows, both readers' weights, and from which lead it is certain.

Nothing is chosen by hand for the texts at hand: costs are fixed below, and the leads from which a suggestion
is likely or certain come from a cross-validation inside the texts given.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from services.domain.kinds import Kind
from services.domain.suggestion import Weighed, Words, weigh
from services.domain.suggestion_model import SCALE, Model, Reader, mark_shares, runs, sections, shares
from services.domain.word_lists import plain
from tools.suggestion.separator import Row, rows_of, separators
from tools.suggestion.texts import Labelled, groups_of

FEWEST_LETTERS: Final = 3
"""A run that is not in our own table must stand in so many letters of different people: nobody's words."""

COST_RUNS: Final = 1.0
COST_WORDS: Final = 0.3
OWN_SHARE: Final = 0.3
"""How much a text of our own table counts: it is invented, and a line long."""

FOLDS: Final = 5
RIGHT_IF_CERTAIN: Final = 0.98
RIGHT_IF_LIKELY: Final = 0.8
LEAST_LEAD: Final = 0.5
"""Nothing below is likely, whatever a few texts of a kind say: a quarter of two readers' full margins."""


@dataclass(frozen=True)
class Ready:
    """A labelled text with all that training needs of it."""

    labelled: Labelled
    group: int
    runs: tuple[Mapping[str, int], Mapping[str, int]]
    marks: Mapping[str, float]


Judged = tuple[Ready, Weighed]


def ready(texts: Sequence[Labelled], words: Words) -> list[Ready]:
    return [
        Ready(one, group, _counted(one.text), mark_shares(words.groups.find(plain(one.text)).marks))
        for one, group in zip(texts, groups_of(texts), strict=True)
    ]


def train(texts: Sequence[Ready]) -> Model:
    """The model for these texts, its leads from its own cross-validation. Deterministic."""
    likely, certain = leads(list(judged(texts)))
    return replace(fit(texts), likely=likely, certain=certain)


def fit(texts: Sequence[Ready]) -> Model:
    """Both readers' weights; nothing is likely or certain yet."""
    idf = (_idf(texts, 0), _idf(texts, 1))
    by_runs = _reader([_shares(one, idf) for one in texts], texts, COST_RUNS)
    by_words = _reader([one.marks for one in texts], texts, COST_WORDS)
    kinds = tuple(sorted({one.labelled.kind for one in texts}))
    return Model(kinds, idf, by_runs, by_words, {}, math.inf, digest([one.labelled for one in texts]))


def judged(texts: Sequence[Ready], seed: int = 0) -> Iterator[Judged]:
    """Each text as a model sees it that was trained on the other folds."""
    fold = folds(texts, seed)
    for number in range(FOLDS):
        model = fit([one for one in texts if fold[one.group] != number])
        for one in texts:
            if fold[one.group] == number:
                yield one, weigh(model, _shares(one, model.idf), one.marks)


def folds(texts: Sequence[Ready], seed: int = 0) -> dict[int, int]:
    """Group to fold: letters alike stay together, each kind is spread evenly, in an order that is drawn."""
    kinds = {one.group: (one.labelled.kind, one.labelled.own) for one in texts}
    drawn = sorted(kinds, key=lambda group: (kinds[group], sha256(f"{seed} {group}".encode()).digest()))
    return {group: place % FOLDS for place, group in enumerate(drawn)}


def leads(seen: Sequence[Judged]) -> tuple[dict[Kind, float], float]:
    """From which lead over the next kind a suggestion is likely, for each kind, and certain, for all.

    The smallest for which so many of those with at least this lead are right: of all where both readers agree
    for certain, of a kind's others for likely.
    """
    certain = _smallest([one for one in seen if one[1].agreed], RIGHT_IF_CERTAIN)
    others = [one for one in seen if not (one[1].agreed and one[1].lead >= certain)]
    likely = {
        kind: _smallest([one for one in others if one[1].kind is kind], RIGHT_IF_LIKELY)
        for kind in sorted({one.labelled.kind for one, _ in seen})
    }
    return {kind: max(min(lead, certain), LEAST_LEAD) for kind, lead in likely.items()}, certain


def _smallest(seen: Sequence[Judged], wanted: float) -> float:
    smallest, right = math.inf, 0
    ordered = sorted(seen, key=lambda one: one[1].lead, reverse=True)
    for count, (one, weighed) in enumerate(ordered, start=1):
        right += one.labelled.kind is weighed.kind
        if right >= wanted * count:
            smallest = weighed.lead
    return round(smallest, 2)


def digest(texts: Sequence[Labelled]) -> str:
    """Of our own table as a model was trained on it."""
    own = "\n".join(f"{one.kind}\t{one.text}" for one in texts if one.own)
    return sha256(own.encode()).hexdigest()[:16]


def _counted(text: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    opening, whole = sections(plain(text))
    return runs(opening), runs(whole)


def _idf(texts: Sequence[Ready], section: int) -> dict[str, float]:
    """Run to inverse document frequency, 1 + ln((1 + texts) / (1 + texts with it)), if worth knowing."""
    everywhere, own = Counter[str](), set[str]()
    groups: dict[int, set[str]] = {}
    for one in texts:
        everywhere.update(one.runs[section].keys())
        if one.labelled.own:
            own.update(one.runs[section])
        else:
            groups.setdefault(one.group, set()).update(one.runs[section])
    people = Counter(run for found in groups.values() for run in found)
    return {
        run: round(1 + math.log((1 + len(texts)) / (1 + count)), 4)
        for run, count in sorted(everywhere.items())
        if people[run] >= FEWEST_LETTERS or (run in own and count > 1)
    }


def _shares(one: Ready, idf: tuple[Mapping[str, float], Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for mark, counts, known in zip(("^", ""), one.runs, idf, strict=True):
        part = {run: count for run, count in counts.items() if run in known}
        found |= {mark + run: share for run, share in shares(part, known).items()}
    return found


def _reader(features: Sequence[Mapping[str, float]], texts: Sequence[Ready], cost: float) -> Reader:
    names = sorted({name for one in features for name in one})
    rows: list[Row] = rows_of(features, {name: at for at, name in enumerate(names)})
    share = [OWN_SHARE if one.labelled.own else 1.0 for one in texts]
    kinds: list[Kind] = [one.labelled.kind for one in texts]
    solved = separators(rows, kinds, share, cost, len(names)).values()
    weights = {name: [round(one[at] * SCALE) for one in solved] for at, name in enumerate(names)}
    return Reader([round(one[-1] * SCALE) for one in solved], weights)
