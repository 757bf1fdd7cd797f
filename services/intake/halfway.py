"""A half-filled form, understood as far as it can be: what is wrong is said, the rest goes on without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, cast

from pydantic import Field, ValidationError
from pydantic_core import to_json

from services.domain.city import City
from services.domain.refusals import Refusal
from services.intake.author import Author
from services.intake.facts import Facts, Refusals, understand
from services.intake.schemas import CaseIn, In
from services.kernel.validation import FieldProblem, problems_of

ROUNDS: Final = 8  # what is wrong is left out, and what is left is read again
_NOTHING: Final = "…"  # stands for a text that is not there yet
Body = dict[str, object]


class CheckCallerIn(In):
    """As CallerIn, but whatever was typed so far."""

    name: str | None = None
    phone: str | None = None
    residence: str | None = None
    residence_district: str | None = None
    anonymous: bool = False


class CheckEmployerIn(In):
    """As EmployerIn, but whatever was typed so far."""

    name: str | None = None
    uscc: str | None = None
    work_address: str | None = None
    work_district: str | None = None
    address: str | None = None


class CheckIn(In):
    """A half-filled form: the fields of a case, each of them as far as it was typed, none of them needed."""

    kind: str | None = None
    report_type: str | None = None
    channel: str | None = None
    text: str | None = None
    urgent: bool | None = None
    caller: CheckCallerIn = CheckCallerIn()
    employer: CheckEmployerIn = CheckEmployerIn()
    amount_owed: float | str | None = None
    workers_affected: int | str | None = None
    recording_ref: str | None = None
    linked_to: str | None = None
    tags: Annotated[tuple[str, ...], Field(max_length=20, strict=False)] = ()


@dataclass(frozen=True, slots=True)
class Halfway:
    """`case`, `facts`: of the fields that are right. `has_text`: whether there is a text yet."""

    case: CaseIn
    facts: Facts
    has_text: bool
    problems: tuple[FieldProblem, ...]


def halfway(given: CheckIn, city: City, author: Author) -> Halfway:
    """The same sentences as saving would answer with; never a refusal."""
    body = _filled(given.model_dump(mode="json", exclude_none=True))
    has_text = "text" in body
    problems: dict[str, FieldProblem] = {}
    for _ in range(ROUNDS):
        body.setdefault("text", _NOTHING)
        try:
            case = CaseIn.model_validate_json(to_json(body))
            return Halfway(case, understand(case, city, author), has_text, tuple(problems.values()))
        except ValidationError as error:
            errors = error.errors(include_input=False, include_url=False)
            found = problems_of(errors)
        except Refusal as refusal:
            found = [_said(refusal)]
        except Refusals as several:
            found = [_said(one) for one in several.refusals]
        for one in found:
            problems.setdefault(one.field, one)
            has_text = has_text and one.field != "text"
            _leave_out(body, one.field)
    empty = CaseIn(text=_NOTHING)
    return Halfway(empty, understand(empty, city, author), False, tuple(problems.values()))


def _said(refusal: Refusal) -> FieldProblem:
    return FieldProblem(refusal.field or "", refusal.zh, refusal.en)


def _filled(body: Mapping[str, object]) -> Body:
    """Without fields that are empty so far."""
    found: Body = {}
    for name, value in body.items():
        kept = _filled(value) if isinstance(value, dict) else value
        if not (isinstance(kept, str) and not kept.strip()):
            found[name] = kept
    return found


def _leave_out(body: Body, field: str) -> None:
    """The field, and a district with its address: "caller.phone"."""
    first, _, rest = field.partition(".")
    part = body.get(first)
    if rest and isinstance(part, dict):
        cast(Body, part).pop(rest.split(".")[0], None)
    else:
        body.pop(first, None)
