"""Invented addresses of a city, each with what it should be read as. One seed gives the same addresses."""

import random
import zlib
from collections import Counter
from typing import Final, Literal, NamedTuple

from services.domain.home import Home
from services.domain.national import National

Part = Literal["tuning", "held-out"]

ROADS: Final = (
    *("北京西路", "上海路", "江宁路", "长寿路", "中山南路", "解放路", "建设大道", "苏州大道", "人民路"),
    *("朝阳路", "西湖大道", "天元中路", "新华街", "前进村", "科技园", "创业路", "滨江大道", "光华路"),
    *("黄河路", "长江中路", "汉口路", "文化路", "府前街", "工业园三期", "李家村", "火车站", "建材市场"),
)
SENTENCES: Final = (
    "我在{}打工，老板三个月没发工资了",
    "工地在{}，包工头跑了",
    "你好，我要反映{}这边的一家厂欠薪",
    "单位地址是{}，电话打不通",
    "我住{}，想找一份保洁的工作",
    "就是{}那个工地，二十多个人都没拿到钱",
)


class Case(NamedTuple):
    """`district`, `street`: codes to be found; district "" where the address must be unsure."""

    variant: str
    address: str
    district: str
    street: str = ""


class Maker:
    """Addresses of one home city, from the streets of one part."""

    def __init__(self, home: Home, table: National, part: Part, seed: int) -> None:
        self.home, self.table = home, table
        self.chance = random.Random(f"{seed}-{home.code}")
        streets = {code: name for code, name in home.streets.items() if part_of(code) == part}
        self.streets = sorted(streets.items())
        self.called = Counter(home.streets.values())
        self.written: dict[str, str] = {}
        for old, new in sorted(table.simplified.items()):
            self.written.setdefault(new, chr(old))
        self.part: Part = part

    def street(self, once: bool = False) -> tuple[str, str, str]:
        """(code, name, code of its district); `once`: of a name that no other at home has."""
        pool = [each for each in self.streets if not once or self.called[each[1]] == 1]
        code, name = self.chance.choice(pool or self.streets)
        return code, name, next(one for one in self.home.districts if code.startswith(one))

    def road(self) -> str:
        return f"{self.chance.choice(ROADS)}{self.chance.randint(1, 399)}号"

    def named(self, district: str) -> str:
        """The district after its city; a city that is its own district is named once."""
        return "" if self.home.is_whole else self.home.districts[district]


def part_of(code: str) -> Part:
    return "held-out" if zlib.crc32(code.encode()) % 2 else "tuning"
