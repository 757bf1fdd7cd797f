"""The desk's form in a real browser: what was found out appears beside it, and nothing typed is touched."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page

from services.kernel.accounts import add_account
from services.kernel.settings import Settings
from tests.chromium import signed_in
from tests.conftest import MissingPart
from tests.intake.hotline import PASSWORD, PHONE, QUICK, WAGE, Hotline, hotline

SHOTS = os.environ.get("YIKOU_SHOTS")  # a folder for pictures of the pages


@asynccontextmanager
async def browsing(folder: Path, port: int, missing_part: MissingPart) -> AsyncIterator[tuple[Hotline, Page]]:
    """An agent at the desk."""
    async with hotline(folder) as desk:
        await add_account(
            desk.people, "10543", PASSWORD, "agent", desk.clock(), staff_number="10543", hasher=QUICK
        )
        settings = Settings.read(port=port, data_dir=folder)
        async with signed_in(desk.app, settings, "/desk", "#main-form", PASSWORD, missing_part) as page:
            yield desk, page


async def test_hints_appear_while_typing_and_one_click_attaches_the_call(
    tmp_path: Path, free_port: int, missing_part: MissingPart
) -> None:
    async with browsing(tmp_path, free_port, missing_part) as (desk, page):
        made = await desk.create()
        for n in range(5):
            await desk.create(caller={"phone": str(int(PHONE) + 1 + n)})
        await desk.background()
        await page.set_viewport_size({"width": 1440, "height": 1000})
        await page.fill("#phone", PHONE)
        await page.wait_for_selector("#hints >> text=并入这一件")
        await page.fill("#employer_name", "江寧某某建築勞務有限公司")
        await page.fill("#work_address", WAGE["employer"]["work_address"])
        await page.locator("#text").press_sequentially(WAGE["text"])
        await page.wait_for_selector("#hints >> text=相似诉求")
        words = await page.inner_text("#hints")
        for said in ("江宁区劳动保障监察大队", "群体 集体欠薪", "6 人反映", "确定", "100%"):
            assert said in words, said
        assert await page.input_value("#text") == WAGE["text"]
        assert await page.evaluate("document.activeElement.id") == "text"
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/hints.png", full_page=True)
        async with page.expect_navigation():
            await page.click(f"[formaction='/desk/cases/{made['case_id']}/calls']")
        assert "来电已并入本件" in await page.inner_text("body")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/attached.png", full_page=True)
        await page.goto("/desk")
        assert await page.input_value("#text") == ""  # the draft is no longer needed
    assert desk.count("intake_case") == 6
