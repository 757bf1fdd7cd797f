"""One sentence per event, for whoever may read the case. Codes become names, units their titles.

Only fields that texts.TIMELINE lists are ever shown, so nothing sealed gets in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.domain.city import City
from services.domain.event import Event
from services.domain.identifiers import group_number
from services.domain.texts import TIMELINE, fill

_GROUP: Final[Mapping[tuple[str, str], str]] = {
    ("CaseHeld", "reason"): "hold",
    ("TaskObjected", "reason"): "objection",
    ("TaskUndeliverable", "reason"): "undeliverable",
    ("CaseClosed", "reason"): "close",
    ("CallerInformed", "channel"): "informed_by",
    ("CallerUnreachable", "channel"): "informed_by",
    ("DeadlinePaused", "reason"): "pause",
    ("DeadlineExtended", "reason"): "extension",
    ("StaffAlerted", "reason"): "alert",
    ("AlertAcknowledged", "channel"): "acknowledged_by",
    ("TaskProgressed", "hand_back"): "kind",
}
"""Where one field name means different vocabularies; otherwise the field's own name is the group."""


_FIELD_OF: Final[Mapping[str, str]] = {
    "unit_name": "unit",
    "proposed_unit_name": "proposed_unit",
    "successor_name": "successor",
    "amount": "amount_recovered_fen",
    "owed": "amount_owed_fen",
}


def sentence(event: Event, city: City, language: str) -> str:
    """What happened, in the reader's language. An event from a newer service is told by its name."""
    name = type(event).__name__
    wording = city.texts.timeline.get(name)
    if wording is None:
        return name
    values = _values(event, city, language)
    return fill(wording.in_language(language), {key: value for key, value in values.items() if value})


def _values(event: Event, city: City, language: str) -> dict[str, str]:
    name = type(event).__name__
    values = {"by": event.by or ""}
    for field in TIMELINE[name]:
        source = _FIELD_OF.get(field, field)
        value = getattr(event, source, None)
        if value is not None:
            values[field] = _told(name, field, value, city, language)
    return values


def _told(event: str, field: str, value: object, city: City, language: str) -> str:
    if field.endswith("unit_name") or field == "successor_name":
        return city.unit_name(str(value), language)
    if field == "number":
        return group_number(str(value))
    if field == "district":
        return city.district_name(str(value), language)
    if field in ("amount", "owed") and isinstance(value, int):
        return yuan(value, language)
    if field == "level":
        return city.level_name(str(value), language)
    if isinstance(value, datetime):
        return f"{value.astimezone(ZoneInfo(city.hours.zone)):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return city.texts.name("flag", field, language) if value else ""
    if field == "clock":
        return city.clock_name(str(value), language)
    group = _GROUP.get((event, field), field)
    codes = value if isinstance(value, tuple) else (value,)
    separator = ", " if language.lower().startswith("en") else "、"
    return separator.join(city.texts.name(group, str(code), language) for code in codes)


def yuan(fen: int, language: str) -> str:
    """An amount in fen (分) as people write it: 8,400元 or CNY 8,400, with fen only where there are any."""
    whole, rest = divmod(fen, 100)
    amount = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    return f"CNY {amount}" if language.lower().startswith("en") else f"{amount}元"
