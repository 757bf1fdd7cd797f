"""How people shorten and vary official names: 江苏, 延边 for 延边朝鲜族自治州, 东山镇 for 东山街道."""

import re
from collections.abc import Iterator
from typing import Final

_PEOPLES: Final = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族|佤族|畲族|"
    "高山族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|阿昌族|普米族|"
    "塔吉克族|怒族|乌孜别克族|俄罗斯族|鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族|独龙族|鄂伦春族|赫哲族|门巴族|珞巴族|基诺族|各族"
)
_SHORT_PEOPLES: Final = "蒙古|哈萨克|柯尔克孜|塔吉克|锡伯"
_AUTONOMOUS: Final = re.compile(
    rf"(?<=[\u4e00-\u9fff])(?:{_PEOPLES}|{_SHORT_PEOPLES})+自治(?=[州县旗])|(?<=..)(?:{_PEOPLES})+(?=区$)"
)
_LARGE: Final = re.compile(r"(特别行政区|(壮族|回族|维吾尔)?自治区|地区|省|市|盟|州)$")
_COUNTY: Final = re.compile(r"(?<=..)(新区|林区|特区|自治县|自治旗|区|县|市|旗)$")
_STREET: Final = re.compile(rf"(?:(?:{_PEOPLES})+乡|民族乡|街道|镇|乡|苏木|区公所)$")
_GENERIC: Final = re.compile(r"[东南西北中内外上下城郊市新老矿]+区")
_VARIANTS: Final = ("街道", "镇", "乡", "办事处")


def plain(name: str) -> str:
    """Without the peoples: 延边州, 融水县, 管城区; the name itself where there are none."""
    return _AUTONOMOUS.sub("", name)


def large(name: str) -> str:
    """A province's or prefecture's short name: 江苏, 南京, 延边, 内蒙古."""
    return _LARGE.sub("", plain(name))


def county(name: str) -> str:
    """A county's or district's short name, at least two characters: 江宁, 浦东; "" where none is (沛县)."""
    short = _COUNTY.sub("", plain(name))
    return "" if short == plain(name) else short


def stem(street: str) -> str:
    """A street's or town's name without its kind: 秣陵; "" if less than two characters are left (张镇)."""
    short = _STREET.sub("", street)
    return short if len(short) > 1 else ""


def variants(street: str) -> Iterator[str]:
    """The same place as another kind: towns become streets, and people go on saying 东山镇."""
    if short := stem(street):
        yield from (short + kind for kind in _VARIANTS if short + kind != street)


def is_generic(name: str) -> bool:
    """Whether a district's name is in everyone's mouth for a part of a town: 城区, 新城区, 市中区."""
    return (len(name) < 3 and not name.endswith(("县", "市"))) or _GENERIC.fullmatch(name) is not None
