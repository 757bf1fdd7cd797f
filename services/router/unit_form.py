"""A unit as a form holds it: texts, lists with commas, hours such as "08:30-12:00" or "always"."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.domain.refusals import Refusal
from services.domain.units import SERVICE_OF, Unit

_SPLIT: Final = re.compile(r"[\s,，、;；]+")
_FIELDS: Final = {
    "name": ("单位名称", "name"),
    "name_en": ("英文名称", "English name"),
    "id": ("编号", "id"),
    "type": ("类别", "type"),
    "districts": ("承办的区", "districts"),
    "streets": ("承办的街道", "streets"),
    "phone": ("电话", "phone"),
    "hours": ("服务时间", "hours"),
    "contacts": ("科室电话", "contacts"),
    "superior": ("上级", "superior"),
}


class UnitForm(BaseModel):
    """`base`: the edition that the person has seen; `contacts`: a line each, "科室 | desk | phone"."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    base: int = 0
    note: str = Field(default="", max_length=2000)
    id: str = Field(default="", max_length=64)
    type: str = Field(default="", max_length=64)
    name: str = Field(default="", max_length=200)
    name_en: str = Field(default="", max_length=200)
    districts: str = Field(default="", max_length=2000)
    streets: str = Field(default="", max_length=8000)
    phone: str = Field(default="", max_length=64)
    contacts: str = Field(default="", max_length=4000)
    hours: str = Field(default="", max_length=200)
    superior: str = Field(default="", max_length=64)
    successor: str = Field(default="", max_length=64)

    @classmethod
    def of(cls, unit: Unit | None) -> "UnitForm":
        if unit is None:
            return cls()
        spans = unit.hours if isinstance(unit.hours, tuple) else ()
        hours = " ".join(f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in spans)
        return cls(
            id=unit.id, type=unit.type, name=unit.name, name_en=unit.name_en,
            districts=", ".join(unit.districts), streets=", ".join(unit.streets), phone=unit.phone or "",
            contacts="\n".join(f"{one.zh} | {one.en} | {one.phone}" for one in unit.contacts),
            hours=hours or (unit.hours if isinstance(unit.hours, str) else ""),
            superior=unit.superior or "", successor=unit.successor or "",
        )  # fmt: skip


def read_form(form: UnitForm, unit_id: str, known: Unit | None) -> Unit:
    """The unit that the form describes; whether it is open stays as it is. Refusal names the field."""
    said: dict[str, object] = known.model_dump() if known is not None else {}
    kind = next((one for one in SERVICE_OF if one == form.type), None)
    said |= {
        "id": form.id.strip() if unit_id == "new" else unit_id,
        "type": form.type,
        "service": SERVICE_OF[kind] if kind else form.type,
        "name": form.name.strip(),
        "name_en": form.name_en.strip(),
        "districts": _codes(form.districts),
        "streets": _codes(form.streets),
        "phone": form.phone.strip() or None,
        "contacts": [_contact(line) for line in form.contacts.splitlines() if line.strip()],
        "hours": _hours(form.hours),
        "superior": form.superior.strip() or None,
    }
    try:
        return Unit.model_validate(said)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else "name"
        zh, en = _FIELDS.get(field, (field, field))
        raise Refusal("invalid-request", f"“{zh}”填写不对。", f"Check “{en}”.", field) from None


def _codes(text: str) -> list[str]:
    return [one for one in _SPLIT.split(text.strip()) if one]


def _hours(text: str) -> object:
    if not (words := _codes(text)):
        return None
    if words == ["always"]:
        return "always"
    return [dict(zip(("opens", "closes"), re.split(r"[-–~～]", word), strict=False)) for word in words]


def _contact(line: str) -> dict[str, str]:
    return dict(zip(("zh", "en", "phone"), (part.strip() for part in line.split("|")), strict=False))
