"""What lies with a task, by form: seeing whose it is, its workers, their payments, its documents."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.kernel.access import Principal, allow
from services.kernel.pages import PageRouter, see_other
from services.kernel.tasks.actions import Yuan
from services.kernel.tasks.document_routes import PATH as DOCUMENTS
from services.kernel.tasks.document_routes import DocumentApi
from services.kernel.tasks.documents import LIMIT, Cabinet
from services.kernel.tasks.officers import Officers
from services.kernel.tasks.refused import refused
from services.kernel.tasks.worker_routes import Named, PaymentIn, PurposeIn, WorkerApi, WorkerIn

Writer = Annotated[Principal, Depends(allow("task.write"))]
UPLOADS = "/documents"
FORM = 8 << 10  # bytes that a form has around its file
BODY_LIMITS = {DOCUMENTS: LIMIT, UPLOADS: LIMIT + FORM}  # bytes, by path
T = TypeVar("T")
_AMOUNT: TypeAdapter[Yuan] = TypeAdapter(Yuan)
_NAME: TypeAdapter[Named] = TypeAdapter(Named)


class PaperPages:
    """One desk's; `router` once per process."""

    def __init__(self, officers: Officers, cabinet: Cabinet) -> None:
        self.service = officers.desk.service
        self.api, self.documents = WorkerApi(officers), DocumentApi(officers, cabinet)

    def router(self) -> PageRouter:
        pages = PageRouter()
        tasks = f"/{self.service}/tasks/{{task}}"
        pages.add_api_route(f"{tasks}/identity", self.identity, methods=["POST"])
        pages.add_api_route(f"{tasks}/workers", self.worker, methods=["POST"])
        pages.add_api_route(f"{tasks}/payments", self.payment, methods=["POST"])
        pages.add_api_route(f"{UPLOADS}/{self.service}/{{task}}", self.document, methods=["POST"])
        return pages

    async def identity(self, task: str, request: Request, who: Writer) -> Response:
        purpose = await _sent(request, "purpose")
        await self.api.identity(task, PurposeIn(purpose=purpose), who)
        return self._back(task)

    async def worker(self, task: str, request: Request, who: Writer) -> Response:
        name, owed = await _sent(request, "name"), await _sent(request, "owed")
        given = _read(lambda: WorkerIn(name=_NAME.validate_python(name), owed=_AMOUNT.validate_python(owed)))
        await self.api.add(task, given, who)
        return self._back(task)

    async def payment(self, task: str, request: Request, who: Writer) -> Response:
        amount, token = await _sent(request, "amount"), await _sent(request, "token")
        given = _read(lambda: PaymentIn(amount=_AMOUNT.validate_python(amount)))
        worker = _read(lambda: UUID(sent)) if (sent := await _sent(request, "worker")) else None
        if worker is None or not token:
            raise refused("unreadable-form")
        await self.api.pay(task, worker, given, who, token[:64])
        return self._back(task)

    async def document(self, task: str, request: Request, who: Writer) -> Response:
        file = (await request.form()).get("file")
        if not isinstance(file, UploadFile):
            raise refused("unreadable-form")
        content = await file.read()
        await file.close()
        await self.documents.keep(task, who, (file.filename or "document")[-100:], content)
        return self._back(task)

    def _back(self, task: str) -> Response:
        return see_other(f"/{self.service}/tasks/{task}")


async def _sent(request: Request, name: str) -> str:
    value = (await request.form()).get(name)
    return value.strip() if isinstance(value, str) else ""


def _read(make: Callable[[], T]) -> T:
    """What the form says; Problem `unreadable-form` when it is no name, amount or id."""
    try:
        return make()
    except (ValidationError, ValueError):
        raise refused("unreadable-form") from None
