"""The numbers people read out: case number, tracking code, credit code (phones: `phones.py`).

Each is taken however it is written (lower case, full-width, in groups) and returned in one canonical form.
What cannot be one is refused with a sentence that an agent can read out.
"""

import random
import re
from typing import Final

from stdnum.cn import uscc as credit_code
from stdnum.iso7064 import mod_37_36

from services.domain.phones import Phone, phone
from services.domain.refusals import Refusal
from services.domain.spelling import compact, miscounted

__all__ = ["Phone", "case_number", "group_number", "parse_number", "phone", "tracking_code", "uscc"]

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that nothing is misread."""

_NUMBER_LENGTH: Final = 11
_MISREAD: Final = str.maketrans("OIL", "011")

# The registering authority may be a letter (N: rural collectives), which stdnum.cn.uscc.validate refuses.
_USCC_FORM: Final = re.compile(r"[0-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def case_number(random: random.Random) -> str:
    """A new case number: ten random characters that nobody can guess and a check character (as ISO 7064)."""
    drawn = random.getrandbits(5 * (_NUMBER_LENGTH - 1))
    body = "".join(ALPHABET[drawn >> place & 31] for place in range(0, 5 * (_NUMBER_LENGTH - 1), 5))
    return body + mod_37_36.calc_check_digit(body, alphabet=ALPHABET)


def parse_number(text: str) -> str:
    """The case number meant by `text`; O is read as 0, I and L as 1.

    Raises Refusal. Any single wrong character is found out.
    """
    number = compact(text).translate(_MISREAD)
    if len(number) != _NUMBER_LENGTH:
        zh, en = miscounted("案件编号", "A case number", "character", _NUMBER_LENGTH, len(number))
        raise Refusal("case-number-length", zh, en, "number")
    if any(sign not in ALPHABET for sign in number):
        raise Refusal(
            "case-number-characters",
            "案件编号只含数字和英文字母，且没有字母 U，请再核对一遍。",
            "A case number holds digits and letters only, and never a U: please check it once more.",
            "number",
        )
    if not mod_37_36.is_valid(number, alphabet=ALPHABET):
        raise Refusal(
            "case-number-check",
            "案件编号有字符不对，请再核对一遍。",
            "A character of the case number is wrong: please check it once more.",
            "number",
        )
    return number


def group_number(number: str) -> str:
    """The case number as it is printed and read out: XXXX-XXXX-XXX."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def tracking_code(random: random.Random) -> str:
    """A new tracking code (查询码), six digits: with the case number it opens the citizen's view."""
    return f"{random.randrange(10**6):06}"


def uscc(text: str) -> str:
    """The unified social credit code (统一社会信用代码, GB 32100) meant by `text`.

    18 characters; O is read as 0, I as 1. Raises Refusal. Any single wrong character is found out.
    """
    code = compact(text).translate(str.maketrans("OI", "01"))
    if len(code) != 18:
        zh, en = miscounted("统一社会信用代码", "A unified social credit code", "character", 18, len(code))
        raise Refusal("uscc-length", zh, en, "uscc")
    if not _USCC_FORM.fullmatch(code):
        raise Refusal(
            "uscc-characters",
            "统一社会信用代码第 3 到 8 位是数字，且不含字母 I、O、S、V、Z，请再核对一遍。",
            "In a unified social credit code characters 3 to 8 are digits, and I, O, S, V, Z never occur: "
            "please check it once more.",
            "uscc",
        )
    if credit_code.calc_check_digit(code) != code[-1]:
        raise Refusal(
            "uscc-check",
            "统一社会信用代码有字符不对，请再核对一遍。",
            "A character of the unified social credit code is wrong: please check it once more.",
            "uscc",
        )
    return code
