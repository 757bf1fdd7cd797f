"""What is said to the caller and to subscribers: facts in, requests with sealed contents out."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.domain.city import City
from services.domain.identifiers import group_number
from services.domain.sealing import Keyring
from services.domain.timeline import yuan
from services.kernel.tx import Tx
from services.notifier.cases import Case
from services.notifier.models import About, CallWebhook, HookType, Result, SendSms
from services.notifier.rules import A_DAY, Contact, hook_of, may_disturb, reach_of

SMS: Final = "sms"  # the destination, and the field name under which a text message is sealed
URL: Final = "callback_url"


@dataclass(frozen=True)
class Telling:
    """What telling takes: the ring of those who tell (`contact`), and the city's words and hours.

    `site`: where links in messages lead, without a final slash.
    """

    keyring: Keyring
    city: City
    site: str = ""

    def contact(self, case_id: UUID, sealed: str) -> Contact:
        """How to reach the caller; raises Sealed."""
        return Contact.model_validate_json(self.keyring.open(sealed, case_id, "contact"))

    def learn(self, case: Case, sealed: str | None, tx: Tx) -> Contact | None:
        """Keep how to reach the caller from now on; None: nothing is sent any more."""
        contact = self.contact(case.case_id, sealed) if sealed else None
        case.contact, case.reach = sealed, reach_of(contact) if contact else None
        case.hook = hook_of(contact) if contact else None
        case.hook_client = contact.callback_client if contact and case.hook else None
        case.hook_url = None
        if contact and case.hook:
            url = contact.callback_url or ""
            case.hook_url = self.keyring.seal("contact", case.case_id, URL, url, tx.random.randbytes)
        return contact

    def received(self, case: Case, contact: Contact, tx: Tx) -> SendSms:
        """Number and tracking code. Never held back: the caller may still be on the line."""
        number, code = group_number(case.number), contact.code or ""
        text = self.city.text("received", case.language, number=number, code=code)
        return self._sms(case, contact, "received", text, tx, tx.now, "received")

    def result(self, case: Case, contact: Contact, result: Result, tx: Tx) -> SendSms:
        """What came of it, without names: others may see the telephone."""
        key = f"outcome.{result.outcome}" if result.about == "outcome" else "answered"
        values = {"number": group_number(case.number)}
        if result.unit:
            values["unit_name"] = self.city.unit_name(result.unit, case.language)
        if result.amount_fen:
            values["amount"] = yuan(result.amount_fen, case.language)
        text = self.city.text(key, case.language, **values)
        return self._sms(case, contact, key, text, tx, self._polite(case, tx), result.about, result)

    def extended(self, case: Case, contact: Contact, due: datetime, reason: str, tx: Tx) -> SendSms:
        """It takes longer, until when, and why (信访工作条例 art 34)."""
        text = self.city.text(
            "extended", case.language, number=group_number(case.number),
            due=f"{due.astimezone(ZoneInfo(self.city.hours.zone)):%Y-%m-%d}",
            reason=self.city.texts.name("extension", reason, case.language),
        )  # fmt: skip
        return self._sms(case, contact, "extended", text, tx, self._polite(case, tx), "extension")

    def unreachable(self, case: Case, contact: Contact, tx: Tx) -> SendSms:
        """There is a result, and nobody answered the telephone."""
        text = self.city.text("unreachable", case.language, number=group_number(case.number))
        return self._sms(case, contact, "unreachable", text, tx, self._polite(case, tx), None)

    def _polite(self, case: Case, tx: Tx) -> datetime:
        return may_disturb(tx.now, case.urgent, self.city.hours)

    def _sms(
        self, case: Case, contact: Contact, template: str, text: str, tx: Tx, at: datetime,
        told: About | None, result: Result | None = None,
    ) -> SendSms:  # fmt: skip
        case.texts += 1
        content = json.dumps({"to": contact.phone, "text": text}, ensure_ascii=False)
        return SendSms(
            case_id=case.case_id,
            key=f"{case.case_id}:{template}:{case.texts}",
            destination=SMS,
            urgent=case.urgent,
            not_before=at if at > tx.now else None,
            give_up_at=at + A_DAY,
            sms=self.keyring.seal("contact", case.case_id, SMS, content, tx.random.randbytes),
            wanted_at=at,
            told=told,
            result=result,
        )


def webhook(case: Case, what: HookType, status: str, at: datetime, told: About | None = None) -> CallWebhook:
    """The next message to the case's subscriber. Never urgent: a system can wait."""
    case.hooks += 1
    return CallWebhook(
        case_id=case.case_id,
        key=f"{case.case_id}:{what}:{case.hooks}",
        destination=case.hook or "",
        url=case.hook_url or "",
        client=case.hook_client or "",
        type=what,
        number=case.number,
        status=status,
        at=at,
        told=told,
    )
