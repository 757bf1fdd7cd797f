"""python -m tools.suggestion.measure: how often suggestions are right, on letters that nothing was chosen on.

Five folds, letters alike in one fold; each fold is judged by a model trained on the others, whose leads for
"likely" and "certain" come from a cross-validation inside those others.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from services.domain.city_files import CityError
from services.domain.kinds import Kind
from services.domain.suggestion import Suggestion, Words, suggest, weigh
from services.domain.suggestion_model import FILE, Model, shipped
from services.domain.word_lists import plain
from tools.suggestion.texts import LabelError, Labelled
from tools.suggestion.train import arguments, labelled, words_of
from tools.suggestion.training import FOLDS, Ready, fit, folds, judged, leads, ready

MEASURED = (Kind.WAGE_ARREARS, Kind.INQUIRY, Kind.OTHER)
"""The kinds that the letters have enough of."""


class Suggested(NamedTuple):
    """`margin`: how far a wage case leads over every other kind, negative where it does not."""

    labelled: Labelled
    found: Suggestion
    margin: float


def main() -> None:
    parser = arguments("measure")
    parser.add_argument("--seeds", type=int, default=1, help="how many ways to draw the folds")
    given = parser.parse_args()
    try:
        texts, words = labelled(given.letters, given.labels), words_of(given.city)
    except (LabelError, CityError) as error:
        sys.exit(str(error))
    prepared = ready(texts, words)
    for seed in range(given.seeds):
        seen = list(held_out(prepared, words, seed))
        for title, own in (("letters", False), ("our own table", True)):
            part = [one for one in seen if one.labelled.own is own]
            print(
                f"{title}, held out, seed {seed}: {len(part)}\n" + "\n".join(lines(part)) + "\n", flush=True
            )
    print(speed(texts, words))


def held_out(texts: Sequence[Ready], words: Words, seed: int) -> Iterable[Suggested]:
    fold = folds(texts, seed)
    for number in range(FOLDS):
        rest = [one for one in texts if fold[one.group] != number]
        likely, certain = leads(list(judged(rest, seed + 1)))
        model = replace(fit(rest), likely=likely, certain=certain)
        for one in texts:
            if fold[one.group] == number:
                found = suggest(one.labelled.text, words, model)
                yield Suggested(one.labelled, found, _margin(one, model))


def _margin(one: Ready, model: Model) -> float:
    scores = weigh(model, model.run_shares(plain(one.labelled.text)), one.marks).scores
    wage = model.kinds.index(Kind.WAGE_ARREARS)
    return scores[wage] - max(score for place, score in enumerate(scores) if place != wage)


def lines(seen: Sequence[Suggested]) -> Iterable[str]:
    yield f"{'':16}{'precision':>10}{'recall':>8}{'F1':>8}"
    scores = {kind: _scores(seen, kind) for kind in Kind}
    for kind, (precision, recall, f1) in scores.items():
        count = sum(one.labelled.kind is kind for one in seen)
        if count:
            yield f"{kind:16}{precision:>10.3f}{recall:>8.3f}{f1:>8.3f}  of {count}"
    right = sum(one.found.kind is one.labelled.kind for one in seen) / len(seen)
    mean = sum(scores[kind][2] for kind in MEASURED) / len(MEASURED)
    yield f"accuracy {right:.3f}, macro-F1 over {', '.join(MEASURED)} {mean:.3f}"
    for precision in (0.95, 1.0):
        yield f"wage recall at precision {precision:.2f}: {_recall_at(seen, precision):.3f}"
    for sure in ("certain", "likely", "unsure"):
        part = [one for one in seen if one.found.confidence == sure]
        good = sum(one.found.kind is one.labelled.kind for one in part)
        yield f"{sure}: {len(part)} ({len(part) / len(seen):.0%}), right {good / (len(part) or 1):.3f}"
    wages = [one for one in seen if one.labelled.kind is one.found.kind is Kind.WAGE_ARREARS]
    forms = Counter(one.found.report_type is one.labelled.report_type for one in wages)
    yield f"complaint or report right: {forms[True]} of {len(wages)}"
    yield "many workers: " + _flag(Counter((one.labelled.mass, one.found.mass) for one in wages))
    yield "urgent: " + _flag(Counter((one.labelled.urgent, one.found.urgent) for one in seen))


def _flag(pairs: Mapping[tuple[bool, bool], int]) -> str:
    found, missed, wrong = pairs[True, True], pairs[True, False], pairs[False, True]
    return f"{found} found of {found + missed}, {wrong} wrongly"


def _scores(seen: Sequence[Suggested], kind: Kind) -> tuple[float, float, float]:
    pairs = Counter((one.labelled.kind is kind, one.found.kind is kind) for one in seen)
    precision = pairs[True, True] / ((pairs[True, True] + pairs[False, True]) or 1)
    recall = pairs[True, True] / ((pairs[True, True] + pairs[True, False]) or 1)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def _recall_at(seen: Sequence[Suggested], wanted: float) -> float:
    """The highest recall of wage cases whose precision is still `wanted`, moving the lead they need."""
    best = found = 0
    for count, one in enumerate(sorted(seen, key=lambda one: one.margin, reverse=True), start=1):
        found += one.labelled.kind is Kind.WAGE_ARREARS
        if found >= wanted * count:
            best = found
    return best / (sum(one.labelled.kind is Kind.WAGE_ARREARS for one in seen) or 1)


def speed(texts: Sequence[Labelled], words: Words) -> str:
    started = time.perf_counter()
    shipped()
    loaded = time.perf_counter() - started
    times = []
    for one in texts:
        started = time.perf_counter()
        suggest(one.text, words)
        times.append(time.perf_counter() - started)
    mean, most = sum(times) / len(times), max(times)
    size = FILE.stat().st_size / 1e6
    each = f"{1e3 * mean:.2f} ms a text, at most {1e3 * most:.2f} ms"
    return f"{size:.1f} MB, loaded in {1e3 * loaded:.0f} ms; {each}"


if __name__ == "__main__":
    main()
