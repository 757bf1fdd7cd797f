"""The city's vacancies in the store: the list replaced as a whole, and those that suit a seeker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sqlalchemy import delete
from sqlmodel import Session, case, col, or_, select

from services.domain.city import City
from services.domain.districts import locate
from services.domain.names import Name
from services.employment_adapter.models import Vacancy
from services.employment_adapter.occupations import named_in, occupations
from services.employment_adapter.vacancy_list import Line, Listed, Rejected
from services.employment_adapter.wishes import Wish
from services.kernel.columns import table
from services.kernel.sql import Sql
from services.kernel.tx import Tx

SHOWN: Final = 10
DISTANCES: Final = {
    "street": Name("同一街道", "same street"),
    "district": Name("同一区", "same district"),
    "city": Name("本市其他区", "elsewhere in the city"),
}
_EMPTY: Final = Sql(delete(table(Vacancy)))


@dataclass(frozen=True)
class Area:
    """Where a seeker lives: codes of six and nine digits, as far as they are known."""

    district: str | None
    street: str | None


@dataclass(frozen=True)
class Match:
    """A vacancy that suits, how far it is, and why it was proposed."""

    vacancy: Vacancy
    distance: Literal["street", "district", "city"]
    why: Sequence[Name]


def placed(line: Line, city: City) -> Vacancy | Rejected:
    """The vacancy with its occupation and the codes of its place; rejected where that is not in the city."""
    number, listed = line
    if isinstance(listed, Rejected):
        return listed
    place = locate(listed.address, city.gazetteer).place
    ours = {one.code for one in city.districts}
    if place.confidence == "unsure" or place.district not in ours:
        zh, en = "看不出在本市哪个区", "its district is not clear, or not in this city"
        return Rejected(number, "address", zh, en)
    street = place.street[:9] if place.street else None
    return _row(listed, str(place.district), street)


def replace_all(tx: Tx, rows: Iterable[Vacancy]) -> None:
    """The list is what the city says today: what is no longer in it is gone."""
    tx.run(_EMPTY)
    for row in rows:
        tx.insert(Vacancy, **row.model_dump())


def suitable(session: Session, wish: Wish, area: Area, today: date, limit: int = SHOWN) -> list[Match]:
    """What fits the wish: nearest first, then best paid. Age limits, pay and nights are never bent."""
    near, same = col(Vacancy.street) == area.street, col(Vacancy.district) == area.district
    found = select(Vacancy).where(col(Vacancy.until) >= today)
    if wish.occupations:
        found = found.where(col(Vacancy.occupation).in_(wish.occupations))
    if wish.age is not None:
        found = found.where(Vacancy.age_min <= wish.age, Vacancy.age_max >= wish.age)
    if wish.pay is not None:
        found = found.where(Vacancy.pay_max >= wish.pay)
    if not wish.nights:
        found = found.where(col(Vacancy.nights).is_(False))
    if wish.near != "city":
        found = found.where(near if wish.near == "street" else or_(near, same))
    far = case((near, 0), (same, 1), else_=2)
    rows = session.exec(found.order_by(far, col(Vacancy.pay_max).desc(), col(Vacancy.id)).limit(limit))
    return [_match(row, wish, area) for row in rows]


def chosen(session: Session, ids: Sequence[str]) -> list[Vacancy]:
    """These vacancies, in this order; one that has left the list is left out."""
    rows = {row.id: row for row in session.exec(select(Vacancy).where(col(Vacancy.id).in_(ids)))}
    return [rows[one] for one in ids if one in rows]


def _row(listed: Listed, district: str, street: str | None) -> Vacancy:
    named = named_in(listed.title) or named_in(listed.requirements)
    return Vacancy(
        **listed.model_dump(), occupation=named[0] if named else "", district=district, street=street
    )


def _match(row: Vacancy, wish: Wish, area: Area) -> Match:
    distance: Literal["street", "district", "city"] = "city"
    if area.street is not None and row.street == area.street:
        distance = "street"
    elif row.district == area.district:
        distance = "district"
    why = [DISTANCES[distance]]
    if row.occupation in wish.occupations:
        known = occupations()[row.occupation]
        why.append(Name(f"工种相符：{known.zh}", f"occupation: {known.en}"))
    if wish.pay is not None:
        why.append(Name(f"月薪可达 {row.pay_max} 元", f"pays up to {row.pay_max} yuan"))
    if wish.age is not None:
        why.append(Name(f"年龄 {row.age_min}–{row.age_max}", f"age {row.age_min}–{row.age_max}"))
    if not wish.nights:
        why.append(Name("不上夜班", "no nights"))
    return Match(row, distance, why)
