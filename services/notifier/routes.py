"""The API of the call-backs: which are to be made, and what came of each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.kernel.access import Principal, allow
from services.kernel.language import language_of
from services.kernel.problem import Problem
from services.kernel.store import Store
from services.kernel.tx import Tx
from services.notifier import callbacks, queue
from services.notifier.translate import Telling

MOST: Final = 200
PATH: Final = "/api/callbacks"
State = Literal["open", "told", "unreachable", "needless"]


class AttemptIn(BaseModel):
    """`attempt`: the number of this attempt, from 1, so that nothing is counted twice."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    attempt: Annotated[int, Field(ge=1, le=100)]


class TryOut(BaseModel):
    at: datetime
    by: str


class CallBackOut(BaseModel):
    """A call to make, or made. `what`: the result, in the reader's language; `words`: as it was written."""

    id: UUID
    case_id: UUID
    number: str
    name: str | None
    phone: str | None
    about: str
    what: str
    words: str | None
    urgent: bool
    state: State
    attempts: int
    tries: list[TryOut]
    created_at: datetime
    next_at: datetime


class CallBackPage(BaseModel):
    callbacks: list[CallBackOut]
    next: str | None


@dataclass(frozen=True)
class CallBackApi:
    """Bound to the notifier's store; `router` names every route."""

    store: Store
    telling: Telling

    def router(self) -> APIRouter:
        router = APIRouter(tags=["call-backs"])
        router.add_api_route(PATH, self.list_callbacks, methods=["GET"])
        router.add_api_route(PATH + "/{callback_id}/told", self.told, methods=["POST"])
        router.add_api_route(PATH + "/{callback_id}/not-reached", self.not_reached, methods=["POST"])
        return router

    async def list_callbacks(
        self,
        request: Request,
        _who: Annotated[Principal, Depends(allow("callback.read"))],
        state: State = "open",
        cursor: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> CallBackPage:
        """Call-backs in one state, oldest first."""
        rows = await self.store.read(lambda session: queue.page_of(session, state, cursor, limit + 1))
        shown = [self._out(row, request) for row in rows[:limit]]
        return CallBackPage(callbacks=shown, next=str(shown[-1].id) if len(rows) > limit else None)

    async def told(
        self,
        callback_id: UUID,
        request: Request,
        who: Annotated[Principal, Depends(allow("callback.write"))],
    ) -> CallBackOut:
        """The caller has heard it on the telephone."""
        work = partial(callbacks.told, callback_id=callback_id, by=who.by)
        return await self._settle(work, callback_id, request)

    async def not_reached(
        self,
        callback_id: UUID,
        given: AttemptIn,
        request: Request,
        who: Annotated[Principal, Depends(allow("callback.write"))],
    ) -> CallBackOut:
        """Nobody answered. After the last attempt the caller counts as unreachable."""
        work = partial(
            callbacks.not_reached,
            callback_id=callback_id,
            attempt=given.attempt,
            by=who.by,
            telling=self.telling,
        )
        return await self._settle(work, callback_id, request)

    async def _settle(self, work: Callable[[Tx], None], callback_id: UUID, request: Request) -> CallBackOut:
        await self.store.run(work)
        row = await self.store.read(lambda session: queue.one_of(session, callback_id))
        if row is None:
            raise Problem.of("not-found")
        return self._out(row, request)

    def _out(self, row: queue.Row, request: Request) -> CallBackOut:
        language = language_of(request.cookies, request.headers)
        line = queue.line_of(row, self.telling, self.store.around.now(), language)
        fields = {name: getattr(line, name) for name in CallBackOut.model_fields if name != "tries"}
        return CallBackOut.model_validate(fields | {"tries": [TryOut(at=at, by=by) for at, by in line.tries]})
