"""Linear separators: support vector machines with squared hinge loss, by dual coordinate descent.

Hsieh, Chang, Lin, Keerthi, Sundararajan: A Dual Coordinate Descent Method for Large-scale Linear SVM (2008).
Plain Python, and the same texts give the same weights to the last digit: a few hundred texts take seconds.
"""

import random
from collections.abc import Mapping, Sequence
from operator import itemgetter, mul
from typing import Final, NamedTuple

from services.domain.kinds import Kind

ROUNDS: Final = 60
_CLOSE: Final = 0.03  # of the gradient: scores move by a hundredth at most after that


class Row(NamedTuple):
    """One text: numbers of its features, ascending, and their values. The last is the bias, 1."""

    numbers: tuple[int, ...]
    values: tuple[float, ...]


def rows_of(texts: Sequence[Mapping[str, float]], number: Mapping[str, int]) -> list[Row]:
    """Texts as rows; features without a number are left out."""
    found = []
    for text in texts:
        known = sorted((number[name], value) for name, value in text.items() if name in number)
        known.append((len(number), 1.0))
        found.append(Row(tuple(at for at, _ in known), tuple(value for _, value in known)))
    return found


def separators(
    rows: Sequence[Row], classes: Sequence[Kind], share: Sequence[float], cost: float, size: int
) -> dict[Kind, list[float]]:
    """For each class its weights and, last, its bias. `share`: how much each text counts (1: whole).

    Errors on rare classes cost as much in all as errors on frequent ones.
    """
    total, each = sum(share), dict.fromkeys(sorted(set(classes)), 0.0)
    for one, part in zip(classes, share, strict=True):
        each[one] += part
    found = {}
    for wanted in each:
        inside, outside = total / (2 * each[wanted]), total / (2 * (total - each[wanted]))
        signs = [1 if one == wanted else -1 for one in classes]
        costs = [
            cost * part * (inside if sign > 0 else outside) for sign, part in zip(signs, share, strict=True)
        ]
        found[wanted] = _separator(rows, signs, costs, size + 1)
    return found


def _separator(rows: Sequence[Row], signs: Sequence[int], costs: Sequence[float], size: int) -> list[float]:
    weights, alphas = [0.0] * size, [0.0] * len(rows)
    picks = [itemgetter(*row.numbers, row.numbers[0]) for row in rows]  # one more: a tuple even of one
    slack = [1 / (2 * cost) for cost in costs]
    squares = [sum(map(mul, row.values, row.values)) + more for row, more in zip(rows, slack, strict=True)]
    order, chance = list(range(len(rows))), random.Random(0)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        moved = 0.0
        for at in order:
            row, sign, alpha = rows[at], signs[at], alphas[at]
            gradient = sign * sum(map(mul, picks[at](weights), row.values)) - 1 + alpha * slack[at]
            if alpha == 0 and gradient >= 0:
                continue
            moved = max(moved, abs(gradient))
            alphas[at] = max(alpha - gradient / squares[at], 0.0)
            step = (alphas[at] - alpha) * sign
            for number, value in zip(row.numbers, row.values, strict=True):
                weights[number] += step * value
        if moved < _CLOSE:
            break
    return weights
