"""How officers answer: the page behind a message's link, and text messages that the gateway hands on."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import HTMLResponse

from services.domain.identifiers import group_number
from services.domain.sealing import Keyring
from services.kernel.access import partner, public
from services.kernel.body import body_of, check_text
from services.kernel.csrf import csrf_checked
from services.kernel.direct import DirectRoute
from services.kernel.language import language_of
from services.kernel.logs import logger
from services.kernel.pages import PageRouter, render
from services.kernel.problem import Problem
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.kernel.webhooks import Unverified, verify
from services.notifier import duty
from services.notifier.cases import CASES
from services.notifier.duty import Called
from services.notifier.translate import SMS, Telling

log: Final = logger("notifier.duty")
Token = Annotated[str, Path(pattern=r"^[0-9a-f]{20}$")]


class ReplyIn(BaseModel):
    """A text message that came in. `from`: the sender in E.164; what it says is kept nowhere."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    sender: Annotated[str, Field(alias="from", min_length=3, max_length=20)]
    text: Annotated[str, Field(max_length=1000)]


class ReplyOut(BaseModel):
    """`taken`: it was the answer to a call; else nobody asked this number anything."""

    taken: bool


@dataclass(frozen=True)
class DutyPages:
    """Bound to the notifier's store and keys."""

    store: Store
    telling: Telling
    keyring: Keyring

    def pages(self) -> PageRouter:
        pages = PageRouter()
        pages.add_api_route(
            duty.PATH + "{token}",
            self.show,
            methods=["GET"],
            response_model=None,
            dependencies=[Depends(public())],
        )
        pages.add_api_route(
            duty.PATH + "{token}",
            self.answer,
            methods=["POST"],
            response_model=None,
            dependencies=[Depends(public()), Depends(csrf_checked)],
        )
        return pages

    def api(self) -> APIRouter:
        api = APIRouter(tags=["sms"], route_class=DirectRoute)
        api.add_api_route(
            "/api/sms/replies",
            self.reply,
            methods=["POST"],
            dependencies=[Depends(partner())],
            summary="The gateway hands on a text message that came in (Standard Webhooks signature)",
        )
        return api

    async def show(self, token: Token, request: Request) -> HTMLResponse:
        """What is asked, and a button. Looking at it answers nothing."""
        return self._page(request, *await self.store.run(lambda tx: _seen(tx, duty.find(tx, token))))

    async def answer(self, token: Token, request: Request) -> HTMLResponse:
        return self._page(request, *await self.store.run(lambda tx: _seen(tx, duty.answer_link(tx, token))))

    async def reply(self, request: Request) -> ReplyOut:
        body = await body_of(request)
        try:
            verify(self.keyring.partner_secrets(SMS), request.headers, body, self.store.around.now())
        except Unverified as refused:
            log.warning("reply.refused", reason=refused.reason)
            raise
        check_text(body, "application/json")
        try:
            given = ReplyIn.model_validate_json(body)
        except ValidationError:
            raise Problem.of("invalid-request") from None
        staff = self.telling.city.duty.by_phone(given.sender)
        if staff is None:
            return ReplyOut(taken=False)
        return ReplyOut(taken=await self.store.run(lambda tx: duty.answer_text(tx, staff.number, given.text)))

    def _page(self, request: Request, called: Called | None, number: str) -> HTMLResponse:
        if called is None:
            raise Problem.of("not-found")
        language = language_of(request.cookies, request.headers)
        city = self.telling.city
        return render(
            request, "notifier_duty.html", number=group_number(number), staff=called.staff,
            unit=city.unit_name(called.unit, language),
            reason=city.texts.name("alert", called.reason, language),
            answered=None if called.state == duty.OPEN else called.state,
        )  # fmt: skip


def _seen(tx: Tx, called: Called | None) -> tuple[Called | None, str]:
    case = CASES.get(tx, called.case_id) if called is not None else None
    return called, case.number if case else ""
