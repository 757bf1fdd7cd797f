"""Is the process alive, is it ready, and its figures."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from services.kernel import metrics
from services.kernel.access import Principal, allow, public

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else a code of what is not ("log_unreachable"): no texts of exceptions."""

PATIENCE: Final = 2.0  # seconds that one check may take


class Health:
    """What must be in order before requests are sent here; parts add their checks at start."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        self._checks[name] = check

    async def failing(self) -> dict[str, str]:
        """The checks that fail now, each with its code."""
        codes = await asyncio.gather(*(_ask(check) for check in self._checks.values()))
        return {name: code for name, code in zip(self._checks, codes, strict=True) if code is not None}


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return "timeout"
    except Exception as error:
        return type(error).__name__


router = APIRouter(include_in_schema=False)


@router.get("/healthz", dependencies=[Depends(public())])
async def alive() -> JSONResponse:
    """The process runs and its event loop answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", dependencies=[Depends(public())])
async def ready(request: Request) -> JSONResponse:
    """Requests may be sent here; else 503 and the names of the checks that fail."""
    health: Health = request.app.state.health
    failing = await health.failing()
    return JSONResponse(
        {"status": "failing" if failing else "ok", "failing": failing}, 503 if failing else 200
    )


@router.get("/metrics")
async def figures(
    _who: Annotated[Principal | None, Depends(allow("metrics.read", from_here=True))],
) -> Response:
    """The Prometheus text format."""
    return Response(metrics.exposition(), media_type=metrics.MEDIA_TYPE)
