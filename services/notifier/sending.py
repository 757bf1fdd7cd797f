"""One remote call each: a text message, the question whether it arrived, a webhook; and how each may end."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from services.domain.events import CallerInformed, CallerUnreachable, Event
from services.domain.sealing import Keyring, Sealed
from services.kernel.identity import Access
from services.kernel.messages import CallFailed, Delivery, Message
from services.kernel.partner.answers import require_success
from services.kernel.partner.client import PartnerHttp
from services.kernel.settings import Network
from services.kernel.surroundings import Surroundings
from services.kernel.tx import Tx
from services.kernel.webhooks import sign
from services.notifier.callbacks import open_callback
from services.notifier.cases import case_of
from services.notifier.client import Gateway, Text
from services.notifier.models import CallWebhook, SendSms
from services.notifier.translate import SMS, URL, Telling

UNSEALABLE: Final = "unsealable"


@dataclass(frozen=True)
class Texts:
    """Text messages, by way of the gateway."""

    gateway: Gateway
    keyring: Keyring
    around: Surroundings

    async def send(self, delivery: Delivery) -> Sequence[Event]:
        """The gateway has it: as far as we can know, the caller was told."""
        await self.gateway.send(self._text(delivery))
        return self._told(delivery)

    async def ask(self, delivery: Delivery) -> str | Sequence[Event]:
        """What became of a text message whose answer was lost."""
        found = await self.gateway.ask(self._text(delivery))
        return self._told(delivery) if found == "delivered" else found

    def _text(self, delivery: Delivery) -> Text:
        request = cast(SendSms, delivery.request)
        try:
            content = json.loads(self.keyring.open(request.sms, request.case_id, SMS))
        except Sealed:
            raise CallFailed(UNSEALABLE, permanent=True) from None
        return Text(request.key, content["to"], content["text"], request.wanted_at)

    def _told(self, delivery: Delivery) -> Sequence[Event]:
        request = cast(SendSms, delivery.request)
        if request.told is None:
            return ()
        told = CallerInformed(
            case_id=request.case_id,
            at=self.around.now(),
            channel="sms",
            about=request.told,
            attempts=max(delivery.attempt, 1),
        )
        return (told,)


def phone_instead(delivery: Delivery, reason: str, tx: Tx, telling: Telling) -> Iterable[Message]:
    """A result that no text message brings is told by a person, unless there is newer news."""
    request = cast(SendSms, delivery.request)
    case = case_of(tx, request.case_id)
    if case is not None and request.result is not None and case.newest == request.key:
        open_callback(case, request.result, reason, telling, tx)
    return ()


@dataclass(frozen=True)
class Webhooks:
    """Signed messages to subscribers. `allow`: networks they may be in besides the public ones."""

    http: PartnerHttp
    access: Access
    keyring: Keyring
    around: Surroundings
    allow: Sequence[Network]

    async def call(self, delivery: Delivery) -> Sequence[Event]:
        """Signed with the secret of the client that made the case; nothing personal in it."""
        request = cast(CallWebhook, delivery.request)
        secrets = await self.access.callback_secrets(request.client)
        if not secrets:
            raise CallFailed("no_secret", permanent=True)
        try:
            url = self.keyring.open(request.url, request.case_id, URL)
        except Sealed:
            raise CallFailed(UNSEALABLE, permanent=True) from None
        body = json.dumps(_body(request)).encode()
        headers = {
            "content-type": "application/json",
            "idempotency-key": f'"{request.key}"',
            **sign(secrets, request.key, self.around.now(), body),
        }
        require_success(await self.http.call("POST", url, allow=self.allow, headers=headers, body=body))
        if request.told is None:
            return ()
        told = CallerInformed(
            case_id=request.case_id,
            at=self.around.now(),
            channel="web",
            about=request.told,
            attempts=delivery.attempt,
        )
        return (told,)


def leave_unreached(delivery: Delivery, _reason: str, tx: Tx) -> Iterable[Message]:
    """The subscriber was the only way to the caller, and it is gone."""
    request = cast(CallWebhook, delivery.request)
    if request.told is None:
        return ()
    attempts = max(delivery.attempt, 1)
    return (CallerUnreachable(case_id=request.case_id, at=tx.now, channel="web", attempts=attempts),)


def _body(request: CallWebhook) -> dict[str, str]:
    return {
        "type": request.type,
        "case_id": str(request.case_id),
        "number": request.number,
        "status": request.status,
        "at": request.at.isoformat(),
    }
