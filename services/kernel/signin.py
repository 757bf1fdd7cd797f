"""Signing in and out with a password."""

from typing import Annotated, Final

from fastapi import Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.kernel.access import public, visitor
from services.kernel.csrf import check_form, csrf_checked
from services.kernel.identity import Access
from services.kernel.language import language_of
from services.kernel.pages import PageRouter, local_path, render, see_other
from services.kernel.problem import KINDS
from services.kernel.sessions import LIFETIME

router = PageRouter()
_WRONG: Final = KINDS["wrong-credentials"]


@router.get("/signin", dependencies=[Depends(public())])
async def ask(request: Request, next: str = "/") -> Response:
    if await visitor(request):
        return see_other(local_path(next))
    return render(request, "signin.html", next=local_path(next), name="", error="")


@router.post("/signin", dependencies=[Depends(public()), Depends(csrf_checked)])
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=400)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """A new session on success; else the form again, with one sentence for every reason."""
    access: Access = request.app.state.access
    value = await access.sign_in(name.strip(), password)
    if value is None:
        return _again(request, name, next)
    answer = see_other(local_path(next))
    answer.set_cookie(
        access.cookie,
        value,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        secure=access.secure,
        samesite="lax",
    )
    return answer


@router.post("/signout", dependencies=[Depends(public()), Depends(csrf_checked)])
async def sign_out(request: Request) -> RedirectResponse:
    await visitor(request)
    if (session := request.state.session) is not None:
        await check_form(request, session.csrf)
    access: Access = request.app.state.access
    await access.sign_out(request)
    answer = see_other("/")
    answer.delete_cookie(access.cookie, path="/", httponly=True, secure=access.secure, samesite="lax")
    return answer


def _again(request: Request, name: str, next: str) -> HTMLResponse:
    english = language_of(request.cookies, request.headers) == "en"
    error = _WRONG.en if english else _WRONG.zh
    return render(request, "signin.html", status=401, next=local_path(next), name=name, error=error)
