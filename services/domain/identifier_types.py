"""Identifiers as fields of pydantic models: a text comes in as people write it, the canonical form goes on.

What cannot be one is a validation error whose cause is the Refusal, with a sentence that can be read out.
What numbers are read by comes with the validation: `Model.model_validate(said, context=Known(…))`.
"""

from datetime import date
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from services.domain.identifiers import parse_number, uscc
from services.domain.phones import Phone, phone
from services.domain.refusals import Refusal
from services.domain.resident_ids import ResidentId, resident_id


class Known(NamedTuple):
    """`area_code`: of the home city, for numbers without one ("025"); `today`: here, for dates of birth."""

    area_code: str
    today: date


def _phone(said: object, info: ValidationInfo) -> Phone:
    return phone(_text(said, "phone"), _known(info).area_code)


def _resident_id(said: object, info: ValidationInfo) -> ResidentId:
    return resident_id(_text(said, "resident_id"), _known(info).today)


def _text(said: object, field: str) -> str:
    if not isinstance(said, str):
        raise Refusal(f"{field.replace('_', '-')}-text", "应为文字。", "This must be a text.", field)
    return said


def _known(info: ValidationInfo) -> Known:
    if not isinstance(info.context, Known):
        raise TypeError("validate with context=Known(...)")  # our own mistake, no one's input
    return info.context


_TEXT = WithJsonSchema({"type": "string"})
CaseNumber = Annotated[str, AfterValidator(parse_number)]
CreditCode = Annotated[str, AfterValidator(uscc)]
"""统一社会信用代码."""
Telephone = Annotated[
    Phone, PlainValidator(_phone), PlainSerializer(lambda one: one.written, return_type=str), _TEXT
]
ResidentNumber = Annotated[
    ResidentId, PlainValidator(_resident_id), PlainSerializer(lambda one: one.number, return_type=str), _TEXT
]
"""公民身份号码."""
