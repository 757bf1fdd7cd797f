"""An SMS gateway that counts both requests and distinct references, so that a doubled text shows.

POST /sms {"reference", "to", "text"}  200 {"id"}; the same for the same reference
GET  /sms/{reference}                  200 {"state", "id"} · 404: never arrived
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from services.simulators.behaviour import Behaviour
from services.simulators.ledger import Ledger, Note
from services.simulators.wire import answer

NAME = "sms"


class Text(BaseModel):
    """A text message as it arrives; `to` in E.164."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str = Field(min_length=1, max_length=200)
    to: str = Field(pattern=r"^\+?[0-9]{5,15}$")
    text: str = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, slots=True)
class Sent:
    id: str
    fingerprint: str


class SimulatedSms:
    """Remembers the newest `keep` references, and the newest `show` texts in full for tests and the demo."""

    def __init__(self, behaviour: Behaviour, ledger: Ledger, keep: int = 500_000, show: int = 5_000) -> None:
        self._behaviour, self._ledger, self._keep, self._show = behaviour, ledger, keep, show
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self.texts: OrderedDict[str, Text] = OrderedDict()

    def remember(self, note: Note) -> None:
        """Take back one note of an earlier run."""
        if note.who == NAME and note.what == "message":
            facts = note.facts
            self._sent[str(facts["reference"])] = Sent(str(facts["id"]), str(facts["fingerprint"]))

    def routes(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/sms", self.take, methods=["POST"], response_model=None)
        router.add_api_route("/sms/{reference:path}", self.show, methods=["GET"], response_model=None)
        return router

    async def take(self, text: Text, request: Request) -> Response:
        fault = self._behaviour.next_fault(NAME)
        self._ledger.note(NAME, "request", reference=text.reference, fault=fault.mode)
        return await answer(request, fault, lambda: self._send(text))

    async def show(self, reference: str, request: Request) -> Response:
        fault = self._behaviour.next_fault(NAME)
        self._ledger.note(NAME, "question", reference=reference, fault=fault.mode)
        return await answer(request, fault, lambda: self._known(reference))

    def _known(self, reference: str) -> Response:
        sent = self._sent.get(reference)
        if sent is None:
            return JSONResponse({"error": "no such reference"}, 404)
        return JSONResponse({"state": "delivered", "id": sent.id})

    def _send(self, text: Text) -> Response:
        fingerprint = sha256(f"{text.to}\n{text.text}".encode()).hexdigest()[:32]
        sent = self._sent.get(text.reference)
        if sent is not None:
            what = "repeat" if sent.fingerprint == fingerprint else "conflict"
            self._ledger.note(NAME, what, reference=text.reference)
            return JSONResponse({"id": sent.id})
        sent = Sent(f"sms-{sha256(text.reference.encode()).hexdigest()[:12]}", fingerprint)
        to = sha256(text.to.encode()).hexdigest()[:16]  # whose it was can be compared, not read
        self._ledger.note(
            NAME, "message", reference=text.reference, id=sent.id, fingerprint=fingerprint, to=to
        )
        self._sent[text.reference] = sent
        self.texts[text.reference] = text
        while len(self._sent) > self._keep:
            self._sent.popitem(last=False)
        while len(self.texts) > self._show:
            self.texts.popitem(last=False)
        return JSONResponse({"id": sent.id})
