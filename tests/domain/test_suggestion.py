"""What a text is probably about. Texts are our own; real letters are measured outside the suite."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.city import City
from services.domain.kinds import Kind, ReportType
from services.domain.suggestion import suggest
from services.domain.suggestion_model import LONGEST, sections, shipped
from services.domain.word_groups import GROUPS, WordGroups
from services.domain.word_lists import WordList, plain

ROOT = Path(__file__).parents[2]
CITY = City.load(ROOT / "deploy/cities/nanjing")
COMPLAINT, REPORT = ReportType.COMPLAINT, ReportType.REPORT

TABLE = [
    ("老板拖欠我们四个月工资", Kind.WAGE_ARREARS, COMPLAINT),
    ("我在工地做了三十天，包工头一直不给工钱，欠着我的工钱", Kind.WAGE_ARREARS, COMPLAINT),
    ("举报某餐厅克扣服务员工资", Kind.WAGE_ARREARS, REPORT),
    ("我要举报隔壁的洗车行不给员工交社保，也不签劳动合同", Kind.WAGE_ARREARS, REPORT),
    ("本人的加班工资不发，请处理", Kind.WAGE_ARREARS, COMPLAINT),
    ("老闆拖欠工資，我已經三個月沒錢了", Kind.WAGE_ARREARS, COMPLAINT),
    ("My boss has not paid my wages since May", Kind.WAGE_ARREARS, COMPLAINT),
    ("请问医保异地报销要带什么材料", Kind.INQUIRY, None),
    ("想问养老保险可以补缴吗？", Kind.INQUIRY, None),
    ("咨询公积金提取", Kind.INQUIRY, None),
    ("下岗两年了，想找份工作", Kind.JOB_ASSISTANCE, None),
    ("I lost my job and I am looking for work", Kind.JOB_ASSISTANCE, None),
    ("我身无分文，没地方住，在桥下面", Kind.SOCIAL_HELP, None),
    ("这里是银行，请帮我们联系一位客户回来取钱", Kind.THIRD_PARTY, None),
    ("小区楼下广场舞太吵", Kind.OTHER, None),
    ("开发商收了房款不交房，我们业主的血汗钱", Kind.OTHER, None),
    ("建议提高教师工资", Kind.OTHER, None),
    ("这里是医院，想找一位昏迷病人的家属，请转告", Kind.THIRD_PARTY, None),
    ("", Kind.OTHER, None),
]


@pytest.mark.parametrize(("text", "kind", "report_type"), TABLE)
def test_plain_words_are_understood_and_the_rest_is_other(
    text: str, kind: Kind, report_type: ReportType | None
) -> None:
    found = suggest(text, CITY.words)
    assert (found.kind, found.report_type) == (kind, report_type)


@pytest.mark.parametrize("text", ["", "   \n", "🙂🙂", "\x00\x01", "ﷺ", "鸑鷟"])
def test_a_text_that_says_nothing_known_is_other_and_unsure_without_evidence(text: str) -> None:
    found = suggest(text, CITY.words)
    assert (found.kind, found.confidence, found.evidence) == (Kind.OTHER, "unsure", ())


def test_an_unsure_suggestion_names_its_best_guess_but_settles_on_other() -> None:
    found = suggest("有件事想说", CITY.words)
    assert found.confidence == "unsure"
    assert found.settled is Kind.OTHER


def test_two_readers_of_one_mind_make_a_suggestion_certain() -> None:
    found = suggest("包工头拖欠农民工工资，我们讨要多次，一直不给", CITY.words)
    assert (found.confidence, found.settled) == ("certain", Kind.WAGE_ARREARS)


def test_wages_owed_and_nowhere_to_sleep_is_urgent() -> None:
    found = suggest("老板拖欠工资跑路了，我没钱回家，今晚睡车站", CITY.words)
    assert found.urgent
    assert not suggest("公司拖欠工资，请处理", CITY.words).urgent


@pytest.mark.parametrize(
    ("text", "mass"),
    [
        ("老板拖欠我们二十多名工人的工资", True),
        ("拖欠全体员工工资三个月", True),
        ("公司拖欠35名职工的工资", True),
        ("老板拖欠我两个月工资", False),
        ("2018年8月起公司拖欠我的工资，共3个月", False),
        ("包工头欠我和我弟弟的工钱", False),
    ],
)
def test_several_workers_of_one_employer_are_seen(text: str, mass: bool) -> None:
    assert suggest(text, CITY.words).mass is mass


def test_full_width_signs_capitals_and_traditional_characters_make_no_difference() -> None:
    assert suggest("ＵＮＰＡＩＤ wages, i have not been paid", CITY.words).kind is Kind.WAGE_ARREARS
    assert suggest("老闆拖欠員工工資", CITY.words) == suggest("老板拖欠员工工资", CITY.words)


def test_evidence_is_the_folders_words_and_not_the_callers() -> None:
    found = suggest("老板拖欠王小明工资", CITY.words)
    assert set(found.evidence) >= {"拖欠", "工资"}
    known = {word for words in CITY.words.group.values() for word in words}
    assert set(found.evidence) <= known


def test_without_a_word_of_the_folder_runs_of_the_model_are_the_evidence() -> None:
    found = suggest("路灯不亮，夜里走路看不见", CITY.words)
    model = shipped()
    assert found.kind is Kind.OTHER
    assert found.evidence
    assert all(run in model.idf[1] and len(run) > 1 for run in found.evidence)


def test_what_comes_far_down_in_a_long_letter_does_not_decide() -> None:
    start = "关于道路维修的意见，" + "路面坑洼不平，" * 100
    assert suggest(start + "另外听说有人被拖欠工资", CITY.words).kind is Kind.OTHER


@given(st.text(max_size=200) | st.text("欠工资我请问社保吗找工作。，0a", max_size=200))
def test_every_text_gets_a_suggestion(text: str) -> None:
    found = suggest(text, CITY.words)
    assert (found.report_type is not None) == (found.kind is Kind.WAGE_ARREARS)
    assert found.settled is (Kind.OTHER if found.confidence == "unsure" else found.kind)
    assert len(found.evidence) <= 5


def test_a_text_of_any_length_is_read_in_part() -> None:
    assert suggest("拖欠工资。" * 20_000, CITY.words).kind is Kind.WAGE_ARREARS


def test_nothing_in_the_model_can_tell_who_wrote() -> None:
    model = shipped()
    runs = set(model.idf[0]) | set(model.idf[1])
    assert max(map(len, runs)) == LONGEST
    assert not [run for run in runs if re.search(r"[1-9@*]|[０-９]", run)]


@pytest.mark.parametrize("text", ["尊敬的王小明书记您好", "我叫李某，是张建国经理让来的", "联系陈女士"])
def test_names_before_a_title_are_not_read_at_all(text: str) -> None:
    assert not set("王小明张建国陈") & set("".join(sections(text)))


def test_the_model_knows_all_kinds_and_every_mark_of_the_word_groups() -> None:
    model = shipped()
    assert set(model.kinds) == set(Kind)
    assert set(model.likely) == set(Kind)
    marks = {part for mark in model.by_words.weights for part in mark.removeprefix("^").split("+")}
    assert marks == set(GROUPS)


def test_groups_that_meet_in_a_sentence_are_marked_and_those_that_do_not_are_not() -> None:
    groups = WordGroups.of({"wage": ["工资"], "owed": ["拖欠", "不发"]})
    assert groups.find("拖欠。工资").marks == {"wage", "^wage", "owed", "^owed"}
    together = groups.find("路" * 150 + "。不发工资，拖欠！")
    assert together.marks == {"wage", "owed", "owed+wage"}
    assert together.words == {"wage": ("工资",), "owed": ("不发", "拖欠")}


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("被扣*不让走", "人被扣在那里不让走", True),
        ("被扣*不让走", "被扣。不让走", False),
        ("#名*工人", "15名建筑工人", True),
        ("#名*工人", "三十多名工人", True),
        ("#名*工人", "两名工人", False),
        ("#名*工人", "第15名工人", False),
        ("没地方住", "沒地方住", True),
    ],
)
def test_a_star_is_a_gap_in_a_sentence_and_a_hash_a_number_of_three_or_more(
    word: str, text: str, found: bool
) -> None:
    assert WordList.of([word]).first_in(plain(text)) == (word if found else None)
