"""Pages: Jinja templates in two languages, with what the frame around them needs.

A service's pages.py:

    pages = PageRouter()

    @pages.get("/desk")
    async def desk(request: Request, who: Annotated[Principal, Depends(allow("case.read"))]) -> HTMLResponse:
        return render(request, "desk.html", cases=await store.read(recent))

`render(request, template, status=200, **context)` looks for the template in the kernel's and in every
service's `templates/` (so a service's names begin with its own: "intake_desk.html"), in the reader's
language. In every template: `who` (Principal or None), `nav`, `language`, `csrf`, `path`, `static(name)` and
`_()`; filters in filters.py.

A POST is answered by `see_other(path)`; with `saved=` the browser forgets the draft of that name. Nothing
personal goes into an address, so a search is a POST too.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType
from typing import Final
from urllib.parse import quote

from babel.support import Translations
from fastapi import APIRouter
from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse

from services.kernel.catalogue import translations
from services.kernel.filters import FILTERS
from services.kernel.fingerprint import Statics
from services.kernel.language import TAGS, Language, language_of
from services.kernel.navigation import Navigation
from services.kernel.problem import Kind, Problem, read_kinds
from services.kernel.roles import Principal

SAVED: Final = "yikou_saved"


class PageRouter(APIRouter):
    """The router of a service's pages, which the API's description leaves out."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(prefix=prefix, include_in_schema=False, default_response_class=HTMLResponse)


class Pages:
    """The templates of an installation, one environment per language; made once by `create_app`."""

    def __init__(self, folders: Sequence[Path], navigation: Navigation, statics: Statics, site: str) -> None:
        self.navigation = navigation
        self.kinds: Mapping[str, Kind] = read_kinds(*folders)
        self._environments: dict[Language, Environment] = {}
        for language in TAGS:
            environment = _environment(folders, translations(folders, language))
            environment.globals.update(
                language=language, html_lang=TAGS[language], static=statics.address, site=site
            )
            self._environments[language] = environment

    def add_folder(self, folder: Path) -> None:
        """Find templates in one more folder, after all others."""
        for environment in self._environments.values():
            if isinstance(environment.loader, ChoiceLoader):
                environment.loader = ChoiceLoader([*environment.loader.loaders, FileSystemLoader(folder)])

    def text(
        self, connection: HTTPConnection, template: str, language: Language, context: Mapping[str, object]
    ) -> str:
        state = connection.state
        who: Principal | None = getattr(state, "principal", None)
        session = getattr(state, "session", None)
        frame: dict[str, object] = {
            "who": who,
            "nav": [item for item in self.navigation.pages if item.is_for(who)],
            "search": next((item for item in self.navigation.searches if item.is_for(who)), None),
            "csrf": session.csrf if session else "",
            "path": connection.scope.get("path", ""),
            "saved": connection.cookies.get(SAVED, ""),
        }
        return self._environments[language].get_template(template).render(frame | dict(context))

    def error_page(
        self, connection: HTTPConnection, problem: Problem, title: str, incident: str | None
    ) -> str:
        language = language_of(connection.cookies, connection.headers)
        detail = problem.en if language == "en" else problem.zh
        context = {"problem": problem, "title": title, "detail": detail, "incident": incident, "path": "/"}
        return self.text(connection, "error.html", language, context)


def render(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """The page made of `template` and `context` in the reader's language."""
    pages: Pages = request.app.state.pages
    language = language_of(request.cookies, request.headers)
    page = HTMLResponse(pages.text(request, template, language, context), status)
    page.headers["Content-Language"] = TAGS[language]
    page.headers["Vary"] = "Accept-Language, Cookie"
    if SAVED in request.cookies:
        page.delete_cookie(SAVED, path="/")
    return page


def see_other(path: str, saved: str | None = None) -> RedirectResponse:
    """After a POST: go and look there. `saved`: name of the form's data-draft, which is no longer needed."""
    answer = RedirectResponse(quote(path, safe="/?&=#%-._~"), 303)
    if saved:
        answer.set_cookie(SAVED, saved, max_age=60, path="/", samesite="lax")
    return answer


def local_path(path: str) -> str:
    """The path if it is one of ours, else "/": what comes back with a request could lead anywhere."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if ours else "/"


class _Compiled(BytecodeCache):
    """What templates were compiled to, in memory: it is the same in both languages, and takes 20 ms each."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final = _Compiled()


def _environment(folders: Sequence[Path], words: Translations) -> Environment:
    loader = ChoiceLoader([FileSystemLoader(folder / "templates") for folder in folders])
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(FILTERS)
    return environment
