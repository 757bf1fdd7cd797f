"""What units report back, in the words that a clerk would use. Texts are invented."""

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Outcome:
    """`text` may name {yuan}; `share`: how much of the owed amount was recovered, None without money."""

    code: str
    resolved: bool
    weight: int
    text: str
    share: float | None = None


OUTCOMES: Final[dict[str, tuple[Outcome, ...]]] = {
    "wage_arrears": (
        Outcome("paid", True, 6, "经执法人员上门调解，单位已当场结清拖欠工资 {yuan} 元。", 1.0),
        Outcome("paid", True, 3, "单位承认欠薪事实，已于今日通过银行转账补发 {yuan} 元。", 1.0),
        Outcome("partly_paid", True, 2, "单位先行支付 {yuan} 元，其余部分已签订还款计划，月底前付清。", 0.6),
        Outcome("order_issued", True, 2, "经查属实，已下达限期整改指令书，责令单位五日内支付工资。"),
        Outcome("unfounded", False, 1, "经核对考勤与发放记录，未发现拖欠，已向反映人说明依据。"),
    ),
    "job_assistance": (
        Outcome("placed", True, 3, "就业服务专员入户走访，推荐的保洁岗位已面试通过，下周一到岗。"),
        Outcome("helped", True, 3, "已登记求职意向，推送三个附近岗位，并报名下月的技能培训班。"),
        Outcome("helped", True, 1, "两次上门后与本人见面，已协助办理失业登记和社保补贴申请。"),
    ),
    "social_help": (
        Outcome("helped", True, 4, "救助人员二十分钟内到场，已提供饮食和临时住处，并联系到家属。"),
        Outcome("referred", True, 1, "现场核实后已转送区救助管理站，由其安排返乡。"),
    ),
    "inquiry": (
        Outcome("answered", True, 5, "已电话答复：所需材料、办理窗口和办结时限均已逐项说明。"),
        Outcome("answered", True, 2, "已查询个人账户并告知结果，本人表示清楚。"),
    ),
    "third_party": (Outcome("helped", True, 1, "已联系到当事人并转达，对方将自行与委托单位联络。"),),
    "other": (
        Outcome("answered", True, 3, "已受理并电话回复，说明了政策依据和后续办理途径。"),
        Outcome("referred", True, 2, "该事项由其他部门主管，已转交并告知反映人对方联系方式。"),
        Outcome("other", False, 1, "已记录意见，纳入季度汇总研究。"),
    ),
}
STEPS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "wage_arrears": (
        ("contacted_employer", "已电话联系单位负责人，要求提供工资表和考勤。"),
        ("site_visit", "执法人员已到现场，正在逐人核对金额。"),
    ),
    "job_assistance": (
        ("visit_planned", "已与本人约定上门时间。"),
        ("vacancies_sent", "已按意向挑选三个岗位。"),
    ),
    "social_help": (("staff_on_the_way", "救助车辆已出发。"),),
}
USUAL_STEPS: Final = (("examined", "已阅材料，正在核实。"),)
OBJECTIONS: Final = (
    ("not_our_district", "经核实，用工所在地不在本区。"),
    ("not_our_matter", "所述事项不属于本单位职责范围。"),
    ("in_arbitration", "当事人已就同一事项申请劳动仲裁。"),
    ("duplicate", "与本单位在办案件重复。"),
)


def outcome(kind: str, chance: Random) -> Outcome:
    """One of the usual results of such a case; kinds that the unit does not know end like "other"."""
    known = OUTCOMES.get(kind, OUTCOMES["other"])
    return chance.choices(known, [one.weight for one in known])[0]
