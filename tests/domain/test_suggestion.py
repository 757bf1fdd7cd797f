"""What a text is probably about. Texts are our own; real letters are measured outside the suite."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.city import City
from services.domain.kinds import Kind, ReportType
from services.domain.suggestion import suggest

CITY = City.load(Path(__file__).parents[2] / "deploy/cities/nanjing")
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
    ("", Kind.OTHER, None),
]


@pytest.mark.parametrize(("text", "kind", "report_type"), TABLE)
def test_plain_words_are_understood_and_the_rest_is_other(
    text: str, kind: Kind, report_type: ReportType | None
) -> None:
    found = suggest(text, CITY.words)
    assert (found.kind, found.report_type) == (kind, report_type)


def test_an_unsure_suggestion_is_other_without_evidence() -> None:
    found = suggest("我对你们的工作提一点意见", CITY.words)
    assert (found.kind, found.confidence, found.evidence) == (Kind.OTHER, "unsure", ())


def test_wages_owed_and_nowhere_to_sleep_is_urgent() -> None:
    found = suggest("老板拖欠工资跑路了，我没钱回家，今晚睡车站", CITY.words)
    assert found.urgent
    assert not suggest("公司拖欠工资，请处理", CITY.words).urgent


def test_more_signs_make_a_suggestion_certain() -> None:
    assert suggest("拖欠工资", CITY.words).confidence == "likely"
    assert suggest("包工头拖欠农民工工资", CITY.words).confidence == "certain"


def test_full_width_signs_and_capitals_make_no_difference() -> None:
    assert suggest("ＵＮＰＡＩＤ wages, i have not been paid", CITY.words).kind is Kind.WAGE_ARREARS


def test_evidence_is_the_folders_word_and_not_the_callers() -> None:
    found = suggest("老板拖欠王小明工资", CITY.words)
    assert found.evidence == ("拖欠*工资",)


def test_what_comes_far_down_in_a_long_letter_does_not_decide() -> None:
    start = "关于道路维修的意见，" + "路面坑洼不平，" * 30
    assert suggest(start + "另外听说有人被拖欠工资", CITY.words).kind is Kind.OTHER


@given(st.text(max_size=200))
def test_every_text_gets_a_suggestion(text: str) -> None:
    found = suggest(text, CITY.words)
    assert (found.confidence == "unsure") == (found.kind is Kind.OTHER)
    assert (found.report_type is not None) == (found.kind is Kind.WAGE_ARREARS)
