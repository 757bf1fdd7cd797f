"""What a browser without a script does, and what a person reads on a page."""

import re

import httpx

from tests.intake.hotline import Hotline

BROWSER = {"accept": "text/html"}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def errors(page: str) -> list[str]:
    return re.findall(r'<p class="error"[^>]*>([^<]+)</p>', page)


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def post(desk: Hotline, path: str, data: dict[str, str]) -> httpx.Response:
    return await desk.client.post(path, data=data, headers=BROWSER)
