"""Finds out who makes a request, and signs people in and out.

Tokens and sessions are remembered for a few seconds, so that a request on the hot path reads no database;
what is revoked or disabled stops working within that time.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from argon2 import PasswordHasher
from sqlmodel import Session
from starlette.requests import Request

from services.kernel.accounts import HASHER, Account, forgive, is_password, may_try
from services.kernel.cache import Cache
from services.kernel.keeping import Keeping
from services.kernel.logs import logger
from services.kernel.metrics import SIGN_INS
from services.kernel.problem import Problem
from services.kernel.roles import Principal
from services.kernel.sessions import (
    SignedIn,
    close_session,
    cookie_hash,
    cookie_name,
    find_session,
    open_session,
)
from services.kernel.surroundings import Surroundings
from services.kernel.tokens import callback_secrets, find_token, token_hash

TOKENS_KEPT: Final = timedelta(seconds=30)
SESSIONS_KEPT: Final = timedelta(seconds=5)
REMEMBERED: Final = 10_000
AT_ONCE, MOST_WAITING = 2, 20  # sign-ins whose passwords are hashed, and that may wait for it

log = logger("kernel.access")
Identity = tuple[Principal | None, SignedIn | None]
_NOBODY: Final[Identity] = (None, None)


class Access:
    """One per process. `secure`: cookies go over https only."""

    def __init__(
        self, store: Keeping, around: Surroundings, *, secure: bool = False, hasher: PasswordHasher = HASHER
    ) -> None:
        self.store, self.cookie, self.secure = store, cookie_name(secure), secure
        self._around, self._hasher = around, hasher
        self._tokens: Cache[tuple[Principal | None]] = Cache(TOKENS_KEPT, REMEMBERED)
        self._sessions: Cache[SignedIn] = Cache(SESSIONS_KEPT, REMEMBERED)
        self._hashing = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def identify(self, request: Request) -> Identity:
        """The principal, and the session if it came with one. A bad token is nobody, whatever the cookie."""
        if (authorization := request.headers.get("authorization")) is not None:
            scheme, _, token = authorization.partition(" ")
            return (await self._by_token(token.strip()) if scheme.lower() == "bearer" else None), None
        if not (value := request.cookies.get(self.cookie)):
            return _NOBODY
        session = await self._by_cookie(value)
        return (session.principal, session) if session else _NOBODY

    async def sign_in(self, name: str, password: str) -> str | None:
        """A new session's cookie value; None when name or password is wrong or the name is locked.

        All the refusals take the same time. Problem 429 when too many wait for their turn.
        """
        if self._waiting >= MOST_WAITING:
            raise Problem.of("too-many-requests", {"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._hashing:
                value = await self._try(name, password)
        finally:
            self._waiting -= 1
        SIGN_INS.labels("ok" if value else "refused").inc()
        return value

    async def sign_out(self, request: Request) -> None:
        if value := request.cookies.get(self.cookie):
            self._sessions.drop(cookie_hash(value))
            await close_session(self.store, cookie_hash(value))

    async def callback_secrets(self, client: str) -> tuple[str, ...]:
        """The webhook secrets of a machine client, newest first (services.kernel.webhooks.sign)."""
        return await callback_secrets(self.store, client)

    async def _try(self, name: str, password: str) -> str | None:
        now = self._around.now()
        allowed = await may_try(self.store, name, now)
        account = await self.store.read(lambda session: session.get(Account, name))
        right = await is_password(account.password_hash if account else None, password, self._hasher)
        if account is None or account.disabled or not (right and allowed):
            log.warning("sign_in.refused", reason="locked" if not allowed else "wrong")
            return None
        return await self.store.run(partial(_begin, account=account, now=now))

    async def _by_token(self, token: str) -> Principal | None:
        hashed, now = token_hash(token), self._around.now()
        if (known := self._tokens.get(hashed, now)) is not None:
            return known[0]
        who = await find_token(self.store, hashed)
        self._tokens.put(hashed, (who,), now)
        return who

    async def _by_cookie(self, value: str) -> SignedIn | None:
        hashed, now = cookie_hash(value), self._around.now()
        session = self._sessions.get(hashed, now)
        if session is None and (session := await find_session(self.store, hashed, now)):
            self._sessions.put(hashed, session, now)
        return session if session and session.expires_at > now else None


def _begin(tx: Session, account: Account, now: datetime) -> str:
    forgive(tx, account.name)
    return open_session(tx, account, now)
