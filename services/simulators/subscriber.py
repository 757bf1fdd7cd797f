"""A system that subscribed to a case by `callback_url`: POST /subscriber/{name}, signed; 204, or 401.

Messages under the same webhook-id count once. Without secrets it believes everybody.
"""

from collections import OrderedDict
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from services.simulators.behaviour import Behaviour
from services.simulators.ledger import Ledger, Note
from services.simulators.wire import answer, genuine

NAME = "subscriber"


class SimulatedSubscriber:
    """`bodies`: the newest `keep` distinct messages, by webhook-id."""

    def __init__(
        self, secrets: Sequence[str], behaviour: Behaviour, ledger: Ledger, keep: int = 5_000
    ) -> None:
        self._secrets, self._behaviour, self._ledger, self._keep = secrets, behaviour, ledger, keep
        self.bodies: OrderedDict[str, bytes] = OrderedDict()

    def remember(self, note: Note) -> None:
        """Take back one note of an earlier run."""
        if note.who == NAME and note.what == "message":
            self.bodies[str(note.facts["id"])] = b""

    def routes(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/subscriber/{name}", self.take, methods=["POST"], response_model=None)
        return router

    async def take(self, name: str, request: Request) -> Response:
        body = await request.body()
        fault = self._behaviour.next_fault(NAME)
        message_id = request.headers.get("webhook-id", "")
        self._ledger.note(NAME, "request", name=name, id=message_id, fault=fault.mode)
        return await answer(request, fault, lambda: self._receive(name, message_id, request, body))

    def _receive(self, name: str, message_id: str, request: Request, body: bytes) -> Response:
        if not message_id or (self._secrets and not genuine(self._secrets, request.headers, body)):
            self._ledger.note(NAME, "refused", name=name, id=message_id)
            return JSONResponse({"error": "signature"}, 401)
        if message_id in self.bodies:
            self._ledger.note(NAME, "repeat", name=name, id=message_id)
        else:
            self._ledger.note(NAME, "message", name=name, id=message_id)
            self.bodies[message_id] = body
            while len(self.bodies) > self._keep:
                self.bodies.popitem(last=False)
        return Response(status_code=204)
