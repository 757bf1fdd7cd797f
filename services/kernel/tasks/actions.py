"""What a unit says of a task: the words of each step, shared by call-backs, API and forms. Pure.

A note goes sealed to those who act, a summary to those who tell the caller. What stays readable in an event
is a code, a number of the staff or an amount.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.domain.codes import OBJECTION_REASONS, OUTCOMES, REFERRED_TO
from services.domain.entry import UnitId
from services.domain.event import Code
from services.domain.events import Event, OutcomeReported, TaskAccepted, TaskObjected, TaskProgressed
from services.domain.kinds import KIND_NAMES, Kind
from services.domain.names import Name
from services.domain.refusals import Refusal
from services.kernel.tasks.life import Step

Seal = Callable[[str, str, str], str]  # audience, field, text → sealed for the task's case
LABOUR_KINDS: Final = (Kind.WAGE_ARREARS, Kind.JOB_ASSISTANCE, Kind.INQUIRY)
MINUTES_AGO: Final = 1440
UNRESOLVED: Final = frozenset(
    {"not_accepted", "unfounded", "withdrawn", "referred", "not_interested", "unreachable", "other"}
)


def _known(codes: Mapping[str, Name]) -> Callable[[str], str]:
    listed = ", ".join(codes)

    def check(code: str) -> str:
        if code not in codes:
            raise Refusal("unknown-code", f"只能是：{listed}", f"must be one of: {listed}")
        return code

    return check


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _listed(value: object) -> object:
    """Staff numbers as a form sends them: "10543, 10544"."""
    return tuple(re.split(r"[\s,，、;；]+", value.strip())) if isinstance(value, str) else value


def _without_commas(value: object) -> object:
    return re.sub(r"[,，\s]", "", value) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Maybe = BeforeValidator(_none_if_blank)
Officer = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
"""A staff number (工号): it is readable in events, so a name is refused."""

Officers = Annotated[tuple[Officer, ...], Field(max_length=10), BeforeValidator(_listed)]
Article = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""Where it is laid down: "劳动保障监察条例第十八条". Readable in events, so it names no person."""

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
"""Who took over, by name or number: sealed before it leaves."""

Reason = Annotated[str, AfterValidator(_known(OBJECTION_REASONS))]
Outcome = Annotated[str, AfterValidator(_known(OUTCOMES))]
ReferredTo = Annotated[str, AfterValidator(_known(REFERRED_TO))]
HandBack = Annotated[str, AfterValidator(_known({kind: KIND_NAMES[kind] for kind in LABOUR_KINDS}))]
Yuan = Annotated[
    Decimal,
    BeforeValidator(_without_commas),
    Field(ge=0, max_digits=14, decimal_places=2, allow_inf_nan=False),
]


class Said(BaseModel):
    """What was said with a step. Unknown fields are refused; errors never repeat the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    officer: Annotated[Officer | None, Maybe] = None


class Acceptance(Said):
    """The unit takes the matter on (受理)."""


class Objection(Said):
    """The unit says it is not its matter: codes.OBJECTION_REASONS."""

    reason: Reason
    note: Annotated[Text | None, Maybe] = None
    proposed_unit: Annotated[UnitId | None, Maybe] = None


class Progress(Said):
    """A step was taken: a code, known or new. `officers`: who handles it from here on, or stands aside.

    A warm transfer: `taken_over_by` is who took over, at the authority `referred_to`, `minutes_ago`.
    `hand_back`: the kind of a further matter that goes back to the hotline; `note` is then its text.
    """

    step: Code
    note: Annotated[Text | None, Maybe] = None
    officers: Officers = ()
    article: Annotated[Article | None, Maybe] = None
    referred_to: Annotated[ReferredTo | None, Maybe] = None
    taken_over_by: Annotated[Person | None, Maybe] = None
    minutes_ago: Annotated[int, Field(ge=0, le=MINUTES_AGO)] = 0
    hand_back: Annotated[HandBack | None, Maybe] = None


class Completion(Said):
    """The result: codes.OUTCOMES. `resolved`: as the outcome usually is, unless said. Amount in yuan."""

    outcome: Outcome
    resolved: Annotated[bool | None, Maybe] = None
    summary: Annotated[Text | None, Maybe] = None
    amount_recovered: Annotated[Yuan | None, Maybe] = None
    article: Annotated[Article | None, Maybe] = None
    referred_to: Annotated[ReferredTo | None, Maybe] = None


STEP_OF: Final[Mapping[type[Said], Step]] = {
    Acceptance: Step.ACCEPT,
    Objection: Step.OBJECT,
    Progress: Step.PROGRESS,
    Completion: Step.COMPLETE,
}


def step_of(said: Said) -> Step:
    return next(step for kind, step in STEP_OF.items() if isinstance(said, kind))


def event_of(said: Said, case_id: UUID, unit: str, task: str, at: datetime, by: str, seal: Seal) -> Event:
    """The fact that everybody hears. `by`: staff number, or the unit whose system said it."""
    match said:
        case Objection():
            return TaskObjected(
                case_id=case_id, at=at, by=by, unit=unit, task=task, reason=said.reason,
                note=seal("task", "note", said.note) if said.note else None,
                proposed_unit=said.proposed_unit,
            )  # fmt: skip
        case Progress():
            note = seal("task", "note", said.note) if said.note else None
            person = said.taken_over_by and seal("task", "taken_over_by", said.taken_over_by)
            return TaskProgressed(
                case_id=case_id, at=at, by=by, unit=unit, task=task, step=said.step, note=note,
                officers=said.officers, article=said.article, referred_to=said.referred_to,
                taken_over_by=person, hand_back=said.hand_back,
                taken_over_at=at - timedelta(minutes=said.minutes_ago) if person else None,
            )  # fmt: skip
        case Completion():
            return OutcomeReported(
                case_id=case_id, at=at, by=by, unit=unit, task=task,
                resolved=said.outcome not in UNRESOLVED if said.resolved is None else said.resolved,
                outcome=said.outcome,
                summary=seal("contact", "summary", said.summary) if said.summary else None,
                amount_recovered_fen=_fen(said.amount_recovered),
                article=said.article, referred_to=said.referred_to,
            )  # fmt: skip
        case _:
            return TaskAccepted(case_id=case_id, at=at, by=by, unit=unit, task=task, officer=said.officer)


def _fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else int(yuan * 100)
