"""The national table is whole: every code has its place, every former name leads to names in force."""

import pytest

from services.domain.national import belongs, city_code, name_in_force, national

TABLE = national()


def test_it_has_every_division_down_to_streets_as_of_its_date() -> None:
    counties = [code for code in TABLE.names if not code.endswith("00")]
    assert len(counties) == 2845
    assert len([code for code in TABLE.names if code.endswith("0000")]) == 34
    assert sum(TABLE.street_names.values()) == 38723


def test_every_division_lies_in_one_above_it() -> None:
    assert all(list(TABLE.above(code)) for code in TABLE.names if not code.endswith("0000"))


def test_every_former_name_leads_to_divisions_in_force() -> None:
    for old in TABLE.former:
        assert old.successors, old
        assert all(code in TABLE.names for code in old.successors), old
        assert len({code[:2] for code in old.successors}) == 1, old


@pytest.mark.parametrize(
    ("name", "successors"),
    [
        ("闸北区", ["静安区"]),
        ("白下区", ["秦淮区"]),
        ("下城区", ["拱墅区"]),
        ("江干区", ["上城区", "钱塘区"]),
        ("宣武区", ["西城区"]),
        ("襄樊市", ["襄阳市"]),
        ("吴县市", ["虎丘区", "吴中区", "相城区"]),
    ],
)
def test_a_former_division_knows_all_that_became_of_it(name: str, successors: list[str]) -> None:
    found = [old.successors for old in TABLE.former if old.name == name]
    assert [[TABLE.names[code] for code in codes] for codes in found] == [successors]


@pytest.mark.parametrize("name", ["临平区", "钱塘区", "和康县", "和安县", "两江新区"])
def test_recent_divisions_are_in_force(name: str) -> None:
    assert TABLE.by_name[name]


def test_a_full_name_has_its_city_and_no_province() -> None:
    assert TABLE.full_name("320302") == "徐州市鼓楼区"
    assert TABLE.full_name("310106") == "上海市静安区"
    assert TABLE.full_name("419001") == "济源市"


def test_a_municipality_is_one_city_however_its_code_is_written() -> None:
    assert city_code("310100") == city_code("310000") == "310000"
    assert belongs("500233", "500100")
    assert belongs("320115", "320100")
    assert not belongs("320302", "320100")
    assert belongs("320583", "320583")
    assert not belongs("320585", "320583")


@pytest.mark.parametrize("pair", ["邺业", "淮准", "溧漂", "宁零", "浦蒲", "臺苔"[1] + "台"])
def test_characters_of_one_sound_or_a_similar_shape_are_alike_either_way(pair: str) -> None:
    assert TABLE.alike(pair[0], pair[1])
    assert TABLE.alike(pair[1], pair[0])


def test_unlike_characters_are_not_alike() -> None:
    assert not any(TABLE.alike(*pair) for pair in ("宁西", "江海", "鼓玄", "a江"))


def test_no_character_of_an_official_name_is_taken_for_a_traditional_one() -> None:
    used = {sign for name in (*TABLE.names.values(), *TABLE.street_names) for sign in name}
    assert not used & {chr(point) for point in TABLE.simplified}


@pytest.mark.parametrize("code", ["320100", "110000", "320106", "659011"])
def test_a_name_is_the_same_without_the_table(code: str) -> None:
    assert name_in_force(code) == TABLE.names[code]


def test_a_code_that_is_no_longer_in_force_has_no_name() -> None:
    old = next(one.code for one in TABLE.former if one.code not in TABLE.names)
    assert name_in_force(old) is None
