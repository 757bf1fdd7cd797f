"""Officers on duty: told by text message that a case waits, and how their answer comes back.

One row for everybody who was called. They answer by sending back four digits, or by the link of the message,
which leads to a page with one button: opening a link proves nothing, phones open links by themselves. The
first answer is the alarm's (AlertAcknowledged); everybody else reads who has it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import bindparam, select, update

from services.domain.events import AlertAcknowledged, StaffAlerted
from services.domain.identifiers import group_number
from services.kernel.columns import table
from services.kernel.kept import Kept
from services.kernel.messages import Message
from services.kernel.sql import Sql
from services.kernel.tx import Tx
from services.notifier.cases import Case, known_case
from services.notifier.models import NotifierAlert, SendSms
from services.notifier.translate import SMS, Telling

OPEN: Final = "open"
LIVES: Final = timedelta(hours=24)
"""How long an answer by text message or link counts: after that the code may be given again."""
YES: Final = frozenset({"1", "收到", "是", "签收", "好", "ok", "y", "yes"})
PATH: Final = "/duty/"


@dataclass(slots=True)
class Called:
    """A row of `notifier_alert`."""

    token: str
    alert: str
    case_id: UUID
    unit: str
    staff: str
    code: str
    reason: str
    state: str
    sent_at: datetime


CALLED: Final = Kept(NotifierAlert, Called, key="token")
_TABLE: Final = table(NotifierAlert)
_OF_STAFF: Final = Sql(
    select(_TABLE.c.token)
    .where(_TABLE.c.staff == bindparam("who"), _TABLE.c.sent_at > bindparam("since"))
    .order_by(_TABLE.c.sent_at.desc())
)
_ANSWERED: Final = Sql(
    update(_TABLE)
    .where(_TABLE.c.alert == bindparam("alarm"), _TABLE.c.state == OPEN)
    .values(state=bindparam("by_whom"))
)


def call_staff(event: StaffAlerted, tx: Tx, telling: Telling) -> Iterator[Message]:
    """A text message to each of them who has a mobile; who has none is phoned (the router's page)."""
    case = known_case(tx, event.case_id)
    for number in event.staff:
        staff = telling.city.duty.by_number.get(number)
        if staff is not None and staff.mobile:
            yield _message(event, case, number, staff.e164, tx, telling)


def note_answer(event: AlertAcknowledged, tx: Tx, telling: Telling) -> Iterator[Message]:
    """Somebody has it, whoever says so: the others need not."""
    tx.run(_ANSWERED, alarm=event.alert, by_whom=event.staff)
    return iter(())


def find(tx: Tx, token: str) -> Called | None:
    """What a link leads to."""
    return CALLED.get(tx, hashed(token))


def answer_link(tx: Tx, token: str) -> Called | None:
    """The button of the link's page was pressed; None: there is no such link any more."""
    called = find(tx, token)
    if called is None or called.sent_at < tx.now - LIVES:
        return None
    _answer(tx, called, "link")
    return CALLED.get(tx, called.token)


def answer_text(tx: Tx, staff: str, text: str) -> bool:
    """`staff` sent a text message: the code of a call, or a yes to the newest. False: it says neither."""
    said = text.strip().lower()
    tokens = [one.token for one in tx.all(_OF_STAFF, who=staff, since=tx.now - LIVES)]
    CALLED.load(tx, tokens)
    for called in (CALLED.get(tx, token) for token in tokens):
        if called is not None and (called.code in said or (said in YES and called.state == OPEN)):
            _answer(tx, called, "sms")
            return True
    return False


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _answer(tx: Tx, called: Called, channel: Literal["sms", "link"]) -> None:
    """The first answer counts; once more says nothing new."""
    if called.state == OPEN:
        tx.put(
            AlertAcknowledged(
                case_id=called.case_id, at=tx.now, by=called.staff, unit=called.unit, alert=called.alert,
                staff=called.staff, channel=channel,
            )
        )  # fmt: skip


def _message(event: StaffAlerted, case: Case, number: str, phone: str, tx: Tx, telling: Telling) -> SendSms:
    token, code = f"{tx.random.getrandbits(80):020x}", f"{tx.random.randrange(10_000):04d}"
    CALLED.add(
        tx,
        Called(
            hashed(token), event.alert, event.case_id, event.unit, number, code, event.reason, OPEN, tx.now
        ),
    )  # fmt: skip
    names = telling.city.texts
    text = telling.city.text(
        "alert", "zh-CN", number=group_number(case.number), code=code, link=f"{telling.site}{PATH}{token}",
        unit_name=telling.city.unit_name(event.unit, "zh-CN"),
        reason=names.name("alert", event.reason, "zh-CN"),
    )  # fmt: skip
    content = json.dumps({"to": phone, "text": text}, ensure_ascii=False)
    return SendSms(
        case_id=event.case_id,
        key=f"{event.case_id}:alert:{event.alert}:{event.reason}:{number}",
        destination=SMS,
        urgent=True,
        give_up_at=tx.now + timedelta(hours=1),
        sms=telling.keyring.seal("contact", event.case_id, SMS, content, tx.random.randbytes),
        wanted_at=tx.now,
        told=None,
    )
