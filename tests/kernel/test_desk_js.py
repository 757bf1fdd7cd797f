"""The desk by keyboard alone, in a real browser: keys, drafts, questions, fresh lists."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from playwright.async_api import Page
from starlette.responses import HTMLResponse, Response

from services.kernel.access import Principal, allow
from services.kernel.navigation import Navigation, NavItem
from services.kernel.pages import PageRouter, Pages, render, see_other
from services.kernel.settings import Settings
from tests.chromium import signed_in
from tests.conftest import MissingPart
from tests.kernel.front import NAVIGATION, PASSWORD, front

DESK = """{% extends "base.html" %}{% import "macros.html" as m with context %}
{% block title %}x{% endblock %}{% block main %}
<form method="post" action="/js" data-submit data-draft="new">{{ m.csrf_field() }}
{{ m.radios("kind", "类型", [("a", "欠薪"), ("b", "求职")], numbered=true) }}
{{ m.field("phone", "电话", data_key="t") }}{{ m.textarea("text", "诉求") }}
<button class="primary">保存</button></form>
<form method="post" action="/js/gone">{{ m.csrf_field() }}{{ m.confirm("ask", "撤销", "确定吗？") }}</form>
<div id="list" data-refresh="0" data-src="/js/list">old</div>{% endblock %}"""

router = PageRouter()
ENTRY = NavItem("/js", "搜索", "case.read", key="g j")
Agent = Annotated[Principal, Depends(allow("case.read"))]


@router.get("/js")
async def desk(request: Request, _who: Agent) -> Response:
    return render(request, "desk_under_test.html")


@router.post("/js")
async def save(request: Request, _who: Agent) -> Response:
    request.app.state.kept = dict(await request.form())
    return see_other("/js", saved="new")


@router.post("/js/gone")
async def gone(request: Request, _who: Agent) -> Response:
    request.app.state.gone = True
    return see_other("/")


@router.get("/js/list")
async def fresh(_who: Agent) -> HTMLResponse:
    return HTMLResponse("<p>new</p>")


@asynccontextmanager
async def browsing(folder: Path, port: int, missing_part: MissingPart) -> AsyncIterator[tuple[Page, object]]:
    """A browser signed in at the desk under test, and the application's state."""
    (folder / "desk_under_test.html").write_text(DESK, encoding="utf-8")
    settings = Settings.read(port=port, data_dir=folder)
    async with front(folder, router, settings=settings) as f:
        await f.person("agent")
        pages: Pages = f.app.state.pages
        pages.add_folder(folder)
        pages.navigation = Navigation((*NAVIGATION.pages, ENTRY), (ENTRY,))
        offline = ("ERR_INTERNET_DISCONNECTED",)
        async with signed_in(f.app, settings, "/js", "#list", PASSWORD, missing_part, offline) as page:
            yield page, f.app.state


async def test_the_keyboard_reaches_everything(
    tmp_path: Path, free_port: int, missing_part: MissingPart
) -> None:
    async with browsing(tmp_path, free_port, missing_part) as (page, _):
        await page.keyboard.press("2")
        assert await page.is_checked("input[value=b]")
        await page.keyboard.press("t")
        await page.keyboard.type("1/2n?")
        assert await page.input_value("#phone") == "1/2n?"
        await page.keyboard.press("Escape")
        await page.keyboard.press("/")
        assert await page.evaluate("document.activeElement.name") == "q"
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        shown = await page.inner_text("#help dl")
        assert shown.split() == [
            "/",
            "搜索",
            "g",
            "d",
            "工作台",
            "g",
            "j",
            "搜索",
            "1",
            "欠薪",
            "2",
            "求职",
            "t",
            "电话",
        ]
        await page.keyboard.press("Escape")
        await page.keyboard.press("g")
        async with page.expect_navigation():
            await page.keyboard.press("j")


async def test_nothing_typed_is_lost_until_it_is_saved(
    tmp_path: Path, free_port: int, missing_part: MissingPart
) -> None:
    async with browsing(tmp_path, free_port, missing_part) as (page, state):
        await page.check("input[value=a]")
        await page.fill("#text", "拖欠工资\n三个月")
        await page.reload()
        assert await page.input_value("#text") == "拖欠工资\n三个月"
        assert await page.is_checked("input[value=a]")
        await page.focus("#text")
        async with page.expect_navigation():
            await page.keyboard.press("Control+Enter")
        assert getattr(state, "kept")["text"] == "拖欠工资\r\n三个月"  # noqa: B009
        assert await page.input_value("#text") == ""
        await page.fill("#phone", "138")
        await page.click("text=退出")
        await page.wait_for_url("**/")
        assert await page.evaluate("Object.keys(localStorage)") == []


async def test_what_cannot_be_undone_asks_first(
    tmp_path: Path, free_port: int, missing_part: MissingPart
) -> None:
    async with browsing(tmp_path, free_port, missing_part) as (page, state):
        await page.click("text=撤销")
        await page.click("dialog[open] >> text=取消")
        assert not hasattr(state, "gone")
        await page.click("text=撤销")
        async with page.expect_navigation():
            await page.click("dialog[open] >> text=撤销")
        assert hasattr(state, "gone")


async def test_a_list_refreshes_itself_and_says_when_it_cannot(
    tmp_path: Path, free_port: int, missing_part: MissingPart
) -> None:
    async with browsing(tmp_path, free_port, missing_part) as (page, _):
        assert await page.inner_text("#list") == "old"
        await page.wait_for_selector("#list p", timeout=20000)
        assert await page.inner_text("#list") == "new"
        await page.context.set_offline(True)
        await page.wait_for_selector("#list.stale", timeout=20000)
        await page.context.set_offline(False)
        await page.wait_for_selector("#list:not(.stale)", timeout=20000)
