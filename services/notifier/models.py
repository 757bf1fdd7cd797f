"""What the notifier keeps, and what it asks of others."""

from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from services.domain.events import Instant
from services.kernel.columns import Big, UtcDateTime
from services.kernel.database.schema import History
from services.kernel.messages import Request

About = Literal["received", "answer", "outcome", "extension"]
HookType = Literal["case.routed", "case.accepted", "case.outcome", "case.closed"]

OPEN: Final = "open"
TOLD, UNREACHABLE, NEEDLESS = "told", "unreachable", "needless"


class NotifierCase(SQLModel, table=True):
    """How the caller of a case is told; `cases.Case` says what each column means."""

    __tablename__ = "notifier_case"
    case_id: UUID = Field(primary_key=True)
    number: str
    language: str
    urgent: bool
    told_by: str
    contact: str | None = Field(default=None, repr=False)
    reach: str | None = None
    hook: str | None = None
    hook_url: str | None = Field(default=None, repr=False)
    hook_client: str | None = None
    unit: str | None = None
    closed: bool = False
    calling: bool = False
    newest: str | None = None
    texts: int = 0
    hooks: int = 0
    received_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CallBack(SQLModel, table=True):
    """A call that a person has to make.

    `about`: answer | outcome | extension; `why`: "number" (it takes no text messages), or why one failed.
    `words`: sealed[contact] under the field name `field`: what the unit or the agent wrote for the caller.
    `tries`: JSON list of {"at", "by"}. `state`: open → told | unreachable | needless.
    """

    __tablename__ = "notifier_callback"
    __table_args__ = (
        Index(
            "notifier_callback_open", "next_at",
            sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
        ),
        Index("notifier_callback_case", "case_id"),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    case_id: UUID
    about: str
    why: str
    urgent: bool
    outcome: str | None = None
    amount_fen: int | None = Field(default=None, sa_type=Big)
    unit: str | None = None
    words: str | None = Field(default=None, repr=False)
    field: str | None = None
    state: str = OPEN
    attempts: int = 0
    tries: str = "[]"
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NotifierAlert(SQLModel, table=True):
    """Somebody was called. `alert`: the alarm; `code`: what they send back; `token`: SHA-256 of the link's.

    `state`: open → the staff number of who answered first.
    """

    __tablename__ = "notifier_alert"
    __table_args__ = (
        Index("notifier_alert_staff", "staff", "sent_at"), Index("notifier_alert_alarm", "alert"),
    )  # fmt: skip
    token: str = Field(primary_key=True, repr=False)
    alert: str
    case_id: UUID
    unit: str
    staff: str
    code: str = Field(repr=False)
    reason: str
    state: str
    sent_at: datetime = Field(sa_type=UtcDateTime)


class Result(BaseModel):
    """What the caller is to hear. `words`: sealed[contact] under the field name `field`, as in the event."""

    model_config = ConfigDict(frozen=True)

    about: Literal["answer", "outcome", "extension"]
    outcome: str | None = None
    amount_fen: int | None = Field(default=None, sa_type=Big)
    unit: str | None = None
    words: str | None = None
    field: str | None = None


class SendSms(Request):
    """One text message. `sms`: sealed[contact] JSON {"to", "text"} under the field name "sms".

    `key` is the reference at the gateway, `wanted_at` the same on every try. `told`: what the caller knows
    once the gateway has it, None: nothing new. `result`: for the person who has to phone instead.
    """

    sms: str
    wanted_at: Instant
    told: About | None
    result: Result | None = None


class CallWebhook(Request):
    """One call of a subscriber's webhook. `url`: sealed[contact] under the field name "callback_url".

    `client`: the machine client whose secret signs. `told`: what the caller knows once it was taken; None
    where the caller is told in another way.
    """

    url: str
    client: str
    type: HookType
    number: str
    status: str
    at: Instant
    told: About | None = None


HISTORY: Final = History(
    "notifier", (NotifierCase, CallBack, NotifierAlert), Path(__file__).parent / "migrations"
)
