"""Pages and addresses that belong to no service: home, language, problem types, the API's description."""

import asyncio
from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from starlette.responses import JSONResponse, Response

from services.kernel.access import public, visitor
from services.kernel.language import COOKIE, language_of
from services.kernel.pages import PageRouter, Pages, local_path, render, see_other
from services.kernel.problem import Problem

router = PageRouter()


@router.get("/", dependencies=[Depends(public())])
async def home(request: Request) -> Response:
    await visitor(request)
    return render(request, "home.html")


@router.get("/language/{language}", dependencies=[Depends(public())])
async def choose_language(language: Literal["zh", "en"], back: str = "/") -> Response:
    answer = see_other(local_path(back))
    answer.set_cookie(COOKIE, language, max_age=365 * 24 * 3600, path="/", samesite="lax")
    return answer


@router.get("/problems/{slug}", dependencies=[Depends(public())])
async def problem_type(
    request: Request, slug: Annotated[str, Path(pattern="^[a-z0-9_-]{1,64}$")]
) -> Response:
    """What a problem's `type` means, for the people who meet it."""
    pages: Pages = request.app.state.pages
    if (kind := pages.kinds.get(slug)) is None:
        raise Problem.of("not-found")
    await visitor(request)
    english = language_of(request.cookies, request.headers) == "en"
    return render(
        request,
        "problem.html",
        slug=slug,
        code=kind.status,
        retryable=kind.retryable,
        title=kind.title_en if english else kind.title,
        sentence=kind.en if english else kind.zh,
    )


@router.get("/api/openapi.json", dependencies=[Depends(public())])
async def description(request: Request) -> Response:
    # In a thread: it is work of a second, once, and may load the services that other processes run.
    return JSONResponse(await asyncio.to_thread(request.app.state.describe))
