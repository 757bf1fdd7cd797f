"""Requests that another site makes a browser send change nothing."""

from pathlib import Path

import pytest

from tests.kernel.front import ELSEWHERE, HERE, PASSWORD, front

FOREIGN = [
    {"origin": ELSEWHERE},
    {"origin": "null"},
    {"origin": "http://12333.test.evil.test"},
    {"origin": "http://[broken"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": HERE},
]


async def test_a_form_of_our_own_page_carries_the_token(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        headers = {"origin": HERE, "sec-fetch-site": "same-origin"}
        answer = await f.client.post("/front", data={"csrf_token": await f.csrf()}, headers=headers)
        assert answer.status_code == 303
        answer = await f.client.post("/front", headers={"x-csrf-token": await f.csrf()})
        assert answer.status_code == 303


@pytest.mark.parametrize("token", [None, "", "guess", "密"])
async def test_a_session_without_its_token_changes_nothing(tmp_path: Path, token: str | None) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        form = {} if token is None else {"csrf_token": token}
        assert (await f.client.post("/front", data=form)).status_code == 403
        assert (await f.client.post("/api/cases", json={"text": "x"})).status_code == 403
        assert (await f.client.post("/signout", data=form)).status_code == 403
        assert (await f.client.get("/front")).status_code == 200


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_is_refused_even_with_the_token(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        answer = await f.client.post("/front", data={"csrf_token": await f.csrf()}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/foreign-form"


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_site_signs_nobody_in(tmp_path: Path, headers: dict[str, str]) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        form = {"name": "10543", "password": PASSWORD}
        answer = await f.client.post("/signin", data=form, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_the_public_address_counts_as_ours_behind_a_proxy(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        form = {"name": "10543", "password": PASSWORD}
        headers = {"host": "10.0.0.5:8080", "origin": HERE}
        assert (await f.client.post("/signin", data=form, headers=headers)).status_code == 303


async def test_a_token_needs_no_form_protection(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        headers = {**await f.bearer("machine"), "origin": ELSEWHERE}
        assert (await f.client.post("/api/cases", json={"text": "x"}, headers=headers)).status_code == 201
