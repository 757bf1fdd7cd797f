"""Signing in: cookies, lock-out, and answers that tell a guesser nothing."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher

from services.domain.refusals import Refusal
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account, disable_account, set_password
from services.kernel.identity import MOST_WAITING
from services.kernel.settings import Settings
from services.kernel.tokens import create_token
from tests.kernel.cells import START
from tests.kernel.front import BROWSER, HERE, PASSWORD, QUICK, front


async def test_signing_in_gives_a_cookie_that_scripts_cannot_read(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        answer = await f.sign_in(next="/front")
        assert (answer.status_code, answer.headers["location"]) == (303, "/front")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("yikou=")
        assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
        assert (await f.client.get("/front")).status_code == 200


async def test_over_https_the_cookie_belongs_to_this_host_alone(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path, public_url=HERE, cookie_secure=True)
    async with front(tmp_path, settings=settings) as f:
        await f.person("agent")
        answer = await f.sign_in()
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-yikou=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_wrong_unknown_locked_and_disabled_look_the_same(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        for name in ("10543", "10544", "10545"):
            await f.person("agent", name)
        await disable_account(f.store, "10544")
        for _ in range(5):
            await f.sign_in("10545", "wrong password")
        tries = [("10543", "wrong"), ("90000", PASSWORD), ("10544", PASSWORD), ("10545", PASSWORD)]
        answers = [await f.sign_in(name, password) for name, password in tries]
        pages = {a.text.replace(name, "NAME") for a, (name, _) in zip(answers, tries, strict=True)}
        assert {a.status_code for a in answers} == {401}
        assert len(pages) == 1


async def test_five_wrong_tries_lock_a_name_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        for _ in range(5):
            assert (await f.sign_in(password="wrong")).status_code == 401
        assert (await f.sign_in()).status_code == 401
        f.clock.forward(minutes=14)
        assert (await f.sign_in()).status_code == 401
        f.clock.forward(minutes=1)
        assert (await f.sign_in()).status_code == 303


async def test_a_right_password_forgives_the_wrong_ones(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        for _ in range(3):
            for _ in range(4):
                await f.sign_in(password="wrong")
            assert (await f.sign_in()).status_code == 303


async def test_many_guesses_at_once_are_still_five(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        guesses = [f.access.sign_in("10543", "wrong") for _ in range(MOST_WAITING - 1)]
        await asyncio.gather(*guesses)
        assert await f.access.sign_in("10543", PASSWORD) is None


async def test_a_crowd_at_the_door_is_asked_to_come_again(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        answers = await asyncio.gather(*(f.sign_in(f"9{n}", "wrong") for n in range(40)))
        crowded = [a for a in answers if a.status_code == 429]
        assert crowded
        assert all("retry-after" in a.headers for a in crowded)


async def test_an_unknown_name_costs_a_hash_as_a_known_one_does(tmp_path: Path) -> None:
    verified: list[object] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(hash)
            return super().verify(hash, password)

    async with front(tmp_path, hasher=Watched(time_cost=1, memory_cost=8, parallelism=1)) as f:
        await f.person("agent")
        await f.access.sign_in("10543", "wrong")
        await f.access.sign_in("90000", "wrong")
        assert len(verified) == 2


async def test_a_session_ends_after_twelve_hours(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        f.clock.at += timedelta(hours=11, minutes=59)
        assert (await f.client.get("/api/cases/1")).status_code == 200
        f.clock.at += timedelta(minutes=1)
        assert (await f.client.get("/api/cases/1")).status_code == 401


async def test_signing_out_ends_the_session_at_once(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        cookie = dict(f.client.cookies)
        answer = await f.client.post("/signout", data={"csrf_token": await f.csrf()})
        assert answer.status_code == 303
        f.client.cookies.update(cookie)
        assert (await f.client.get("/api/cases/1")).status_code == 401


@pytest.mark.parametrize("change", ["disabled", "password"])
async def test_a_disabled_account_or_a_new_password_ends_sessions_within_seconds(
    tmp_path: Path, change: str
) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        assert (await f.client.get("/api/cases/1")).status_code == 200
        if change == "disabled":
            await disable_account(f.store, "10543")
        else:
            await set_password(f.store, "10543", "another horse 8", QUICK)
        f.clock.forward(seconds=5)
        assert (await f.client.get("/api/cases/1")).status_code == 401


async def test_signing_in_leads_nowhere_but_home(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        for elsewhere in ("//evil.test", "https://evil.test", "/\\evil.test", "/\t/evil.test", "evil"):
            assert (await f.sign_in(next=elsewhere)).headers["location"] == "/"


async def test_a_page_for_the_signed_in_asks_to_sign_in_without_repeating_the_query(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        answer = await f.client.get("/front?q=13800138000", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/front")


@pytest.mark.parametrize(
    ("name", "password", "role", "code"),
    [
        ("10543", "short", "agent", "weak-password"),
        ("10543", PASSWORD, "boss", "unknown-role"),
        ("张三", PASSWORD, "agent", "bad-name"),
        ("taken", PASSWORD, "agent", "name-taken"),
    ],
)
async def test_an_account_is_refused_with_a_reason(
    tmp_path: Path, name: str, password: str, role: str, code: str
) -> None:
    async with front(tmp_path) as f:
        await f.person("agent", "taken")
        with pytest.raises(Refusal) as refused:
            await add_account(f.store, name, password, role, f.clock(), hasher=QUICK)
    assert refused.value.code == code


async def test_accounts_and_tokens_are_made_while_the_server_runs(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        other = AccessStore(f"sqlite:///{tmp_path}/access.db")
        await other.start()
        await add_account(other, "10543", PASSWORD, "agent", START, hasher=QUICK)
        token = await create_token(other, "feed", "machine", START)
        await other.close()
        assert (await f.sign_in()).status_code == 303
        headers = {"authorization": f"Bearer {token}"}
        assert (await f.client.get("/api/cases/1", headers=headers)).status_code == 200


async def test_neither_password_nor_token_stands_in_the_store(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        secret = [f.client.cookies["yikou"], PASSWORD, (await f.bearer("machine"))["authorization"][7:]]
    assert not [s for s in secret if s.encode() in everything_in(tmp_path)]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())
