"""The known words of the open vocabularies in events, with their names.

A code that is not here is still a fact: show it as it stands (`name_of`). Codes are added, never removed.
"""

from collections.abc import Mapping
from typing import Final

from services.domain.names import Name

HOLD_REASONS: Final[Mapping[str, Name]] = {
    "no_rule": Name("没有适用的分派规则", "No rule applies"),
    "unsure_kind": Name("类型拿不准", "The kind is not certain"),
    "unsure_district": Name("区域无法确定", "The district is not certain"),
    "objected_again": Name("多次退回，需上级裁定", "Sent back too often: the superior decides"),
    "unit_unavailable": Name("承办单位暂时无法接收", "The unit cannot take it now"),
    "rule_failed": Name("分派规则出错", "A rule failed"),
}

OBJECTION_REASONS: Final[Mapping[str, Name]] = {
    "not_our_district": Name("不属本区管辖", "Another district's"),
    "not_our_matter": Name("不属本单位职责", "Not this unit's matter"),
    "duplicate": Name("重复案件", "Already known"),
    "in_arbitration": Name("已进入仲裁或诉讼", "Already in arbitration or court"),
    "incomplete": Name("材料不全", "Something is missing"),
    "other": Name("其他原因", "Another reason"),
}

OUTCOMES: Final[Mapping[str, Name]] = {
    "paid": Name("已全额支付", "Paid in full"),
    "partly_paid": Name("已部分支付", "Paid in part"),
    "order_issued": Name("已责令改正", "An order was issued"),
    "placed": Name("已就业", "Found work"),
    "training": Name("已参加培训", "In training"),
    "subsidy": Name("已落实补贴", "Was given a subsidy"),
    "not_interested": Name("本人暂无意愿", "Not interested for now"),
    "unreachable": Name("多次联系未果", "Could not be reached"),
    "helped": Name("已提供帮助", "Helped"),
    "answered": Name("已答复", "Answered"),
    "not_accepted": Name("不予受理", "Not accepted"),
    "unfounded": Name("经查不属实", "Not confirmed"),
    "withdrawn": Name("来电人撤回", "Withdrawn by the caller"),
    "referred": Name("已转其他部门", "Passed on to another authority"),
    "other": Name("其他结果", "Another outcome"),
}

FOLLOW_UPS: Final[Mapping[str, Name]] = {
    "settled": Name("情况稳定", "It goes well"),
    "needs_help_again": Name("仍需帮助", "Needs help again"),
    "no_answer": Name("没有联系上", "No answer"),
}

REFERRED_TO: Final[Mapping[str, Name]] = {
    "police": Name("公安机关", "The police"),
    "arbitration": Name("劳动人事争议仲裁机构", "Labour arbitration"),
    "court": Name("人民法院", "The court"),
    "rescue_station": Name("救助管理站", "The rescue station"),
    "medical": Name("医疗急救（120）", "Medical emergency (120)"),
    "fire": Name("消防救援（119）", "Fire and rescue (119)"),
    "civil_affairs": Name("民政部门", "Civil affairs"),
    "neighbourhood": Name("街道、社区", "The neighbourhood"),
    "other_authority": Name("其他主管部门", "Another authority"),
}

CLOSE_REASONS: Final[Mapping[str, Name]] = {
    "told": Name("已告知来电人", "The caller was told"),
    "unreachable": Name("多次联系未果", "The caller could not be reached"),
    "answered": Name("已当场答复", "Answered at once"),
    "withdrawn": Name("来电人撤回", "Withdrawn by the caller"),
    "by_agent": Name("坐席办结", "Closed by an agent"),
    "merged": Name("并入另一件", "Goes on as another case"),
}

UNDELIVERABLE_REASONS: Final[Mapping[str, Name]] = {
    "refused": Name("对方系统拒收", "The unit's system refused it"),
    "given_up": Name("多次重试未成", "Every attempt failed"),
    "unknown": Name("是否送达不明", "Whether it arrived is not known"),
    "unsealable": Name("内容无法解密", "Its content cannot be opened"),
    "gone": Name("对方接口已停用", "The unit withdrew its address"),
    "urgent_overdue": Name("紧急事项仍未送达", "Urgent, and still not delivered"),
    "no_endpoint": Name("没有登记接口地址", "The unit's address is not known"),
    "address_refused": Name("接口地址不在许可范围内", "The unit's address is not permitted"),
    "address_malformed": Name("接口地址有误", "The unit's address is malformed"),
    "no_acknowledgement": Name("对方没有回执", "The unit did not acknowledge it"),
}

PAUSE_REASONS: Final[Mapping[str, Name]] = {
    "waiting_for_caller": Name("等待来电人补充材料或说明", "Waiting for the caller"),
    "other": Name("其他原因", "Another reason"),
}

EXTENSION_REASONS: Final[Mapping[str, Name]] = {
    "complex_case": Name("情况复杂", "The case is complex"),
    "other": Name("其他原因", "Another reason"),
}


ALERT_REASONS: Final[Mapping[str, Name]] = {
    "on_call": Name("夜间或休息日的紧急事项", "An urgent case while nobody is at the desks"),
    "nobody_answered": Name("前面的人没有签收", "Nobody before them answered"),
    "everybody": Name("值班人员都没有签收", "Nobody on duty answered"),
    "remind": Name("到期没有动静，提醒承办单位", "Time ran out: the unit is reminded"),
    "head": Name("到期没有动静，报单位负责人", "Time ran out: the unit's head is told"),
    "superior": Name("到期没有动静，报上级单位", "Time ran out: the superior unit is told"),
}


def name_of(code: str, names: Mapping[str, Name]) -> Name:
    """The name of `code` among `names`; a code from a newer service is its own name."""
    return names.get(code, Name(code, code))
