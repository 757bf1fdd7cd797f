"""From a page's form to a case, and from problems back to its fields. What was typed is kept by the page."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic_core import to_json
from starlette.datastructures import FormData

from services.domain.kinds import Channel
from services.domain.spelling import compact
from services.intake.halfway import CheckIn
from services.intake.reading import parse
from services.intake.schemas import CallIn, CaseIn
from services.kernel.language import Language
from services.kernel.validation import FieldProblem

KEY: Final = "form_key"
"""Hidden field: the same form sent twice is one case."""

_TOP: Final = (
    "kind",
    "report_type",
    "channel",
    "text",
    "amount_owed",
    "workers_affected",
    "recording_ref",
    "linked_to",
)
_CALLER: Final = {
    "name": "name", "phone": "phone", "residence": "residence", "residence_district": "residence_district",
}  # fmt: skip
_EMPLOYER: Final = {
    "employer_name": "name", "uscc": "uscc", "work_address": "work_address", "work_district": "work_district",
    "employer_address": "address",
}  # fmt: skip
FIELDS: Final = (*_TOP, *_CALLER, *_EMPLOYER, "urgent", "petition", "anonymous", KEY)
_FIELD_OF: Final[Mapping[str, str]] = {
    **{f"caller.{name}": field for field, name in _CALLER.items()},
    **{f"employer.{name}": field for field, name in _EMPLOYER.items()},
}
"""Where on the form a problem of the API's field is shown."""


def typed(form: FormData) -> dict[str, str]:
    """What was typed, field by field; fields that the form does not have are empty."""
    return {name: _text(form, name) for name in FIELDS}


def case_in(values: Mapping[str, str], channel: Channel | None = None) -> CaseIn:
    """The case of a form. Raises Problem with a line for each field that cannot be taken."""
    body = _body(values)
    if channel is not None:
        body["channel"] = channel.value
    return parse(to_json(body), CaseIn)


def check_in(values: Mapping[str, str]) -> CheckIn:
    """The form as far as it is filled."""
    return CheckIn.model_validate(_body(values))


def call_in(values: Mapping[str, str]) -> CallIn:
    """What the caller says about a case that is open. Raises Problem as `case_in`."""
    body = {name: values[name] for name in ("text", "phone", "channel") if values[name]}
    return parse(to_json(body), CallIn)


def _body(values: Mapping[str, str]) -> dict[str, object]:
    body: dict[str, object] = {name: values[name] for name in _TOP if values[name]}
    body["caller"] = _part(values, _CALLER) | {"anonymous": values["anonymous"] == "true"}
    body["employer"] = _part(values, _EMPLOYER)
    body["tags"] = ["petition"] if values["petition"] == "true" else []
    body["urgent"] = True if values["urgent"] == "true" else None
    if values["amount_owed"]:
        body["amount_owed"] = compact_amount(values["amount_owed"])
    if (people := compact(values["workers_affected"])).isdecimal():
        body["workers_affected"] = int(people[:9])
    return body


def compact_amount(text: str) -> str:
    """An amount as people write it ("8,400元", "８４００") as a number."""
    plain = "".join(sign for sign in text.translate(_FULL_WIDTH) if sign not in ", ，￥¥元")
    return plain or text


_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．", "0123456789.")


def errors_of(problems: Sequence[FieldProblem], language: Language) -> list[tuple[str, str]]:
    """(field of the form, sentence) for the error summary and the fields, in the form's order."""
    found = [
        (_FIELD_OF.get(one.field, one.field), one.en if language == "en" else one.zh) for one in problems
    ]
    return sorted(found, key=lambda pair: FIELDS.index(pair[0]) if pair[0] in FIELDS else len(FIELDS))


def _part(values: Mapping[str, str], names: Mapping[str, str]) -> dict[str, object]:
    return {name: values[field] for field, name in names.items() if values[field]}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
