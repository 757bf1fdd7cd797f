"""Two pages: the calls that agents have to make, and the text messages that the file gateway holds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, render, see_other
from services.kernel.problem import Problem
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.notifier import callbacks, queue
from services.notifier.client import Gateway
from services.notifier.rules import masked
from services.notifier.translate import Telling

NEWEST: Final = 100


@dataclass(frozen=True)
class NotifierPages:
    """Bound to the notifier's store and gateway; `router` names every page."""

    store: Store
    telling: Telling
    gateway: Gateway

    def router(self) -> PageRouter:
        pages = PageRouter()
        pages.add_api_route("/callbacks", self.calls, methods=["GET"], response_model=None)
        pages.add_api_route("/callbacks/{callback_id}/told", self.told, methods=["POST"], response_model=None)
        pages.add_api_route(
            "/callbacks/{callback_id}/not-reached", self.not_reached, methods=["POST"], response_model=None
        )
        pages.add_api_route("/sms", self.texts, methods=["GET"], response_model=None)
        return pages

    async def calls(
        self, request: Request, who: Annotated[Principal, Depends(allow("callback.read"))], done: str = ""
    ) -> Response:
        return await self._list(request, who, done)

    async def told(
        self,
        callback_id: UUID,
        request: Request,
        who: Annotated[Principal, Depends(allow("callback.write"))],
    ) -> Response:
        work = partial(callbacks.told, callback_id=callback_id, by=who.by)
        return await self._settle(work, request, who, "told")

    async def not_reached(
        self,
        callback_id: UUID,
        request: Request,
        who: Annotated[Principal, Depends(allow("callback.write"))],
        attempt: Annotated[int, Form(ge=1, le=100)],
    ) -> Response:
        work = partial(
            callbacks.not_reached, callback_id=callback_id, attempt=attempt, by=who.by, telling=self.telling
        )
        return await self._settle(work, request, who, "not-reached")

    async def texts(
        self, request: Request, _who: Annotated[Principal, Depends(allow("sms.read"))]
    ) -> Response:
        texts = await self.gateway.newest(NEWEST)
        shown = None if texts is None else [(text.at, masked(text.to), text.text) for text in texts]
        template = _asked(request, "notifier_sms.html", "notifier_sms_rows.html")
        return render(request, template, texts=shown, newest=NEWEST)

    async def _settle(
        self, work: Callable[[Tx], None], request: Request, who: Principal, done: str
    ) -> Response:
        """The list again: after a redirect, or at once with the reason why nothing was written down."""
        try:
            await self.store.run(work)
        except Problem as error:
            if error.status != 409:
                raise
            return await self._list(request, who, error=error)
        return see_other(f"/callbacks?done={done}")

    async def _list(
        self, request: Request, who: Principal, done: str = "", error: Problem | None = None
    ) -> HTMLResponse:
        now, language = self.store.around.now(), language_of(request.cookies, request.headers)
        rows = await self.store.read(lambda session: queue.pressing(session, now))
        due = await self.store.read(lambda session: queue.count_due(session, now))
        sentence = (error.en if language == "en" else error.zh) if error else ""
        return render(
            request,
            _asked(request, "notifier_callbacks.html", "notifier_call_rows.html"),
            error.status if error else 200,
            lines=[queue.line_of(row, self.telling, now, language) for row in rows],
            due=due,
            done=done,
            error=sentence,
            most=self.telling.city.hours.callback.attempts,
            may_write=who.may("callback.write"),
        )


def _asked(request: Request, page: str, rows: str) -> str:
    """The whole page, or only its rows for a page that is open and refreshes itself (desk.js)."""
    return rows if "x-fragment" in request.headers else page
