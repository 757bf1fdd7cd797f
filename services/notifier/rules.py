"""Who is told in which way, and when: pure functions of the contact, the clock and the city's hours."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberFormat
from pydantic import BaseModel, ConfigDict

from services.domain.hours import Hours

Reach = Literal["sms", "call", "web"]
MAINLAND_MOBILE: Final = "+861"
A_DAY: Final = timedelta(hours=24)  # a text message that is later than this is no news: a person phones


class Contact(BaseModel):
    """What intake seals as `contact`. `phone` in E.164; `code`: the tracking code (查询码)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: str | None = None
    phone: str | None = None
    phone_kind: str | None = None
    callback_url: str | None = None
    callback_client: str | None = None
    code: str | None = None


def reach_of(contact: Contact) -> Reach | None:
    """How the caller hears the result. Only mainland mobiles get text messages."""
    if contact.phone:
        is_mobile = contact.phone_kind == "mobile" and contact.phone.startswith(MAINLAND_MOBILE)
        return "sms" if is_mobile else "call"
    return "web" if hook_of(contact) else None


def hook_of(contact: Contact) -> str | None:
    """The destination of the subscriber's webhook; None without an address or a client whose secret signs."""
    if not contact.callback_url or not contact.callback_client:
        return None
    try:
        host = urlsplit(contact.callback_url).hostname
    except ValueError:
        return None
    return f"webhook:{host[:200]}" if host else None


def awake(at: datetime, hours: Hours) -> datetime:
    """`at`, or the end of the quiet hours that it falls into (UTC)."""
    zone, quiet = ZoneInfo(hours.zone), hours.quiet
    local = at.astimezone(zone)
    time, over_night = local.time(), quiet.begins > quiet.ends
    late, early = time >= quiet.begins, time < quiet.ends
    if not (late or early if over_night else late and early):
        return at
    day = local.date() + timedelta(days=1) if over_night and late else local.date()
    return datetime.combine(day, quiet.ends, zone).astimezone(UTC)


def may_disturb(at: datetime, urgent: bool, hours: Hours) -> datetime:
    """From when on the caller may be disturbed; for an urgent case at any hour."""
    return at if urgent else awake(at, hours)


def next_attempt(at: datetime, urgent: bool, hours: Hours) -> datetime:
    """When a call that nobody took at `at` is tried again."""
    return may_disturb(at + timedelta(hours=hours.callback.hours_apart), urgent, hours)


def masked(phone: str) -> str:
    """A number of which only the last four digits may be seen."""
    return "*" * max(0, len(phone) - 4) + phone[-4:]


def national(phone: str) -> str:
    """A number (E.164) as it is dialled and read out here: 025 5555 0100, 138 0013 8000."""
    number = phonenumbers.parse(phone, None)
    here = number.country_code == 86
    form = PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
