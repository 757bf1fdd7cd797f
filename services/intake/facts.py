"""What a new case says, understood: codes instead of words, or refusals that can be read out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlsplit

from services.domain import identifiers
from services.domain.city import City
from services.domain.districts import locate, street_in
from services.domain.employers import public_name
from services.domain.kinds import Channel, Kind, ReportType
from services.domain.phones import Phone
from services.domain.places import Place
from services.domain.refusals import Refusal
from services.domain.sites import site
from services.intake.author import Author
from services.intake.schemas import CaseIn
from services.intake.triage import check_form, triage

T = TypeVar("T")


class Refusals(ValueError):
    """Several things at once cannot be taken."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(*(refusal.code for refusal in refusals))
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Facts:
    """A case in codes. Places as in CaseReceived; `phone` in E.164.

    `employer`: what tells it from others (domain/employers.py); `site`: district and place of work.
    """

    kind: Kind
    report_type: ReportType | None
    channel: Channel
    urgent: bool
    work: Place | None
    employer_place: Place | None
    residence: Place | None
    phone: Phone | None
    uscc: str | None
    employer: str | None
    site: str | None
    tags: tuple[str, ...] = ()

    @property
    def place(self) -> str | None:
        """The district that an employer's name belongs to: of the work, else of its address."""
        places = (one.district for one in (self.work, self.employer_place) if one is not None)
        return next((district for district in places if district), None)

    @property
    def confidential(self) -> bool:
        """A report (举报): who said it never leaves intake (劳动保障监察条例 art 9)."""
        return self.report_type is ReportType.REPORT


@dataclass(slots=True)
class Checks:
    """Gathers refusals, so that a form can show all of them at once."""

    found: list[Refusal] = field(default_factory=list)

    def take(self, name: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Refusal as refusal:
            self.found.append(refusal.at(name))
            return None

    def settle(self) -> None:
        """Raise Refusal for one, Refusals for several."""
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise Refusals(tuple(self.found))


def understand(given: CaseIn, city: City, author: Author) -> Facts:
    """The facts of a case. Raises Refusal, or Refusals where several things are wrong."""
    checks = Checks()
    caller, employer = given.caller, given.employer
    kind, report_type, urgent, tags = triage(given, city, author)
    checks.take("report_type", lambda: check_form(given, kind, report_type))
    checks.take("callback_url", lambda: _callback(given.callback_url, author))
    phone = uscc = work = employer_place = residence = None
    if caller.phone:
        phone = checks.take("caller.phone", partial(identifiers.phone, caller.phone, city.area_code))
    if employer.uscc:
        uscc = checks.take("employer.uscc", partial(identifiers.uscc, employer.uscc))
    place = partial(_place, city=city, author=author)
    if employer.work_district or employer.work_address:
        found = partial(place, employer.work_district, employer.work_address)
        work = checks.take("employer.work_district", found)
    if employer.address:
        employer_place = locate(employer.address, city.gazetteer).place
    if caller.residence_district or caller.residence:
        found = partial(place, caller.residence_district, caller.residence)
        residence = checks.take("caller.residence_district", found)
    checks.settle()
    channel = given.channel or _USUAL_CHANNEL[author.kind]
    names = city.employer_names
    return Facts(
        kind, report_type, channel, urgent, work, employer_place, residence, phone, uscc,
        employer=names.core(public_name(employer.name)),
        site=site(employer.work_address, work.district if work else None, names),
        tags=tuple(dict.fromkeys((*tags, *given.tags))),
    )  # fmt: skip


_USUAL_CHANNEL: Final = {"agent": Channel.PHONE, "client": Channel.API, "citizen": Channel.WEB}


def fen(amount: Decimal | None) -> int | None:
    """An amount in yuan as fen (分)."""
    return None if amount is None else int(amount * 100)


def _place(district: str | None, address: str | None, city: City, author: Author) -> Place:
    """The place that was confirmed, with the street that the address names there; else what it names."""
    if district is None:
        return locate(address or "", city.gazetteer).place
    if all(district != one.code for one in city.districts):
        raise Refusal(
            "unknown-district",
            "没有这个区划代码，请填本市的区（六位代码）。",
            "There is no such district: give the six-digit code of one of the city's districts.",
        )
    street = street_in(address, district, city.gazetteer) if address else None
    return Place(district=district, street=street, confidence="certain", evidence=author.kind)


def _callback(url: str | None, author: Author) -> None:
    if not url:
        return
    if author.client is None:
        raise Refusal(
            "callback-client",
            "只有对接系统可以填回调地址。",
            "Only another system may give an address for call-backs.",
        )
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc:
        raise Refusal(
            "callback-url",
            "回调地址应以 http:// 或 https:// 开头，不含用户名和密码。",
            "The call-back address begins with http:// or https:// and holds no user name or password.",
        )
