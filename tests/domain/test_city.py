"""A city's folder is read wholly or not at all, and every mistake in it is named at once."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.domain.city import City, CityError
from tests.domain.city_folder import NANJING as FOLDER
from tests.domain.city_folder import change

CITY = City.load(FOLDER)

DISTRICTS = ("02", "04", "05", "06", "11", "13", "14", "15", "16", "17", "18")
QIXIA_BRIGADE = 'districts = ["320113"]\nphone = "025-55550106"'
MISTAKES = [
    ("districts.toml", 'code = "320115"', 'code = "3201"', "district 8 (3201) code"),
    ("districts.toml", 'code = "320115"', 'code = "320205"', "320205 江宁区"),
    ("districts.toml", 'zh = "江宁区"', 'zh = "六合区"', "六合区: 重复"),
    ("districts.toml", 'successors = ["320104"]', 'successors = ["320103"]', "白下区: 本市没有区划 320103"),
    ("districts.toml", 'zh = "南京市"', 'zh = "南京"', "320100 南京: 代码和名称与全国行政区划表不符"),
    ("units.toml", 'id = "inspection-qixia"', 'id = "inspection-jianye"', "编号重复"),
    ("units.toml", QIXIA_BRIGADE, 'phone = "025-55550106"', "320113 栖霞区: 没有在用的劳动保障监察大队"),
    ("units.toml", QIXIA_BRIGADE, QIXIA_BRIGADE + "\nclosed = true", "没有在用的劳动保障监察大队"),
    ("units.toml", QIXIA_BRIGADE, 'districts = ["320115"]', "inspection-jiangning, inspection-qixia"),
    ("units.toml", 'superior = "inspection-nanjing"', 'superior = "inspection-jiangsu"', "没有单位"),
    ("units.toml", 'phone = "122"', 'phone = "一二二"', "unit 2 (helpdesk-122) phone"),
    ("units.toml", 'phone = "122"', 'telephone = "122"', "没有这一项"),
    ("units.toml", 'phone = "122"', 'successor = "inspection-qixia"', "不是同类单位"),
    ("rules.toml", 'unit = "helpdesk-122"', 'unit = "helpdesk-110"', "social-help: 没有单位 helpdesk-110"),
    ("rules.toml", 'id = "social-help"', 'id = "by-hand"', "by-hand: 编号重复"),
    ("rules.toml", 'hold = "no_rule"', 'hold = "whatever"', "hold must be one of"),
    (
        "rules.toml",
        'hold = "no_rule"',
        'hold = "no_rule"\nto = { service = "helpdesk", by = "work" }',
        "either",
    ),
    ("rules.toml", "urgency = ", "urgent = ", "urgent: 没有这一项"),
    ("rules.toml", 'kind = "social_help"', 'code = "import os"', "when code: 没有这一项"),
    ("rules.toml", 'kind = "social_help"', 'kind = "rescue"', "rule 7 (social-help) when kind"),
    ("rules.toml", 'kind = "social_help"', 'work_district = "320302"', "本市没有区划 320302"),
    ("rules.toml", 'version = "', "version = ", "不是有效的 TOML 文件"),
    ("hours.toml", "closes = 12:00:00", "closes = 15:00:00", "intervals overlap"),
    ("hours.toml", "Asia/Shanghai", "Asia/Nanjing", "no time zone"),
    ("deadlines.toml", 'id = "acceptance"', 'id = "taking"', "acceptance: 缺少"),
    ("deadlines.toml", 'starts = "TaskDelivered"', 'starts = "TaskArrived"', "no such event: TaskArrived"),
    ("texts.toml", "{number}，查询码{code}", "{number}，查询码{pin}", "sms.received.zh: 不认识的占位 {pin}"),
    ("texts.toml", "[timeline.CaseHeld]", "[timeline.CaseLost]", "timeline.CaseHeld: 缺少"),
    ("texts.toml", "[，经办人 {officer}]", "[，经办人 {officer}", "括号不成对"),
    ("texts.toml", "[sms.outcome.other]", "[sms.outcome.others]", "缺少 other"),
    ("words.toml", "behalf = [", "on_behalf = [", "the groups are exactly"),
]


@pytest.mark.parametrize(("file", "old", "new", "reason"), MISTAKES)
def test_a_mistake_is_named_with_its_file_and_entry(
    folder: Path, file: str, old: str, new: str, reason: str
) -> None:
    change(folder, file, old, new)
    with pytest.raises(CityError) as caught:
        City.load(folder)
    assert any(one.file == file and reason in str(one) for one in caught.value.problems), str(caught.value)


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    change(folder, "hours.toml", "Asia/Shanghai", "Asia/Nanjing")
    change(folder, "rules.toml", "helpdesk-122", "helpdesk-110")
    (folder / "words.toml").unlink()
    with pytest.raises(CityError) as caught:
        City.load(folder)
    assert [one.file for one in caught.value.problems] == ["hours.toml", "words.toml", "rules.toml"]


def test_a_folder_that_is_not_there_names_every_file(tmp_path: Path) -> None:
    with pytest.raises(CityError) as caught:
        City.load(tmp_path)
    assert len(caught.value.problems) == 12


def test_nanjing_has_its_eleven_districts_and_their_units() -> None:
    assert (CITY.code, CITY.name, CITY.name_en, CITY.area_code) == ("320100", "南京市", "Nanjing", "025")
    assert [district.code[-2:] for district in CITY.districts] == [*DISTRICTS]
    assert len(CITY.units) == 2 * 11 + 2 + 3 + 1  # windows that answer inquiries, the office of one town
    for district in CITY.districts:
        brigade = CITY.unit_for("inspection", district.code)
        assert brigade is not None
        assert (brigade.id, brigade.superior) == (f"inspection-{district.pinyin}", "inspection-nanjing")


def test_a_closed_unit_keeps_its_name_and_hands_its_cases_on(folder: Path) -> None:
    change(folder, "units.toml", QIXIA_BRIGADE, QIXIA_BRIGADE + '\nsuccessor = "inspection-xuanwu"')
    city = City.load(folder)
    taker = city.unit_for("inspection", "320113")
    assert taker is not None
    assert taker.id == "inspection-xuanwu"
    assert city.unit("inspection-qixia").name == "栖霞区劳动保障监察大队"


def test_a_chain_of_successors_that_bites_its_tail_is_a_mistake(folder: Path) -> None:
    change(folder, "units.toml", QIXIA_BRIGADE, QIXIA_BRIGADE + '\nsuccessor = "inspection-xuanwu"')
    change(
        folder,
        "units.toml",
        'id = "inspection-xuanwu"',
        'id = "inspection-xuanwu"\nsuccessor = "inspection-qixia"',
    )
    with pytest.raises(CityError, match="no successor in the chain is open"):
        City.load(folder)


def test_an_unknown_unit_or_district_is_shown_as_it_stands() -> None:
    assert CITY.unit_name("inspection-jiangning", "en") == "Jiangning Labour Inspection Brigade"
    assert CITY.unit_name("inspection-gone", "zh-CN") == "inspection-gone"
    assert CITY.district_name("320115", "zh-CN") == "江宁区"
    assert CITY.district_name("999999", "en") == "999999"
    with pytest.raises(KeyError):
        CITY.unit("inspection-gone")


def test_periods_carry_their_citation() -> None:
    assert CITY.accept_minutes == 30
    acceptance = CITY.clock("acceptance")
    assert (acceptance.amount, acceptance.unit) == (5, "working_days")
    assert all(clock.article for clock in CITY.clocks)
    investigation = CITY.clock("investigation")
    assert investigation.extension is not None
    assert (investigation.amount, investigation.extension.amount) == (60, 30)


def test_a_city_does_not_change_once_it_is_read() -> None:
    with pytest.raises(ValidationError):
        CITY.rules_version = "later"  # type: ignore[misc]


def test_every_file_of_the_folder_names_its_source_at_its_head() -> None:
    for path in FOLDER.glob("*.toml"):
        head = path.read_text("utf-8").split("\n\n")[0]
        assert head.startswith("#"), path.name
        assert "来源 Source" in head, path.name
