"""What callers of the API may send. Unknown fields are refused; nothing here repeats what was sent."""

from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from services.domain.kinds import Channel, Kind, ReportType
from services.domain.life import Status

LONGEST: Final = 6000  # characters of the record: with everything else a partner's body stays below 20 kB

_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=_LINES)]
"""Several lines; no control characters."""

MaybeText = Annotated[str, StringConstraints(max_length=LONGEST, pattern=_LINES)]
"""The same, or nothing."""

_LINE = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(max_length=60, pattern=_LINE)]
Number = Annotated[str, StringConstraints(max_length=40, pattern=_LINE)]
Title = Annotated[str, StringConstraints(max_length=120, pattern=_LINE)]
Address = Annotated[str, StringConstraints(max_length=300, pattern=_LINE)]
Reference = Annotated[str, StringConstraints(max_length=200, pattern=r"^[\x21-\x7e]*$")]
Url = Annotated[str, StringConstraints(max_length=500, pattern=r"^[\x21-\x7e]*$")]
District = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2, strict=False)]
"""Yuan (元) with at most two decimals."""
People = Annotated[int, Field(ge=0, le=1_000_000)]


# A code is a text in JSON, and an enum only here: strict would refuse what FastAPI has decoded already.
KindCode = Annotated[Kind, Field(strict=False)]
ReportTypeCode = Annotated[ReportType, Field(strict=False)]
ChannelCode = Annotated[Channel, Field(strict=False)]
StatusCode = Annotated[Status, Field(strict=False)]
Tag = Literal["petition"]
"""信访事项: what else the case is, so that the periods of the 信访工作条例 are its own too."""
CaseId = Annotated[UUID, Field(strict=False)]


class In(BaseModel):
    """JSON types are taken as they are: no number in quotes for a number, no 1 for true."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, str_strip_whitespace=True
    )


class CallerIn(In):
    """Who speaks. `residence_district`: the six-digit code that the agent confirmed."""

    name: Name | None = None
    phone: Number | None = None
    residence: Address | None = None
    residence_district: District | None = None
    anonymous: bool = False


class EmployerIn(In):
    """Whom it is about. `work_address`: where the work is done, `address`: where the employer sits."""

    name: Title | None = None
    uscc: Number | None = None
    work_address: Address | None = None
    work_district: District | None = None
    address: Address | None = None


class CaseIn(In):
    """A new case. `kind` absent: suggested from the text; `channel` absent: api for machines, else phone.

    `text` may be absent of a voice mail whose recording is given: somebody listens. `linked_to`: an earlier
    case of the same call.
    """

    kind: KindCode | None = None
    report_type: ReportTypeCode | None = None
    channel: Channel | None = None
    recording_ref: Reference | None = None
    text: MaybeText = Field(default="", validate_default=True)
    urgent: bool | None = None
    caller: CallerIn = CallerIn()
    employer: EmployerIn = EmployerIn()
    amount_owed: Amount | None = None
    workers_affected: People | None = None
    callback_url: Url | None = None
    linked_to: CaseId | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=1, strict=False)] = ()

    @field_validator("text")
    @classmethod
    def _said_or_recorded(cls, text: str, info: ValidationInfo) -> str:
        said = info.data
        recorded = said.get("channel") is Channel.VOICEMAIL and said.get("recording_ref")
        if not text and not recorded:
            raise PydanticKnownError("missing")
        return text


class TakeIn(In):
    """`instead`: also when a colleague sees to it already."""

    instead: bool = False


class CorrectionIn(In):
    """What is put right; absent fields stay. `caller`, `employer`: only the fields given inside."""

    kind: KindCode | None = None
    report_type: ReportTypeCode | None = None
    text: Text | None = None
    urgent: bool | None = None
    caller: CallerIn | None = None
    employer: EmployerIn | None = None
    amount_owed: Amount | None = None
    workers_affected: People | None = None
    recording_ref: Reference | None = None


class CallIn(In):
    """The caller rang again. `phone`: given, it must be the case's own."""

    text: Text
    phone: Number | None = None
    channel: ChannelCode | None = None
    recording_ref: Reference | None = None


class SplitIn(In):
    """What another unit is to do. `named`: the caller of a report agrees to be known to that unit."""

    kind: KindCode
    report_type: ReportTypeCode | None = None
    text: Text
    urgent: bool | None = None
    named: bool = False


class MergeIn(In):
    """`into`: the case that goes on."""

    into: CaseId


class AnswerIn(In):
    """`told`: the caller has already heard it (on the phone). `articles`: ids of the articles used, best
    first.
    """

    text: Text
    articles: Annotated[tuple[Reference, ...], Field(max_length=20, strict=False)] = ()
    told: bool = False


class CloseIn(In):
    reason: Literal["told", "unreachable", "answered", "withdrawn", "by_agent"]
    note: Text | None = None


class ReopenIn(In):
    reason: Text


class NoteIn(In):
    text: Text


class SearchIn(In):
    """At least one of number, phone and employer; `status` narrows the result."""

    number: Number | None = None
    phone: Number | None = None
    employer: Title | None = None
    status: StatusCode | None = None


class ProgressIn(In):
    case_ids: Annotated[tuple[CaseId, ...], Field(max_length=500, strict=False)]


class TrackingIn(In):
    """What the citizen was given: the case number, and the code that came with it."""

    number: Number
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class CallbackIn(In):
    """Whether the caller was reached and told."""

    reached: bool
