"""What intake is compared with: reads and checks the same body, keeps nothing, asks nobody who calls.

YIKOU_PORT=8081 python -m services.commands.bench_noop
"""

import gc

from fastapi import FastAPI, Response

from services.intake.routes import PATH
from services.intake.schemas import CaseIn
from services.kernel.server import server
from services.kernel.settings import Settings


def build() -> FastAPI:
    app = FastAPI(
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )

    @app.get("/readyz")
    async def ready() -> Response:
        return Response()

    @app.post(PATH)
    async def create(given: CaseIn) -> Response:
        return Response(b"{}", 201, media_type="application/json")

    return app


def main() -> None:
    app = build()
    gc.collect()
    gc.freeze()  # as the services do
    server(app, Settings.read()).run()


if __name__ == "__main__":
    main()
