"""Voice mails that wait for an answer (语音留言), as a page and for programs. Taking one is an action."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from services.intake.desk import Desk
from services.intake.routes import reader_language
from services.intake.views import CaseLine, Out
from services.intake.voicemail import Voicemail, waiting
from services.intake.words import Words
from services.kernel.access import Principal, allow
from services.kernel.pages import PageRouter, render

_WHAT: Final = "昼夜可留言，三个工作日内由专人回复"
Reader = Annotated[Principal, Depends(allow("case.read.all"))]


class VoicemailOut(Out):
    """A voice mail that waits for an answer. `owner`: who sees to it; `due` None: the city sets no time."""

    case: CaseLine
    owner: str | None
    due: datetime | None
    provisional: bool
    overdue: bool


class VoicemailsOut(Out):
    """The oldest first, at most 200."""

    voicemails: tuple[VoicemailOut, ...]


class VoicemailPages:
    """Bound to one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> PageRouter:
        router = PageRouter()
        router.add_api_route("/desk/voicemail", self.page, methods=["GET"])
        return router

    def api(self) -> APIRouter:
        router = APIRouter(tags=["cases"])
        router.add_api_route("/api/voicemail", self.list, methods=["GET"], name="list_voicemail")
        return router

    async def page(self, request: Request, _who: Reader) -> Response:
        words = Words(self.desk.city, reader_language(request))
        return render(request, "intake_voicemail.html", rows=await self._waiting(), words=words)

    async def list(self, _who: Reader) -> VoicemailsOut:
        """Voice mails whose caller was not told yet."""
        return VoicemailsOut(voicemails=tuple(_out(one) for one in await self._waiting()))

    async def _waiting(self) -> tuple[Voicemail, ...]:
        now, city = self.desk.scribe.around.now(), self.desk.city
        return await self.desk.store.read(lambda look: waiting(look, city, now))


def _out(one: Voicemail) -> VoicemailOut:
    return VoicemailOut(
        case=one.case,
        owner=one.owner,
        due=one.clock.due if one.clock else None,
        provisional=one.clock is not None and one.clock.provisional,
        overdue=one.overdue,
    )
