"""Any city of China can be the home city by its code alone; its folder adds what only the city knows."""

from pathlib import Path

import pytest

from services.domain.city import City
from services.domain.home import Home
from services.domain.national import national
from services.domain.refusals import Refusal

FOLDER = Path(__file__).parents[2] / "deploy/cities/nanjing"


def home(code: str) -> Home:
    return Home.of(code, national())


def test_a_city_has_its_districts_and_their_streets() -> None:
    nanjing = home("320100")
    assert len(nanjing.districts) == 11
    assert nanjing.names == ("南京市", "南京")
    assert nanjing.above == ("江苏省", "江苏")
    assert nanjing.streets["320115011"] == "秣陵街道"
    assert nanjing.former["下关区"] == ("320106",)
    assert not nanjing.is_whole


@pytest.mark.parametrize("code", ["310000", "310100"])
def test_a_municipality_has_its_districts_directly(code: str) -> None:
    shanghai = home(code)
    assert (shanghai.code, len(shanghai.districts)) == ("310000", 16)
    assert shanghai.above == ()


@pytest.mark.parametrize(
    ("code", "name", "street"), [("320583", "昆山市", "花桥镇"), ("441900", "东莞市", "长安镇")]
)
def test_a_city_without_districts_is_its_own(code: str, name: str, street: str) -> None:
    city = home(code)
    assert city.districts == {code: name}
    assert street in city.streets.values()
    assert city.is_whole


def test_a_county_level_city_knows_its_prefecture() -> None:
    assert home("320583").above == ("苏州市", "江苏省", "苏州", "江苏")


def test_a_district_that_used_to_cover_more_is_known_to() -> None:
    assert home("330100").wider == {"330109": ("330109", "330114"), "330110": ("330110", "330113")}


def test_the_folder_adds_its_areas_and_its_former_names_go_first() -> None:
    city = City.load(FOLDER)
    from_folder = Home.of(city.code, national(), city.divisions)
    assert from_folder.areas == {"江北新区": ("320111", "320116")}
    assert from_folder.former == home(city.code).former, "the folder and the national table disagree"


@pytest.mark.parametrize("code", ["320000", "810000", "999999", "3201", "", "南京市"])
def test_what_is_no_city_is_refused_in_both_languages(code: str) -> None:
    with pytest.raises(Refusal) as refused:
        home(code)
    assert refused.value.code in ("unknown-city", "city-is-province")
    assert refused.value.zh
    assert refused.value.en


def test_every_city_of_the_table_can_be_home() -> None:
    table = national()
    cities = [code for code in table.names if code.endswith("00") and not code.endswith("0000")]
    assert all(Home.of(code, table).districts for code in cities)
