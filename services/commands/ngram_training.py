"""Training the model of `ngram_model` on labelled texts: the same texts give the same weights, to the last digit.

One linear separator per head (a support vector machine with squared hinge loss, by dual coordinate descent: Hsieh
et al., 2008), rare kinds weighing as much as frequent ones. Plain Python: a few hundred texts take seconds.
"""

import json
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from services.commands.labelled_texts import LabelledText
from services.domain.kinds import Kind
from services.domain.ngram_model import SCALE, Grams, NgramModel, grams
from services.domain.suggestion import URGENT
from services.domain.word_lists import Simplified

FEWEST_LETTERS: Final = 3
"""A run of characters that is not in our own table must stand in so many letters: no name, no phrase of one."""

ROUNDS: Final = 12
_FUNCTION_WORDS: Final = frozenset("的了我你他她们是在有不一这那个就说还没给到都也和与为从被要来去上下又再只才能会可得着过吗呢吧啊哦么什怎 0")

Row = list[tuple[int, float]]
"""A text as (number of the run, its share)."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The runs of one section with their inverse document frequencies."""

    idf: Mapping[str, float]


def train(texts: Sequence[LabelledText], simplified: Simplified) -> NgramModel:
    """The model for these texts. Deterministic."""
    counted = [grams(simplified.plain(one.text)) for one in texts]
    sections = [_vocabulary([pair[place] for pair in counted], texts) for place in (0, 1)]
    rows = _rows(counted, sections)
    kinds = sorted({one.kind for one in texts})
    heads = (*(kind.value for kind in kinds), URGENT)
    wanted = [[one.kind is kind for one in texts] for kind in kinds] + [[one.urgent for one in texts]]
    size = sum(len(section.idf) for section in sections)
    solved = [_separator(rows, yes, size, len(kinds)) for yes in wanted]
    tables, start = [], 0
    for section in sections:
        runs = enumerate(section.idf.items(), start)
        tables.append({run: [round(idf * SCALE), *(round(w[at] * SCALE) for w, _ in solved)] for at, (run, idf) in runs})
        start += len(section.idf)
    bias = tuple(round(b * SCALE) for _, b in solved)
    return NgramModel(heads, bias, (tables[0], tables[1]), _shown(counted, texts), digest(texts))


def written(model: NgramModel) -> str:
    """The model as its file: one run a line, in order, so that a change can be read."""
    parts = (json.dumps(section, ensure_ascii=False, separators=(",", ":"), sort_keys=True) for section in model.sections)
    lines = ",\n".join(part.replace("],", "],\n") for part in parts)
    head = {"heads": model.heads, "bias": model.bias, "table": model.table, "shown": sorted(model.shown)}
    return json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1] + f',\n"sections":[\n{lines}]}}\n'


def digest(texts: Sequence[LabelledText]) -> str:
    """Of our own table as it was trained on."""
    own = [(one.text, one.kind, one.urgent) for one in texts if one.own]
    return sha256(json.dumps(own, ensure_ascii=False).encode()).hexdigest()[:16]
