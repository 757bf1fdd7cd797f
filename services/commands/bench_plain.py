"""What intake is compared with, as the first pages of FastAPI and uvicorn have it: the body is checked, the
answer is a model, nothing is kept, and nothing is set that makes either faster.

YIKOU_PORT=8081 python -m services.commands.bench_plain
"""

from uuid import UUID

import uvicorn
from fastapi import FastAPI, Response

from services.intake.routes import PATH
from services.intake.schemas import CaseIn
from services.intake.views import CreatedOut, LinksOut
from services.kernel.settings import Settings

app = FastAPI()


@app.get("/readyz")
async def ready() -> Response:
    return Response()


@app.post(PATH, status_code=201)
async def create(given: CaseIn) -> CreatedOut:
    return CreatedOut(
        case_id=UUID(int=0), number="", kind="", report_type=None, status="", tracking_code="",
        links=LinksOut(self_="", page=""),
    )  # fmt: skip


if __name__ == "__main__":
    uvicorn.run(app, port=Settings.read().port)
