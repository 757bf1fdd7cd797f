"""Every decision says why, in both languages, in the city's own words."""

from pathlib import Path

from services.router.explanation import facts_told, rule_told
from tests.router.hall import hall
from tests.router.office import JIANGNING, OTHER_BRIGADE, nanjing, place


async def test_every_decision_explains_itself_in_both_languages(tmp_path: Path) -> None:
    async with hall(tmp_path) as h:
        case = h.case(work=place(JIANGNING))
        await h.office.hear(case)
        await h.office.hear(h.office.objected(case, proposed=OTHER_BRIGADE))
        await h.office.hear(h.office.objected(case, OTHER_BRIGADE))
        headers = await h.front.bearer("agent")
        body = (await h.client.get(f"/api/cases/{case.case_id}/routing", headers=headers)).json()
        first, second, third = body["decisions"]
        assert first["zh"] == (
            "已分派给江宁区劳动保障监察大队（一般）。"
            "欠薪由用工所在地的区劳动保障监察大队管辖（劳动保障监察条例第十三条）。"
            "依据：类型 拖欠工资，用工地 江宁区。"
        )
        assert first["text"] == first["zh"]
        assert first["en"].lower() == (
            "routed to jiangning labour inspection brigade (normal). wage arrears go to the labour "
            "inspection brigade of the district of the place of employment (劳动保障监察条例第十三条). "
            "based on: kind wage arrears, place of employment jiangning district."
        )
        assert (first["rule"], first["version"]) == ("wage-by-work-place", h.office.desk.rules.version)
        assert "鼓楼区劳动保障监察大队" in second["zh"]
        assert "退回理由 不属本区管辖" in second["zh"]
        assert third["unit"] == "inspection-nanjing"
        assert "由共同上级裁定" in third["zh"]
        assert "退回次数 2" in third["zh"]
        english = headers | {"accept-language": "en"}
        answer = await h.client.get(f"/api/cases/{case.case_id}/routing", headers=english)
        assert answer.json()["decisions"][0]["text"] == first["en"]


def test_a_rule_that_the_city_no_longer_has_is_told_by_its_id() -> None:
    assert rule_told("wage-of-old", nanjing(), "zh-CN") == "wage-of-old"
    assert rule_told(None, nanjing(), "en") == ""


def test_every_kind_of_fact_has_words() -> None:
    facts = {
        "rule": "x", "urgent": "true", "work_district": "unsure", "residence_district": "unknown",
        "amount_owed_fen": "840000", "workers_affected": "9", "channel": "phone", "tags": "spring_festival",
    }  # fmt: skip
    assert facts_told(facts, nanjing(), "zh-CN") == [
        ("紧急", "是"), ("用工地", "不确定"), ("居住地", "未知"), ("欠薪金额", "8,400元"),
        ("涉及人数", "9"), ("来源", "电话"), ("标签", "spring_festival"),
    ]  # fmt: skip
