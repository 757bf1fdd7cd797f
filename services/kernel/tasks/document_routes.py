"""The documents of a task: /api/documents/<service>/{task}, whose bodies may be large."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import StringConstraints
from sqlmodel import Session, col, select
from starlette.responses import Response

from services.kernel.access import Principal, allow
from services.kernel.body import body_of
from services.kernel.problem import Problem
from services.kernel.tasks.documents import MOST, Cabinet, Document, TaskDocument
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.refused import refused

Reader = Annotated[Principal, Depends(allow("task.read"))]
Writer = Annotated[Principal, Depends(allow("task.write"))]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
PATH = "/api/documents"


class DocumentApi:
    """One desk's; `router` once per process."""

    def __init__(self, officers: Officers, cabinet: Cabinet) -> None:
        self.officers, self.cabinet, self.service = officers, cabinet, officers.desk.service

    def router(self) -> APIRouter:
        api = APIRouter(prefix=f"{PATH}/{self.service}/{{task}}", tags=[self.service])
        api.add_api_route("", self.list, methods=["GET"], summary="The documents of a task")
        api.add_api_route("", self.put, methods=["POST"], status_code=201, summary="Add a document")
        api.add_api_route("/{document}", self.get, methods=["GET"], summary="A document's content")
        return api

    async def list(self, task: str, who: Reader) -> list[Document]:
        found = await self.officers.find(task, who)
        return await self.officers.store.read(
            lambda session: self.cabinet.listed(session, task, found.case_id)
        )

    async def put(
        self, task: str, request: Request, who: Writer, name: Annotated[Named, Query()]
    ) -> Document:
        """The body is the document itself: PDF, JPEG or PNG, at most 10 MB."""
        return await self.keep(task, who, name, await body_of(request))

    async def keep(self, task: str, who: Principal, name: str, content: bytes) -> Document:
        """Problem: not-found, task-full after MOST documents, or what `Cabinet.put` refuses."""
        found = await self.officers.find(task, who)
        if len(await self.list(task, who)) >= MOST:
            raise refused("task-full")
        fields = (await self.cabinet.put(found.case_id, task, name, content, who.by)).model_dump()
        await self.officers.store.run(lambda tx: tx.insert(TaskDocument, **fields))
        del fields["task"], fields["key"]
        return Document(**fields | {"name": name})

    async def get(self, task: str, document: UUID, who: Reader) -> Response:
        found = await self.officers.find(task, who)

        def look(session: Session) -> TaskDocument | None:
            mine = col(TaskDocument.task) == task
            return session.scalars(
                select(TaskDocument).where(col(TaskDocument.id) == document, mine)
            ).one_or_none()

        row = await self.officers.store.read(look)
        if row is None:
            raise Problem.of("not-found")
        name = quote(self.cabinet.name(found.case_id, row) or "document")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(
            await self.cabinet.get(found.case_id, row), media_type=row.media_type, headers=headers
        )
