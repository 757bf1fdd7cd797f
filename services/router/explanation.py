"""Why a case went where it went, in sentences: the city's words for rules and events, ours for facts."""

from collections.abc import Mapping
from typing import Final

from services.domain.city import City
from services.domain.names import Name
from services.domain.texts import fill
from services.domain.timeline import yuan
from services.router.models import RouterDecision
from services.router.rules import OBJECTION, PERSON, SUPERIOR, UNIT_CLOSED, used

FACTS: Final[Mapping[str, Name]] = {
    "kind": Name("类型", "kind"),
    "report_type": Name("投诉或举报", "complaint or report"),
    "urgent": Name("紧急", "urgent"),
    "channel": Name("来源", "channel"),
    "work_district": Name("用工地", "place of employment"),
    "work_in_doubt": Name("用工地自相矛盾", "place of employment contradictory"),
    "employer_district": Name("单位地址", "employer's address"),
    "residence_district": Name("居住地", "residence"),
    "tags": Name("标签", "tags"),
    "amount_owed_fen": Name("欠薪金额", "amount owed"),
    "workers_affected": Name("涉及人数", "workers affected"),
    "unit": Name("退回单位", "sent back by"),
    "objection": Name("退回理由", "its reason"),
    "proposed_unit": Name("建议转往", "proposed instead"),
    "bounces": Name("退回次数", "times sent back"),
    "closed_unit": Name("原承办单位不再受理", "no longer takes cases"),
    "successor": Name("接续单位", "who takes over"),
    "cluster": Name("群体级别", "level of the cluster"),
    "work_time": Name("服务时间内", "within working hours"),
    "workday": Name("工作日", "working day"),
    "hour": Name("时（本地）", "hour, local time"),
    "date": Name("日期（本地）", "date, local time"),
    "silent": Name("逾期无动静", "nobody moved in time"),
    "held": Name("转人工的原因", "held because"),
}
_RULES: Final[Mapping[str, Name]] = {
    OBJECTION: Name(
        "承办单位退回并提出应由谁办，首次按其建议",
        "The unit proposed another one: followed once",
    ),
    UNIT_CLOSED: Name("承办单位不再受理，由接续单位接办", "The unit takes no more cases: its successor does"),
    SUPERIOR: Name(
        "多次退回或逾期无动静，由共同上级裁定（劳动保障监察条例第十三条）",
        "Sent back too often, or nobody moved: the common superior decides (劳动保障监察条例第十三条)",
    ),
    PERSON: Name("由班长决定", "A supervisor decided"),
}
_WORDS: Final[Mapping[str, Name]] = {
    "true": Name("是", "yes"),
    "false": Name("否", "no"),
    "unknown": Name("未知", "not known"),
    "unsure": Name("不确定", "not certain"),
}
_UNITS: Final = frozenset({"unit", "proposed_unit", "closed_unit", "successor"})
_GROUPS: Final[Mapping[str, str]] = {"objection": "objection", "held": "hold", "kind": "kind",
                                     "report_type": "report_type", "channel": "channel"}  # fmt: skip


def sentence(decision: RouterDecision, city: City, language: str) -> str:
    """The whole explanation of one decision, as plain sentences."""
    english = language.lower().startswith("en")
    stop, comma, colon = (". ", ", ", ": ") if english else ("。", "，", "：")
    parts = [what(decision, city, language), rule_told(decision.rule, city, language)]
    if facts := facts_told(used(decision.facts), city, language):
        basis = comma.join(f"{name} {value}" for name, value in facts)
        parts.append(f"{'Based on' if english else '依据'}{colon}{basis}")
    return stop.join(part for part in parts if part) + stop.strip()


def what(decision: RouterDecision, city: City, language: str) -> str:
    """What was decided, in the words of the case's timeline."""
    name = "CaseHeld" if decision.unit is None else "CaseRouted"
    values = {
        "unit_name": city.unit_name(decision.unit, language) if decision.unit else "",
        "district": city.district_name(decision.district, language) if decision.district else "",
        "urgency": city.texts.name("urgency", decision.urgency, language) if decision.urgency else "",
        "reason": city.texts.name("hold", decision.hold_reason, language) if decision.hold_reason else "",
        "rule": decision.rule or "",
        "version": decision.version,
        "bounces": str(decision.bounces),
        "by": decision.by or "",
    }
    return fill(city.texts.timeline[name].in_language(language), values)


def rule_told(rule_id: str | None, city: City, language: str) -> str:
    """The rule in words, with the article it rests on; its id if the city no longer has it, "" for none."""
    if rule_id is None:
        return ""
    if ours := _RULES.get(rule_id):
        return ours.in_language(language)
    rule = next((rule for rule in city.rules if rule.id == rule_id), None)
    if rule is None:
        return rule_id
    words = Name(rule.zh, rule.en).in_language(language)
    if not rule.article:
        return words
    return f"{words} ({rule.article})" if language.lower().startswith("en") else f"{words}（{rule.article}）"


def facts_told(facts: Mapping[str, str], city: City, language: str) -> list[tuple[str, str]]:
    """The facts that a decision used, as name and value for people."""
    return [
        (FACTS[key].in_language(language), _value(key, value, city, language))
        for key, value in facts.items()
        if key in FACTS
    ]


def _value(key: str, value: str, city: City, language: str) -> str:
    if word := _WORDS.get(value):
        return word.in_language(language)
    if key in _GROUPS:
        return city.texts.name(_GROUPS[key], value, language)
    if key.endswith("_district"):
        return city.district_name(value, language)
    if key in _UNITS:
        return city.unit_name(value, language)
    if key == "amount_owed_fen" and value.isdecimal():
        return yuan(int(value), language)
    return value
