"""Entries of a telephone whose connection is lost, in a real browser: kept, sent again, counted once."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, async_playwright

from services.domain.events import TaskProgressed
from tests.conftest import MissingPart
from tests.employment_adapter.centre import EMPLOYMENT, assistant, seeker
from tests.kernel.cells import until
from tests.kernel.front import PASSWORD
from tests.kernel.tasks.town import Town, town
from tests.places import Folder


@asynccontextmanager
async def telephone(folder: Path, missing_part: MissingPart) -> AsyncIterator[tuple[Town, str, Page]]:
    """A phone with a visit open on it, signed in as the assistant. Errors on its page fail the test."""
    if not (chromium := shutil.which("chromium")):
        missing_part("chromium", "no chromium on the PATH")
    wrong: list[str] = []
    async with town(Folder(folder), EMPLOYMENT, served=True) as here, async_playwright() as playwright:
        key = await seeker(here)
        await here.sign_in("300401", "officer", [EMPLOYMENT.unit])
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            phone = await browser.new_context(
                base_url=here.url, viewport={"width": 390, "height": 844}, locale="zh-CN"
            )
            page = await phone.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            await page.goto(f"/signin?next=/visits/{key}")
            await page.fill("#name", "300401")
            await page.fill("#password", PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_selector("#attempt_note")
            yield here, key, page
        finally:
            await browser.close()
    assert wrong == []


async def steps(here: Town) -> list[str]:
    return [event.step for event in await here.events() if isinstance(event, TaskProgressed)]


async def test_an_entry_waits_for_the_line_and_is_sent_by_itself(
    tmp_path: Path, missing_part: MissingPart
) -> None:
    async with telephone(tmp_path, missing_part) as (here, _key, page):
        await page.context.set_offline(True)
        await page.fill("#attempt_note", "敲门无人应")
        await page.click("text=没人在家")
        await page.wait_for_selector("#unsent:not([hidden])")
        assert "1 条登记保存在这部手机里" in await page.inner_text("#unsent")
        assert await steps(here) == []
        await page.context.set_offline(False)
        await page.wait_for_selector("text=上门未遇")
        assert await page.is_hidden("#unsent")
        assert await steps(here) == ["nobody_home"]


async def test_an_entry_outlives_the_page_on_which_it_was_made(
    tmp_path: Path, missing_part: MissingPart
) -> None:
    async with telephone(tmp_path, missing_part) as (here, _key, page):
        await page.context.set_offline(True)
        await page.click("text=见到本人")
        await page.wait_for_selector("#unsent:not([hidden])")
        phone = page.context
        await page.close()
        await phone.set_offline(False)
        later = await phone.new_page()
        await later.goto("/visits")

        async def sent() -> bool:
            return await steps(here) == ["visit_done"]

        await until(sent)


async def test_an_entry_whose_answer_was_lost_counts_once(tmp_path: Path, missing_part: MissingPart) -> None:
    async with telephone(tmp_path, missing_part) as (here, _key, page):
        answers = 0

        async def lose(route: Route) -> None:
            nonlocal answers
            answers += 1
            await route.fetch()  # the server has it
            await route.abort()

        await page.route("**/api/visits/**", lose)
        await page.click("text=见到本人")
        await page.wait_for_selector("#unsent:not([hidden])")
        assert (answers, await steps(here)) == (1, ["visit_done"])
        await page.unroute("**/api/visits/**")
        await page.reload()
        await page.wait_for_selector("#unsent", state="hidden")
        assert await steps(here) == ["visit_done"]


async def test_a_refused_entry_says_why_and_can_be_put_right(
    tmp_path: Path, missing_part: MissingPart
) -> None:
    async with telephone(tmp_path, missing_part) as (here, key, page):
        await page.context.set_offline(True)
        await page.click("summary:has-text('办结')")
        await page.select_option("#outcome_outcome", "unreachable")
        await page.check("input[name=outcome_resolved][value=false]")
        await page.fill("#outcome_summary", "联系不上")
        await page.click("details:has(#outcome_summary) button")
        await page.wait_for_selector("#unsent:not([hidden])")
        await page.context.set_offline(False)
        await page.wait_for_selector("text=目前还不能这样办理")
        assert "OutcomeReported" not in await here.said()
        await page.click("#unsent >> text=改正")
        await page.wait_for_selector("#unsent", state="hidden")
        assert await page.input_value("#outcome_summary") == "联系不上"
        assert await page.is_checked("input[name=outcome_resolved][value=false]")
        who = await assistant(here)
        assert (
            await who.tried(key, "nobody_home", "nobody_home", "phoned_in_vain", "letter_sent") == [200] * 4
        )
        await page.click("summary:has-text('办结')")
        await page.click("details:has(#outcome_summary) button")
        await page.wait_for_selector("text=已办结，热线会告知来电人")
        assert (await here.said())[-1] == "OutcomeReported"


@pytest.mark.parametrize("leaves", [True, False])
async def test_signing_out_with_unsent_entries_asks_first(
    tmp_path: Path, missing_part: MissingPart, leaves: bool
) -> None:
    async with telephone(tmp_path, missing_part) as (here, _key, page):
        await page.route("**/api/visits/**", lambda route: route.abort())
        await page.click("text=见到本人")
        await page.wait_for_selector("#unsent:not([hidden])")
        asked: list[str] = []

        async def answer(dialog: object) -> None:
            asked.append(dialog.message)  # type: ignore[attr-defined]
            await (dialog.accept() if leaves else dialog.dismiss())  # type: ignore[attr-defined]

        page.on("dialog", answer)
        await page.click("text=退出")
        if leaves:
            await page.wait_for_selector("text=登录")
        assert len(asked) == 1
        assert ("/visits/" in page.url) is not leaves
        assert await page.evaluate("localStorage.getItem('entries:300401') !== null")
        assert await steps(here) == []
