"""The golden table: addresses that an official can read and check, in addresses.tsv beside this file."""

import csv
from functools import cache
from pathlib import Path

import pytest

from services.domain.city import City
from services.domain.districts import locate
from services.domain.gazetteer import Gazetteer
from services.domain.home import Home
from services.domain.location import REASONS
from services.domain.national import national

HERE = Path(__file__).parent
LINES = [line for line in (HERE / "addresses.tsv").read_text("utf-8").splitlines() if line[:1] != "#"]
ROWS = list(csv.DictReader(LINES, delimiter="\t"))
NANJING = City.load(HERE.parents[1] / "deploy/cities/nanjing").gazetteer


@cache
def gazetteer(home: str) -> Gazetteer:
    return NANJING if home == "320100" else Gazetteer.of(Home.of(home, national()), national())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['home']} {row['address']}")
def test_an_address_is_read_as_the_table_says(row: dict[str, str]) -> None:
    found = locate(row["address"], gazetteer(row["home"]))
    assert {
        "code": found.district or "",
        "name": found.name,
        "confidence": found.confidence,
        "street": found.street_name,
    } == {column: row[column] for column in ("code", "name", "confidence", "street")}
    assert (found.reason in REASONS) == (row["confidence"] == "unsure")


def test_the_table_has_a_hundred_addresses_of_several_cities_and_names_each_once() -> None:
    assert len(ROWS) >= 100
    assert {row["home"] for row in ROWS} >= {"320100", "310000", "330100", "320583"}
    assert len({(row["home"], row["address"]) for row in ROWS}) == len(ROWS)


def test_the_table_contradicts_itself_nowhere() -> None:
    names = national().names
    for row in ROWS:
        assert names.get(row["code"], "") == row["name"], row["address"]
        assert (row["code"] == "") == (row["confidence"] == "unsure"), row["address"]
