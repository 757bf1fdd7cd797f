"""What a new case says in codes: kind, form, places, money; as said, else as text and address suggest."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic_core import to_json

from services.domain.employers import public_name
from services.domain.refusals import Refusal
from services.intake.author import Author
from services.intake.facts import Facts, Refusals, fen, understand
from services.intake.record import identity, record, told
from services.intake.schemas import CaseIn
from tests.intake.hotline import CITY, PHONE, START

AGENT, CLIENT = Author("agent", "10543"), Author("client", "bank", client="bank")


def given(**body: Any) -> CaseIn:
    return CaseIn.model_validate_json(to_json({"text": "记录"} | body))


def facts(author: Author = AGENT, **body: Any) -> Facts:
    return understand(given(**body), CITY, author)


@pytest.mark.parametrize(
    ("body", "kind", "report_type"),
    [
        ({"kind": "wage_arrears"}, "wage_arrears", "complaint"),
        ({"kind": "wage_arrears", "report_type": "report"}, "wage_arrears", "report"),
        ({"kind": "wage_arrears", "caller": {"anonymous": True}}, "wage_arrears", "report"),
        ({"report_type": "report"}, "wage_arrears", "report"),
        ({"kind": "inquiry", "caller": {"anonymous": True}}, "inquiry", None),
        ({"text": "老板拖欠我三个月工资不给"}, "wage_arrears", "complaint"),
        ({"text": "今天天气很好"}, "other", None),
    ],
)
def test_kind_and_form_are_as_said_or_as_the_text_suggests(
    body: dict[str, Any], kind: str, report_type: str | None
) -> None:
    found = facts(**body)
    assert (found.kind, found.report_type) == (kind, report_type)
    assert found.confidential is (report_type == "report")


CITIZEN = Author("citizen")


def test_a_text_that_leaves_the_kind_in_doubt_is_other_and_tagged_for_a_person() -> None:
    assert (facts(CITIZEN, text="有件事想说").kind, facts(CITIZEN, text="有件事想说").tags) == (
        "other",
        ("kind_unsure",),
    )
    assert facts(CITIZEN, text="小区楼下广场舞太吵").tags == ()


def test_many_workers_are_tagged_where_the_text_says_so() -> None:
    assert facts(CITIZEN, text="老板拖欠我们二十三名工人的工资不给").tags == ("mass",)
    assert facts(CITIZEN, kind="wage_arrears", text="我们三十名工人没拿到钱").tags == ("mass",)
    assert facts(CITIZEN, kind="inquiry", text="老板拖欠我们二十三名工人的工资不给").tags == ()


def test_an_inquiry_is_tagged_with_what_it_asks_about() -> None:
    insurance, labour = "topic_social_insurance", "topic_labour_relations"
    assert facts(kind="inquiry", text="社保断了三个月能不能补缴").tags == (insurance,)
    assert facts(kind="inquiry", text="試用期辭退，養老保險怎麼辦").tags == (insurance, labour)
    assert facts(kind="inquiry", text="你们几点上班").tags == ()
    assert facts(kind="wage_arrears", text="没有签劳动合同，拖欠工资").tags == ()


def test_who_writes_the_case_down_wins_over_the_text() -> None:
    text = "老板拖欠我三个月工资不给"
    for author in (AGENT, CLIENT, CITIZEN):
        found = facts(author, kind="inquiry", text=text)
        assert (found.kind, found.report_type, found.tags) == ("inquiry", None, ())
    assert not facts(CITIZEN, kind="wage_arrears", urgent=False, text="我身无分文，没地方住").urgent


def test_a_citizens_text_says_how_urgent_it_is_also_where_the_kind_was_chosen() -> None:
    text = "我身无分文，没地方住，老板不给工资"
    assert facts(CITIZEN, kind="wage_arrears", text=text).urgent
    assert not facts(AGENT, kind="wage_arrears", text=text).urgent


@pytest.mark.parametrize(
    ("author", "channel"), [(AGENT, "phone"), (CLIENT, "api"), (Author("citizen"), "web")]
)
def test_the_usual_channel_is_the_authors(author: Author, channel: str) -> None:
    assert facts(author).channel == channel
    assert facts(author, channel="sms").channel == "sms"


def test_a_confirmed_district_goes_before_the_address() -> None:
    found = facts(employer={"work_district": "320106", "work_address": "江宁区秣陵街道"})
    assert found.work is not None
    assert (found.work.district, found.work.confidence, found.work.evidence) == ("320106", "certain", "agent")
    assert found.residence is None


def test_an_address_is_looked_up_and_its_evidence_holds_no_word_of_it() -> None:
    found = facts(
        employer={"work_address": "南京市江宁区天元西路599弄", "address": "上海市静安区长寿路1号"},
        caller={"residence": "说不清"},
    )
    assert found.work is not None
    assert found.work.district == "320115"
    assert "天元" not in found.work.evidence
    assert found.employer_place is not None
    assert (found.employer_place.district, found.employer_place.confidence) == (None, "unsure")
    assert found.residence is not None
    assert found.residence.confidence == "unsure"


def test_an_address_gives_the_street_too_also_of_a_district_that_was_chosen() -> None:
    found = facts(
        employer={"work_address": "南京市江宁区秣陵街道某路1号", "address": "栖霞区"},
        caller={"residence": "东山镇", "residence_district": "320115"},
    )
    assert found.work is not None
    assert (found.work.district, found.work.street) == ("320115", "320115011")
    assert found.employer_place is not None
    assert found.employer_place.street is None
    assert found.residence is not None
    assert (found.residence.street, found.residence.evidence) == ("320115001", "agent")


def test_urgency_is_as_said_and_else_as_suggested_with_the_kind() -> None:
    assert facts(kind="social_help", urgent=True).urgent
    assert not facts(kind="other").urgent


@pytest.mark.parametrize(("yuan", "expected"), [("8400.5", 840050), ("0.01", 1), ("0", 0), ("1E+2", 10000)])
def test_money_is_kept_in_fen(yuan: str, expected: int) -> None:
    assert fen(Decimal(yuan)) == expected
    assert fen(None) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("江宁某某建筑劳务公司", "江宁某某建筑劳务公司"),
        ("王老板 138 5146 7290 工地", "王老板 … 工地"),
        ("五建3标段", "五建3标段"),
        ("", None),
        (None, None),
    ],
)
def test_a_number_inside_an_employers_name_stays_sealed(name: str | None, shown: str | None) -> None:
    assert public_name(name) == shown


def test_several_refusals_come_together_and_one_comes_alone() -> None:
    with pytest.raises(Refusals) as several:
        facts(caller={"phone": "12"}, employer={"uscc": "1"})
    assert [refusal.field for refusal in several.value.refusals] == ["caller.phone", "employer.uscc"]
    with pytest.raises(Refusal) as alone:
        facts(caller={"phone": "12"})
    assert alone.value.field == "caller.phone"


@pytest.mark.parametrize(
    ("body", "by"),
    [
        ({"kind": "wage_arrears", "caller": {"phone": PHONE}}, "notifier"),
        ({"kind": "wage_arrears", "report_type": "report", "caller": {"phone": PHONE}}, "intake"),
        ({"kind": "wage_arrears", "report_type": "report"}, "nobody"),
        ({"kind": "inquiry"}, "nobody"),
        ({"kind": "inquiry", "callback_url": "https://example.org/"}, "notifier"),
    ],
)
def test_who_tells_the_caller_follows_from_how_to_reach_him(body: dict[str, Any], by: str) -> None:
    case = given(**body)
    assert told(case, understand(case, CITY, CLIENT)) == by


def test_an_extension_travels_beside_the_number_and_is_read_back_from_the_identity() -> None:
    body = given(caller={"name": "王某", "phone": "025-84391234转801"})
    found = understand(body, CITY, AGENT)
    said = record(body, found, START)["caller"]
    assert isinstance(said, dict)
    assert (said["phone"], said["extension"]) == ("+862584391234", "801")
    who = identity(body, found)
    assert who is not None
    assert who["phone"] == "+862584391234;ext=801"
    again = given(caller={"phone": str(who["phone"])})
    assert understand(again, CITY, AGENT).phone == found.phone
