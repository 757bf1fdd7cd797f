"""Invented addresses, of streets that no rule was tuned on, are read as well as was promised."""

from functools import cache

import pytest

from services.domain.home import Home
from services.domain.national import national
from tools.accuracy.addresses import Maker
from tools.accuracy.measure import NAMED, drawn, read
from tools.accuracy.tally import Tally
from tools.accuracy.variants import VARIANTS, cases

COUNT, SEED = 25, 2026
LEAST = {"one wrong character": 0.9, "street only": 0.9, "city and street": 0.9}


@cache
def tally() -> Tally:
    table = national()
    codes = (*NAMED, *drawn(table, "held-out", 6, SEED))
    return Tally.of(result for code in codes for result in read(code, table, "held-out", COUNT, SEED).results)


@pytest.mark.parametrize("variant", VARIANTS)
def test_enough_of_each_kind_is_right_and_hardly_any_wrong_and_certain(variant: str) -> None:
    right, certain = tally().share(variant, "right"), tally().share(variant, "wrong and certain")
    assert right is not None
    assert right >= LEAST.get(variant, 0.98)
    assert certain is not None
    assert certain <= 0.005


def test_the_same_seed_makes_the_same_addresses_and_the_two_parts_share_no_street() -> None:
    home = Home.of("320100", national())
    first, again = (list(cases(Maker(home, national(), "tuning", 1), 5)) for _ in range(2))
    other = Maker(home, national(), "held-out", 1)
    assert first == again
    assert {case.street for case in first}.isdisjoint(code for code, _ in other.streets)
    assert all(other.streets)
