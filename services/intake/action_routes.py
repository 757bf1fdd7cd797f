"""The API of what agents do with a case: answer, close, reopen, note, correct, call back."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.intake import actions
from services.intake.calls import attach
from services.intake.correction import correct
from services.intake.desk import Desk
from services.intake.facts import Refusals
from services.intake.idempotency import claim_of
from services.intake.merging import merge
from services.intake.ownership import take
from services.intake.reading import refused
from services.intake.schemas import (
    AnswerIn,
    CallbackIn,
    CallIn,
    CloseIn,
    CorrectionIn,
    MergeIn,
    NoteIn,
    ReopenIn,
    SplitIn,
    TakeIn,
)
from services.intake.splitting import split
from services.intake.views import AttachedOut, CreatedOut, StatusOut
from services.kernel.access import Principal, allow

CASE: Final = "/api/cases/{case_id}"


class ActionApi:
    """Bound to one desk; `router` names every route. All answer where the case stands afterwards."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(tags=["cases"])
        router.add_api_route(CASE + "/answer", self.answer, methods=["POST"], name="answer_case")
        router.add_api_route(CASE + "/close", self.close, methods=["POST"], name="close_case")
        router.add_api_route(CASE + "/reopen", self.reopen, methods=["POST"], name="reopen_case")
        router.add_api_route(
            CASE + "/notes", self.note, methods=["POST"], status_code=201, name="note_on_case"
        )
        router.add_api_route(
            CASE + "/calls", self.attach, methods=["POST"], status_code=201, name="attach_call"
        )
        router.add_api_route(
            CASE + "/split", self.split, methods=["POST"], status_code=201, name="split_case",
            response_class=Response, responses={201: {"model": CreatedOut}},
        )  # fmt: skip
        router.add_api_route(CASE + "/merge", self.merge, methods=["POST"], name="merge_case")
        router.add_api_route(CASE + "/take", self.take, methods=["POST"], name="take_case")
        router.add_api_route(CASE + "/correct", self.correct, methods=["POST"], name="correct_case")
        router.add_api_route(CASE + "/callback", self.call_back, methods=["POST"], name="call_back")
        return router

    async def answer(
        self, case_id: UUID, given: AnswerIn, who: Annotated[Principal, Depends(allow("case.answer"))]
    ) -> StatusOut:
        """Answer the caller; `told`: he has heard it already."""
        return await actions.answer(self.desk.store, self.desk.scribe, who, case_id, given)

    async def close(
        self, case_id: UUID, given: CloseIn, who: Annotated[Principal, Depends(allow("case.close"))]
    ) -> StatusOut:
        """Close a case that no unit is working on; 409 while one is."""
        return await actions.close(self.desk.store, self.desk.scribe, who, case_id, given)

    async def reopen(
        self, case_id: UUID, given: ReopenIn, who: Annotated[Principal, Depends(allow("case.reopen"))]
    ) -> StatusOut:
        """Start a finished case again."""
        return await actions.reopen(self.desk.store, self.desk.scribe, who, case_id, given)

    async def note(
        self, case_id: UUID, given: NoteIn, who: Annotated[Principal, Depends(allow("case.note"))]
    ) -> StatusOut:
        """Write something down beside the case; staff can read it."""
        return await actions.note(self.desk.store, self.desk.scribe, who, case_id, given)

    async def attach(
        self,
        case_id: UUID,
        given: CallIn,
        request: Request,
        who: Annotated[Principal, Depends(allow("case.attach"))],
    ) -> AttachedOut:
        """The caller rang again about this open case; with an Idempotency-Key it is attached once."""
        claim = claim_of(request, who, f"/api/cases/{case_id}/calls", given)
        return await attach(self.desk.store, self.desk.scribe, who, case_id, given, claim)

    async def split(
        self,
        case_id: UUID,
        given: SplitIn,
        request: Request,
        who: Annotated[Principal, Depends(allow("case.split"))],
    ) -> Response:
        """What another unit is to do becomes a case of its own; the case is not closed before it."""
        claim = claim_of(request, who, f"/api/cases/{case_id}/split", given)
        try:
            created = await split(self.desk.store, self.desk.scribe, who, case_id, given, claim)
        except Refusals as several:
            raise refused(several) from None
        headers = {"Location": f"/api/cases/{created.case_id}"}
        return Response(created.body, 201, headers, "application/json")

    async def merge(
        self, case_id: UUID, given: MergeIn, who: Annotated[Principal, Depends(allow("case.merge"))]
    ) -> StatusOut:
        """The same matter of the same caller, written down twice, goes on as one case."""
        return await merge(self.desk.store, self.desk.scribe, who, case_id, given)

    async def take(
        self, case_id: UUID, given: TakeIn, who: Annotated[Principal, Depends(allow("case.take"))]
    ) -> StatusOut:
        """See to the case oneself; 409 while a colleague does, unless `instead`."""
        return await take(self.desk.store, self.desk.scribe, who, case_id, given)

    async def correct(
        self, case_id: UUID, given: CorrectionIn, who: Annotated[Principal, Depends(allow("case.correct"))]
    ) -> StatusOut:
        """Put the record right; fields that are left out stay."""
        try:
            return await correct(self.desk.store, self.desk.scribe, who, case_id, given)
        except Refusals as several:
            raise refused(several) from None

    async def call_back(
        self, case_id: UUID, given: CallbackIn, who: Annotated[Principal, Depends(allow("callback.write"))]
    ) -> StatusOut:
        """The reporter was rung: told, or not reached (three times, two hours apart)."""
        return await actions.call_back(self.desk.store, who, case_id, given.reached)
