"""What an address says about where it is: the answer of districts.locate, for programs and for people."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.domain.names import Name
from services.domain.places import Confidence, Place

REASONS: Final[Mapping[str, Name]] = {
    "not_utf8": Name(
        "这一行不是 UTF-8 编码的文字，请转成 UTF-8 再试。",
        "This line is not text in UTF-8: please convert it and try again.",
    ),
    "empty": Name("没有写地址。", "There is no address."),
    "too_long": Name(
        "超过一千字，不像地址：请只写地址。", "Over a thousand characters: give the address alone."
    ),
    "elsewhere": Name(
        "写到了外地，请核对是不是本市。", "It names a place outside the home city: please check."
    ),
    "several": Name("可能在不止一个区，请核对。", "It may be in more than one district: please check."),
    "near": Name(
        "只说了在哪里附近或者不在哪里，请问清楚。", "It only says what it is near to, or where it is not."
    ),
    "shared": Name(
        "外地也有同名的地方，没有写市名。", "Other cities have this name too, and no city is given."
    ),
    "unknown": Name(
        "没有认出本市的区、街道或镇。", "No district, street or town of the home city was recognised."
    ),
}
"""Why an address is unsure."""

CONFIDENCES: Final[Mapping[Confidence, Name]] = {
    "certain": Name("确定", "certain"),
    "likely": Name("很可能", "likely"),
    "unsure": Name("拿不准", "unsure"),
}


class Alternative(NamedTuple):
    """A place that the address may mean. `code`: six digits; `name`: with its city where that is another one.

    `street`: nine digits, "" where no street (街道、镇、乡) was named.
    """

    code: str
    name: str
    street: str = ""
    street_name: str = ""


class Location(NamedTuple):
    """`district`: six digits, None exactly when `confidence` is "unsure"; `street`: nine digits, if one was
    recognised in that district. `evidence`: names of the table that decided or that contradict each other.
    `reason`: of an unsure one, a key of REASONS; else "".
    """

    confidence: Confidence
    district: str | None = None
    name: str = ""
    street: str | None = None
    street_name: str = ""
    evidence: str = ""
    alternatives: tuple[Alternative, ...] = ()
    reason: str = ""

    @property
    def place(self) -> Place:
        """What travels with the case: codes and evidence, never the address."""
        return Place(
            district=self.district, street=self.street, confidence=self.confidence, evidence=self.evidence
        )
