"""A wrong district is worse than "unsure": golden addresses, invented, with the traps that callers set."""

from pathlib import Path

import pytest

from services.domain.city import City
from services.domain.districts import locate, street_in
from services.domain.divisions import District

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
NANJING = CITY.gazetteer

CERTAIN = [
    ("江苏省南京市江宁区秣陵街道某路1号", "320115"),
    ("江宁区", "320115"),
    ("南京鼓楼区", "320106"),
    ("南京市鼓楼区北京西路9号", "320106"),
    ("玄武区湖南路口", "320102"),
    ("高淳区中大街38号", "320118"),
    ("江宁区苏州金匠公司项目部", "320115"),
    ("雨花台区", "320114"),
    ("秦淮区（原白下区）", "320104"),
    ("建邺区，就是建邺区河西", "320105"),
    ("溧水区永阳街道小东门街", "320117"),
    ("六合区马鞍街道", "320116"),
    ("浦口区泰山街道", "320111"),
    ("栖霞区石家庄路的仓库", "320113"),
]
LIKELY = [
    ("鼓楼区中山北路", "320106"),
    ("白下区瑞金路", "320104"),
    ("下关区建宁路", "320106"),
    ("江苏南京江宁县东山镇", "320115"),
    ("大厂区", "320116"),
    ("六合县", "320116"),
    ("江浦县", "320111"),
    ("溧水县", "320117"),
    ("高淳县淳溪镇", "320118"),
    ("南京市雨花区", "320114"),
    ("江北新区浦口区顶山街道", "320111"),
    ("下关区，现在叫鼓楼区", "320106"),
]
UNSURE = [
    "",
    "江宁路300号",
    "江宁",
    "上海市静安区江宁路",
    "南京西路1788号",
    "徐州市鼓楼区",
    "徐州鼓楼区",
    "福建省鼓楼区",
    "开封鼓楼区",
    "開封市鼓樓區",
    "雨花区",
    "长沙市雨花区",
    "长沙雨花区韶山路",
    "江北新区",
    "江北新区江宁区",
    "江宁区和雨花台区交界",
    "白下区、下关区",
    "安徽滁州人，在江宁区干活",
    "江宁区，户籍安徽省滁州市",
    "来安县汊河镇，过河就是浦口区",
    "昆山市某厂，老板住江宁区",
    "江宁区域内",
    "浦口区大道",
    "不在江宁区",
    "靠近栖霞区",
    "江宁区附近",
    "长寿路",
    "朝阳区",
    "大厂回族自治县",
    "栖霞市",
    "鼓楼街道",
]


@pytest.mark.parametrize(("address", "district"), CERTAIN)
def test_an_official_name_in_full_is_certain(address: str, district: str) -> None:
    place = locate(address, NANJING)
    assert (place.district, place.confidence) == (district, "certain")


@pytest.mark.parametrize(("address", "district"), LIKELY)
def test_a_former_or_shared_name_is_likely_at_most(address: str, district: str) -> None:
    place = locate(address, NANJING)
    assert (place.district, place.confidence) == (district, "likely")


@pytest.mark.parametrize("address", UNSURE)
def test_whatever_leaves_a_doubt_goes_to_a_person(address: str) -> None:
    place = locate(address, NANJING)
    assert (place.district, place.confidence) == (None, "unsure")


@pytest.mark.parametrize("district", CITY.districts, ids=lambda district: district.pinyin)
def test_each_district_is_found_with_its_city_and_spaces_and_full_width_signs(district: District) -> None:
    for address in (f"南京市{district.zh}１２号", f" 南 京　市 {' '.join(district.zh)}\u200b 某村"):
        assert locate(address, NANJING).district == district.code, address


@pytest.mark.parametrize(
    ("address", "district"),
    [("南京市鼓樓區", "320106"), ("江寧區", "320115"), ("建鄴區", "320105"), ("雨花臺區", "320114")],
)
def test_traditional_characters_are_read(address: str, district: str) -> None:
    assert locate(address, NANJING).district == district


def test_evidence_of_a_doubt_names_what_contradicts_and_none_where_nothing_was_read() -> None:
    assert locate("江宁区和雨花台区交界", NANJING).evidence == "江宁区、雨花台区"
    assert locate("徐州市云龙区", NANJING).evidence == "徐州市"
    assert locate("某某路三号", NANJING).evidence == ""


def test_an_unsure_address_says_why_and_what_it_may_be() -> None:
    both = locate("白下区、下关区", NANJING)
    assert both.reason == "several"
    assert [one.name for one in both.alternatives] == ["秦淮区", "鼓楼区"]
    elsewhere = locate("徐州鼓楼区", NANJING)
    assert elsewhere.reason == "elsewhere"
    assert ("320302", "徐州市鼓楼区") in {(one.code, one.name) for one in elsewhere.alternatives}
    short = locate("南京新街口", NANJING)
    assert (short.reason, short.alternatives[0].street_name) == ("unknown", "新街口街道")
    reasons = [locate(text, NANJING).reason for text in ("", "江宁区附近", "雨花区")]
    assert reasons == ["empty", "near", "shared"]


def test_a_likely_one_names_the_namesakes_elsewhere_and_a_certain_one_nothing() -> None:
    namesakes = {one.name for one in locate("鼓楼区中山路", NANJING).alternatives}
    assert namesakes == {"徐州市鼓楼区", "福州市鼓楼区", "开封市鼓楼区"}
    assert locate("南京市鼓楼区中山路", NANJING).alternatives == ()


def test_a_street_of_a_confirmed_district_is_read_even_where_the_address_alone_is_unsure() -> None:
    assert locate("东山镇某厂", NANJING).street is None
    assert street_in("东山镇某厂", "320115", NANJING) == "320115001"
    assert street_in("东山镇某厂", "320106", NANJING) is None


def test_what_is_longer_than_any_address_is_not_read() -> None:
    assert locate("南京市江宁区" * 2000, NANJING).reason == "too_long"
    assert street_in("江宁区秣陵街道" * 2000, "320115", NANJING) is None
    assert locate("南京市江宁区" + "某" * 900, NANJING).district == "320115"
