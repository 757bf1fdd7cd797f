"""What a job seeker looks for (求职意向): read from what was said, put right by the assistant. Pure."""

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.employment_adapter.occupations import named_in

Near = Literal["street", "district", "city"]
_TENS: Final = {
    "十": 10, "二十": 20, "三十": 30, "四十": 40, "五十": 50, "六十": 60, "七十": 70,
}  # fmt: skip
_DIGITS: Final = {one: value for value, one in enumerate("一二三四五六七八九", 1)} | {"两": 2}
_AGE: Final = re.compile(
    r"(?<![\d一-九百])(?:(\d{2})|([二三四五六七]?十)([一二三四五六七八九])?)\s*(?:周岁|岁)"
)
_PAY: Final = re.compile(
    r"(?:(\d{4,5})|(\d|[一二两三四五六七八九])千(?:([一二三四五六七八九1-9])百?)?)\s*(?:元|块)?(?:钱)?"
    r"\s*(?:以上|左右|起|就行|就可以|一个?月|/月|每月)"
)
_NO_NIGHTS: Final = re.compile(
    r"(?:不|没法|不能|不想|不要)[^，。；]{0,3}(?:夜班|晚班|值夜|倒班)|晚上[^，。；]{0,3}(?:不能|不行|没法)"
)
_NEAR: Final = re.compile(r"附近|家门口|离家近|就近|步行")
_SOMEBODY_ELSE: Final = re.compile(
    r"(?:孩子|儿子|女儿|老人|母亲|父亲|爱人|丈夫|妻子|老婆|老公)[^，。；]{0,4}$"
)


class Wish(BaseModel):
    """`occupations`: codes; none: any. `pay`: yuan a month at least. `nights`: whether nights are possible.

    `near`: no farther than the own street, the own district, or anywhere in the city.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    occupations: tuple[str, ...] = ()
    pay: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    age: Annotated[int | None, Field(ge=16, le=100)] = None
    nights: bool = True
    near: Near = "city"


def read_wish(text: str) -> Wish:
    """What the record says of it. What it leaves open stays open: the assistant asks."""
    return Wish(
        occupations=named_in(text),
        pay=_pay(text),
        age=_age(text),
        nights=_NO_NIGHTS.search(text) is None,
        near="district" if _NEAR.search(text) else "city",
    )


def _age(text: str) -> int | None:
    """The first age that is not said of somebody else."""
    for found in _AGE.finditer(text):
        if _SOMEBODY_ELSE.search(text[: found.start()]):
            continue
        digits, tens, ones = found.groups()
        age = int(digits) if digits else _TENS[tens] + (_DIGITS[ones] if ones else 0)
        if 16 <= age <= 100:
            return age
    return None


def _pay(text: str) -> int | None:
    found = _PAY.search(text)
    if found is None:
        return None
    plain, thousands, hundreds = found.groups()
    return int(plain) if plain else 1000 * _digit(thousands) + 100 * (_digit(hundreds) if hundreds else 0)


def _digit(said: str) -> int:
    return int(said) if said.isdigit() else _DIGITS[said]
