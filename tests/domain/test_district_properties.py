"""What holds of every address: no wrong district for certain, no word of the caller in the evidence."""

from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.domain.city import City
from services.domain.districts import locate
from services.domain.divisions import District
from services.domain.gazetteer import Gazetteer
from services.domain.home import Home
from services.domain.location import REASONS
from services.domain.national import national

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
NANJING = CITY.gazetteer
CITIES = ("310000", "330100", "350100", "420100", "441900", "320583")
SIGNS = "江宁区县市路南京鼓楼雨花台白下上海徐州秣陵街道东山镇附近不在门牌号王小明"


@cache
def gazetteer(code: str) -> Gazetteer:
    return Gazetteer.of(Home.of(code, national()), national())


@given(st.text(alphabet=SIGNS, max_size=30))
def test_evidence_never_repeats_the_address_beyond_names_of_the_table(address: str) -> None:
    known = {meaning.name for meaning in NANJING.names.values()} | {"其他县", "其他市", "其他区", ""}
    assert set(locate(address, NANJING).evidence.split("、")) <= known


@given(st.text(max_size=60))
def test_any_text_gets_an_answer_and_an_unsure_one_never_a_district(address: str) -> None:
    found = locate(address, NANJING)
    assert (found.district is None) == (found.confidence == "unsure") == (found.reason in REASONS)
    assert found.place.district == found.district


@given(st.sampled_from(["上海市", "徐州市", "安徽省", "苏州", "昆山市"]), st.sampled_from(CITY.districts))
def test_another_city_before_a_district_always_makes_it_unsure(elsewhere: str, district: District) -> None:
    assert locate(f"{elsewhere}{district.zh}某路", NANJING).confidence == "unsure"


@given(st.data(), st.sampled_from(CITIES), st.sampled_from(("", "某某路8号", "人民路与北京西路口", "🏗工地")))
def test_a_full_address_of_any_city_is_certain_with_its_street(
    data: st.DataObject, code: str, rest: str
) -> None:
    home = gazetteer(code).home
    street = data.draw(st.sampled_from(sorted(home.streets)))
    district = next(one for one in home.districts if street.startswith(one))
    named = "" if home.is_whole else home.districts[district]
    found = locate(f"{home.name}{named}{home.streets[street]}{rest}", gazetteer(code))
    assert (found.district, found.street, found.confidence) == (district, street, "certain")


@given(st.sampled_from(CITIES[:4]), st.data())
def test_two_districts_are_never_put_in_one(code: str, data: st.DataObject) -> None:
    names = sorted(gazetteer(code).home.districts.values())
    pair = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
    assert locate("和".join(pair), gazetteer(code)).confidence == "unsure"


@given(st.sampled_from(CITIES), st.data(), st.sampled_from(("不在{}", "离{}不远", "{}附近", "靠近{}")))
def test_a_place_that_is_denied_or_only_near_is_not_where_it_is(
    code: str, data: st.DataObject, said: str
) -> None:
    home = gazetteer(code).home
    name = data.draw(st.sampled_from(sorted(home.districts.values())))
    named = name if home.is_whole else home.name + name
    assert locate(said.format(named), gazetteer(code)).confidence == "unsure"


@given(st.sampled_from(CITY.districts), st.data())
def test_one_wrong_character_leads_to_no_other_district_for_certain(
    district: District, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(district.zh) - 2))
    sign = data.draw(st.sampled_from(sorted(NANJING.table.sounds)))
    found = locate(f"南京市{district.zh[:at]}{sign}{district.zh[at + 1 :]}", NANJING)
    assert found.confidence != "certain" or found.district == district.code or sign in "区"
