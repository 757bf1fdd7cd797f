"""The kernel on virtual time: whatever a seed makes happen, nothing is lost, doubled or out of order.

SIMULATION_SEEDS says how many worlds are played. A seed that fails is played alone with `play(seed)`.
"""

import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.play import play

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "400"))
PROCESSES = os.cpu_count() or 1
AT_ONCE = 25
MOST = 400  # worlds until a planted bug must have been found


def played(seeds: Sequence[int]) -> tuple[dict[int, list[str]], Counter[str]]:
    """What broke, by seed, and how many faults were made."""
    broken, made = {}, Counter[str]()
    for seed in seeds:
        world = play(seed)
        made += world.made
        if world.broken:
            broken[seed] = world.broken
    return broken, made


@pytest.mark.timeout(900)
def test_no_seed_loses_doubles_or_reorders_anything() -> None:
    began, broken, made = time.monotonic(), {}, Counter[str]()
    parts = [range(first, min(first + AT_ONCE, SEEDS)) for first in range(0, SEEDS, AT_ONCE)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        for one, faults in pool.map(played, parts):
            broken.update(one)
            made += faults
    seconds = time.monotonic() - began
    print(f"\n{SEEDS} worlds in {seconds:.0f} s ({SEEDS / seconds:.0f}/s on {PROCESSES}): {dict(made)}")
    assert not broken
    assert made["kill"] > SEEDS / 2
    assert made["stop"] > SEEDS / 10


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", MUTANTS)
def test_a_planted_bug_is_found(bug: str) -> None:
    for seed in range(MOST):
        if broken := play(seed, MUTANTS[bug]).broken:
            print(f"\n{bug}: seed {seed}: {broken[0]}")
            return
    pytest.fail(f"{MOST} worlds did not find a kernel that {bug}")


def test_the_same_seed_plays_the_same_world() -> None:
    first, second = play(11), play(11)
    assert (first.loop.steps, first.loop.time(), first.made) == (
        second.loop.steps, second.loop.time(), second.made
    )  # fmt: skip
    assert first.log.partitions == second.log.partitions
