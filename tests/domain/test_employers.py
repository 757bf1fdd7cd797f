"""One employer under many names, and two employers that only sound alike."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.city import City
from services.domain.employers import LONGEST, public_name
from services.domain.sites import site

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
NAMES = CITY.employer_names


@pytest.mark.parametrize(
    "name",
    [
        "宏远建筑劳务",
        "宏远建筑劳务公司",
        "南京宏远建筑劳务有限公司",
        "南京市宏远建筑劳务有限责任公司",
        "江苏省南京市江宁区宏远建筑劳务有限公司",
        "江寧宏遠建築勞務有限責任公司",
        "南京宏远建筑劳务有限公司（江宁项目部）",
        "南京宏远建筑劳务有限公司江宁分公司",
        "宏远建筑劳务有限公司第三项目部",
        "宏远建筑劳务（集团）股份有限公司",
        "  宏远　建筑 劳务有限公司。",
        "宏远建筑劳务集团有限公司工地",
    ],
)
def test_whatever_people_add_to_an_employers_name_it_stays_the_same(name: str) -> None:
    assert NAMES.core(name) == "宏远建筑劳务"


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("ＡＢＣ科技（南京）有限公司", "abc科技"),
        ("Abc 科技", "abc科技"),
        ("南京银行股份有限公司", "南京银行"),
        ("南京建筑公司", "南京建筑"),
        ("南京地铁集团有限公司", "南京地铁"),
        ("蘇寧易購集團", "苏宁易购"),
        ("老张烧烤（珠江路店）", "老张烧烤"),
        ("海底捞新街口店", "海底捞新街口"),
        ("中建八局江宁项目部", "中建八局"),
        ("中国建筑第八工程局有限公司南京分公司", "中国建筑第八工程局"),
    ],
)
def test_a_name_keeps_what_tells_it_from_others(name: str, core: str) -> None:
    assert NAMES.core(name) == core


@pytest.mark.parametrize(
    "name", [None, "", "不知道", "公司", "建筑公司", "老板", "某公司", "👷‍♂️", "（）", "。"]
)
def test_a_name_that_names_nobody_is_none(name: str | None) -> None:
    assert NAMES.core(name) is None


@given(st.text(max_size=400))
def test_any_text_has_a_short_core_or_none_and_a_core_is_its_own(name: str) -> None:
    core = NAMES.core(name)
    assert core is None or 1 < len(core) <= 4 * LONGEST
    if core is not None:
        assert NAMES.core(f"{core}有限公司") in (core, NAMES.core(core))


@pytest.mark.parametrize(
    ("address", "known_as"),
    [
        ("江宁区秣陵街道天元西路599弄工地", "320115 天元西路599弄"),
        ("江苏省南京市江宁区天元西路 599 弄", "320115 天元西路599弄"),
        ("天元西路５９９弄（三号门）", "320115 天元西路599弄"),
        ("百家湖花园二期建筑工地", "320115 百家湖花园二期"),
    ],
)
def test_a_site_is_known_by_what_stands_behind_city_district_and_street(address: str, known_as: str) -> None:
    assert site(address, "320115", NAMES) == known_as


@pytest.mark.parametrize("address", [None, "", "江宁区", "秣陵街道", "天元西路", "南京市江宁区工地", "🚧"])
def test_an_address_that_names_no_more_than_a_road_is_no_site(address: str | None) -> None:
    assert site(address, "320115", NAMES) is None


def test_without_a_district_there_is_no_site() -> None:
    assert site("天元西路599弄", None, NAMES) is None


def test_a_telephone_number_in_an_employers_name_is_left_out() -> None:
    assert public_name("老王装修 138-0013-8000") == "老王装修 …"
