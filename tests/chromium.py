"""An application in a real browser: problems on its console fail the test."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from fastapi import FastAPI
from playwright.async_api import Page, async_playwright

from services.kernel.server import server
from services.kernel.settings import Settings
from tests.conftest import MissingPart


@asynccontextmanager
async def signed_in(
    app: FastAPI, settings: Settings, path: str, shown: str, password: str, missing_part: MissingPart,
    allowed: Collection[str] = (),
) -> AsyncIterator[Page]:  # fmt: skip
    """The page at `path`, as the agent 10543, once `shown` is there.

    `allowed`: what a line of the console may contain.
    """
    if not (chromium := shutil.which("chromium")):
        missing_part("chromium", "no chromium on the PATH")
    web = server(app, settings)
    said: list[str] = []
    async with async_playwright() as playwright:
        serving = asyncio.create_task(web.serve())
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            page = await browser.new_page(base_url=f"http://127.0.0.1:{settings.port}", locale="zh-CN")
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            await page.goto(f"/signin?next={path}")
            await page.fill("#name", "10543")
            await page.fill("#password", password)
            await page.keyboard.press("Enter")
            await page.wait_for_selector(shown)
            yield page
        finally:
            await browser.close()
            web.should_exit = True
            await serving
    assert [text for text in said if not any(one in text for one in allowed)] == []
