"""A caller's telephone number, however it is written, in the one form that a gateway takes.

Mainland numbers are read by our own rules, so that a refusal can say what is missing, and confirmed by
`phonenumbers`; a number with another country's code is left to `phonenumbers` alone.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from services.domain.refusals import Refusal
from services.domain.spelling import compact, miscounted

_MOBILE: Final = re.compile(r"1[3-9]\d*")
_AS_STORED: Final = re.compile(r"1[3-9][0-9]{9}")  # as other systems keep a mobile: nothing to read out of it
_SERVICE: Final = re.compile(r"1[0-2]\d{1,4}|9[56]\d{3,6}|[48]00\d{7}")
_COUNTRY: Final = re.compile(r"86(1[3-9]\d{5,}|\d{10,})")
_LANDLINE_TYPES: Final = (PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


# 转801, 分机 801, ext. 801, #801, and 025-84391234-801 where the area code makes clear which part is which.
_EXTENSION: Final = re.compile(
    r"(?:转|轉|分机号?|分機號?|;?\s*ext(?:ension|n)?\.?\s*=?|[#x*,])\s*:?\s*([0-9]{1,6})\s*$", re.IGNORECASE
)
_DASHED: Final = re.compile(r"^((?:\+?86[\s-]*)?\(?0\d{2,3}\)?[\s-]*\d{7,8})\s*-\s*([0-9]{1,5})\s*$")


@dataclass(frozen=True)
class Phone:
    """A number in E.164 form (+86…). A landline (固定电话) gets a call, never a text message.

    `extension` (分机号): one to six digits behind a landline's switchboard.
    """

    e164: str = field(repr=False)
    kind: Literal["mobile", "landline"]
    extension: str | None = field(default=None, repr=False)

    @property
    def written(self) -> str:
        """With its extension, as RFC 3966 writes it: +862584391234;ext=801. `phone` reads it again."""
        return self.e164 if self.extension is None else f"{self.e164};ext={self.extension}"


def phone(text: str, area_code: str) -> Phone:
    """The number meant by `text`; a bare local number lies in `area_code` ("025"). Raises Refusal."""
    if _AS_STORED.fullmatch(text):
        return _mobile(text)
    main, extension = _without_extension(text)
    found = _read(compact(main), area_code)
    if extension is None:
        return found
    if found.kind == "mobile":
        raise _refusal(
            "extension",
            "手机号没有分机号，请再核对一遍。",
            "A mobile number has no extension: please check it again.",
        )
    return replace(found, extension=extension)


def _without_extension(text: str) -> tuple[str, str | None]:
    plain = unicodedata.normalize("NFKC", text)
    dashes = re.sub("[‐‑‒–—―−]", "-", plain)
    if found := _DASHED.match(dashes.strip()):
        return found[1], found[2]
    if found := _EXTENSION.search(plain):
        return plain[: found.start()], found[1]
    return plain, None


def _read(dialled: str, area_code: str) -> Phone:
    if not dialled:
        raise _refusal("missing", "请提供电话号码。", "Please give a telephone number.")
    if not re.fullmatch(r"\+?[0-9]+", dialled):
        raise _refusal(
            "characters",
            "电话号码里只能有数字；有分机的，在号码后面写“转”和分机号。",
            "A telephone number holds digits only; an extension follows it after “ext”.",
        )
    if dialled.startswith("00"):
        dialled = "+" + dialled[2:]
    if _COUNTRY.fullmatch(dialled):
        dialled = "+" + dialled
    if dialled.startswith("+86"):
        return _with_area(dialled[3:].removeprefix("0"))
    if dialled.startswith("+"):
        return _abroad(dialled)
    if dialled.startswith("0"):
        return _with_area(dialled[1:])
    return _as_dialled(dialled, area_code.removeprefix("0"))


def _as_dialled(digits: str, home: str) -> Phone:
    """A number without any prefix: a mobile, a local number, or one whose area code lost its 0."""
    if _MOBILE.fullmatch(digits):
        return _mobile(digits)
    if digits.startswith("106"):
        raise _sender()
    if _SERVICE.fullmatch(digits):
        raise _refusal(
            "service",
            "这是服务热线号码，不能用来联系本人，请留手机号或固定电话。",
            "This is a service number, which nobody can be reached at: please give a number of your own.",
        )
    if len(digits) > 8 and _type_of(_mainland(digits)) in _LANDLINE_TYPES:
        return Phone(_written(_mainland(digits)), "landline")
    return _landline(home, digits)


def _with_area(national: str) -> Phone:
    if _MOBILE.fullmatch(national):
        return _mobile(national)
    if national.startswith("106") and len(national) > 10:  # shorter ones are landlines of Beijing: 010 6…
        raise _sender()
    length = 2 if national.startswith(("10", "2")) else 3
    return _landline(national[:length], national[length:])


def _mobile(digits: str) -> Phone:
    if len(digits) != 11:
        raise _refusal("length", *miscounted("手机号", "A mobile number", "digit", 11, len(digits)))
    if not _is_mobile_block(digits[:7]):
        raise _unknown()
    return Phone(f"+86{digits}", "mobile")


@lru_cache(maxsize=4096)
def _is_mobile_block(block: str) -> bool:
    """Whether numbers that begin with these seven digits (号段) are mobiles: they are given out in blocks."""
    return _type_of(_mainland(block.ljust(11, "0"))) == PhoneNumberType.MOBILE


def _landline(area: str, local: str) -> Phone:
    if _is_landline(area, local):
        return Phone(_written(_mainland(area + local)), "landline")
    for length in (8, 7):
        if len(local) != length and _is_landline(area, local[:length].ljust(length, "5")):
            zh, en = miscounted(
                "固定电话（不含区号）", "A landline without its area code", "digit", length, len(local)
            )
            raise _refusal("length", zh, en)
    raise _unknown()


def _is_landline(area: str, local: str) -> bool:
    if not 7 <= len(local) <= 8 or local[0] in "01":  # phonenumbers takes 1…, which no subscriber has
        return False
    return _type_of(_mainland(area + local)) in _LANDLINE_TYPES


def _abroad(dialled: str) -> Phone:
    try:
        number = phonenumbers.parse(dialled, None)
    except NumberParseException:
        raise _unknown() from None
    if not phonenumbers.is_valid_number(number):
        raise _unknown()
    return Phone(_written(number), "mobile" if _type_of(number) == PhoneNumberType.MOBILE else "landline")


def _mainland(national: str) -> PhoneNumber:
    return PhoneNumber(country_code=86, national_number=int(national))


def _type_of(number: PhoneNumber) -> int:
    return phonenumbers.number_type(number)


def _written(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _refusal(reason: str, zh: str, en: str) -> Refusal:
    return Refusal(f"phone-{reason}", zh, en, "phone")


def _sender() -> Refusal:
    return _refusal(
        "sender",
        "106 开头的是短信平台号码，打不通，请留本人的手机号或固定电话。",
        "Numbers that begin with 106 only send text messages: please give a number of your own.",
    )


def _unknown() -> Refusal:
    return _refusal(
        "unknown", "没有这样的电话号码，请再核对一遍。", "There is no such number: please check it again."
    )
