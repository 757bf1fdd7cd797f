"""Synthetic cases, as a busy city writes them down: many callers once, some often, a few employers in every
mouth. Nothing in them is of a real person.
"""

import json
import random
from collections.abc import Iterator
from typing import Final

from services.domain.city import City
from services.intake.halfway import CheckIn
from services.intake.schemas import CaseIn

CALLERS: Final = 90_000
EMPLOYERS: Final = 20_000
SITES: Final = 12_000
_TRADE: Final = [
    "宏远",
    "鼎盛",
    "恒基",
    "金陵",
    "苏力",
    "华泰",
    "润泽",
    "瑞丰",
    "天和",
    "永安",
    "博大",
    "鸿业",
    "同创",
    "新晟",
    "广厦",
    "万嘉",
    "众诚",
    "安居",
    "长江",
    "钟山",
]
_LINES: Final = [
    "建筑劳务",
    "建设工程",
    "装饰工程",
    "餐饮管理",
    "物业服务",
    "电子科技",
    "服装",
    "物流",
    "保洁服务",
    "人力资源",
    "市政工程",
    "机电安装",
]
_ROADS: Final = [
    "天元西路",
    "双龙大道",
    "竹山路",
    "将军大道",
    "诚信大道",
    "秣周东路",
    "江东中路",
    "软件大道",
    "大桥北路",
    "浦珠路",
]
_KINDS: Final = ("wage_arrears",) * 6 + ("inquiry",) * 2 + ("job_assistance", "social_help")
_PARTS: Final = (
    "我是{n}月份进厂的，做的是{job}，每个月说好{pay}块钱。",
    "包工头欠我们班组{m}个人{n}个月的工资，加起来大概{sum}元。",
    "工地上还有{m}个老乡也没有拿到钱，大家准备一起来反映。",
    "老板姓{name}，打电话不接，微信把我们拉黑了。",
    "当时没有签劳动合同，只有{job}的考勤记录和微信聊天截图。",
    "上个月{day}号去项目部要过一次，财务说甲方没有付款。",
    "孩子{n}月份要交学费，家里老人生病住院也等着用钱。",
    "公司答应{day}号发一半，结果只给了{pay}块生活费。",
    "想问一下社保断了{n}个月，能不能补缴，要带什么材料。",
    "请问失业金{day}号为什么没有到账，卡号没有换过。",
    "我住在{road}附近，想找一份{job}的工作，年纪{m}岁。",
    "{road}{sum}号门口有一位老人没有地方住，请帮忙看一下。",
    "项目做到{n}层就停了，总包说已经把{job}的钱付给分包。",
    "我们{m}个人手里都有工资条，一共{sum}块，可以提供。",
    "离职证明一直不给开，已经拖了{day}天，影响我找工作。",
    "加班从来不算钱，{n}月份一共加了{day}个晚上。",
)  # fmt: skip
_JOBS: Final = [
    "钢筋工",
    "木工",
    "瓦工",
    "油漆工",
    "服务员",
    "保安",
    "保洁",
    "快递",
    "缝纫工",
    "厨师",
    "电工",
    "焊工",
    "塔吊司机",
    "后厨",
    "分拣",
]


def cases(city: City, seed: int = 1) -> Iterator[CaseIn]:
    """Without end, always the same for one seed."""
    chance = random.Random(seed)
    while True:
        yield CaseIn.model_validate_json(json.dumps(_case(chance, city), ensure_ascii=False))


def half_filled(city: City, seed: int = 2) -> Iterator[CheckIn]:
    """Forms as far as an agent has come: the number, then the employer and the place, then the text."""
    chance = random.Random(seed)
    while True:
        body = _case(chance, city)
        steps = ("caller", "employer", "text", "kind", "amount_owed", "workers_affected")
        yield CheckIn.model_validate({name: body[name] for name in steps[: chance.randint(1, len(steps))]})


def _case(chance: random.Random, city: City) -> dict[str, object]:
    which = int(EMPLOYERS * chance.random() ** 3)  # the first has a twenty-fifth of all cases
    named = random.Random(which)
    district = chance.choice(city.districts).zh
    core = named.choice(_TRADE) + named.choice("东西南北中华兴隆") + named.choice(_LINES)
    form = chance.choice(("", "公司", "有限公司", "有限责任公司", "有限公司（项目部）"))
    site = random.Random(chance.randrange(SITES))
    return {
        "kind": chance.choice(_KINDS),
        "text": _text(chance),
        "caller": {"phone": f"138514{chance.randrange(CALLERS) % 100_000:05}"},
        "employer": {
            "name": f"{chance.choice(('', '南京'))}{core}{form}",
            "work_address": f"{district}{site.choice(_ROADS)}{site.randrange(1, 900)}号",
        },
        "amount_owed": chance.choice((None, chance.randrange(500, 60_000))),
        "workers_affected": chance.choice((None, None, chance.randrange(1, 29))),
    }


def _text(chance: random.Random) -> str:
    said = chance.sample(_PARTS, chance.randint(3, 7))
    return "".join(part.format(**_facts(chance)) for part in said)


def _facts(chance: random.Random) -> dict[str, object]:
    return {
        "n": chance.randint(1, 12), "m": chance.randint(2, 60), "day": chance.randint(1, 28),
        "job": chance.choice(_JOBS), "pay": chance.randrange(1800, 9800, 50), "road": chance.choice(_ROADS),
        "sum": chance.randrange(600, 90_000), "name": chance.choice("王李张刘陈"),
    }  # fmt: skip
