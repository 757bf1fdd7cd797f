"""The resident identity number (公民身份号码, GB 11643) as it is read out, and what can be told of it.

The check digit and a birth date that has been are hard: without them it is nobody's number. The place is
soft: divisions change, and the number of somebody born before any table is as good as another.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from stdnum.iso7064 import mod_11_2

from services.domain.names import Name
from services.domain.national import National, national
from services.domain.refusals import Refusal
from services.domain.spelling import compact, miscounted

_LENGTH: Final = 18
_FIRST_YEAR: Final = 1900
UNKNOWN_PLACE: Final = Name(
    "身份证号前六位没有对上已知的地区，请再核对一遍；老的区划代码可能查不到，核对无误可以照填。",
    "The first six digits are no place we know of: please check them. Old codes may be missing; "
    "if it is right, leave it as it is.",
)
"""A hint, never a refusal."""


@dataclass(frozen=True)
class ResidentId:
    """`number`: 18 characters, X in capitals. `place`: where it was first issued; None: no table knows it."""

    number: str = field(repr=False)
    born: date = field(repr=False)
    place: str | None = field(repr=False)

    @property
    def hint(self) -> Name | None:
        """What an agent should ask about; None where nothing is doubtful."""
        return UNKNOWN_PLACE if self.place is None else None


def resident_id(text: str, today: date, table: National | None = None) -> ResidentId:
    """The number meant by `text`. Raises Refusal. Any single wrong character is found out."""
    number = compact(text)
    if number.isascii() and number.isdigit() and len(number) == _LENGTH - 3:
        raise _refusal(
            "old",
            "15 位的旧身份证号已停用，请提供 18 位身份证号。",
            "Numbers of 15 digits are no longer valid: please give the one of 18.",
        )
    if len(number) != _LENGTH:
        zh, en = miscounted("身份证号", "A resident identity number", "character", _LENGTH, len(number))
        raise _refusal("length", zh, en)
    if not number.isascii() or not number[:-1].isdigit() or not (number[-1].isdigit() or number[-1] == "X"):
        raise _refusal(
            "characters",
            "身份证号前 17 位是数字，最后一位是数字或 X，请再核对一遍。",
            "A resident identity number has 17 digits and then a digit or X: please check it once more.",
        )
    born = _born(number[6:14], today)
    if not mod_11_2.is_valid(number):
        raise _refusal(
            "check",
            "身份证号有数字不对，请再核对一遍。",
            "A digit of the resident identity number is wrong: please check it once more.",
        )
    return ResidentId(number, born, place_of(number[:6], table or national()))


def place_of(code: str, table: National) -> str | None:
    """The place with this code, now or formerly; None if no table knows it."""
    former = {one.code: one.name for one in table.former}
    return table.full_name(code) if code in table.names else former.get(code)


def _born(digits: str, today: date) -> date:
    born: date | None
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        born = None
    if born is None or born.year < _FIRST_YEAR or born > today:
        raise _refusal(
            "birth",
            "身份证号第 7 到 14 位是出生日期，这个日期不存在或还没到，请再核对一遍。",
            "Digits 7 to 14 are the date of birth; there is no such date, or it is still to come: "
            "please check them once more.",
        )
    return born


def _refusal(reason: str, zh: str, en: str) -> Refusal:
    return Refusal(f"resident-id-{reason}", zh, en, "resident_id")
