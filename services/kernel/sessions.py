"""Who is signed in: a random cookie, kept as a hash, for twelve hours."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col

from services.kernel.accounts import Account
from services.kernel.columns import UtcDateTime
from services.kernel.keeping import Keeping, parted
from services.kernel.roles import Principal

LIFETIME: Final = timedelta(hours=12)
SEEN_EVERY: Final = timedelta(minutes=5)


class SignIn(SQLModel, table=True):
    __tablename__ = "access_session"
    hash: str = Field(primary_key=True, repr=False)
    account: str = Field(index=True)
    mark: str = Field(repr=False)  # of the password it began with: a new password ends it
    csrf: str = Field(repr=False)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    last_seen: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session as a request needs it; `csrf` is the token that its forms carry."""

    principal: Principal
    csrf: str
    expires_at: datetime


def cookie_name(secure: bool) -> str:
    """With the __Host- prefix a browser takes the cookie over https only, for this host and every path."""
    return "__Host-yikou" if secure else "yikou"


def open_session(tx: Session, account: Account, now: datetime) -> str:
    """Begin a session and return the cookie's value; sessions that are over are removed."""
    tx.execute(delete(SignIn).where(col(SignIn.expires_at) <= now))
    value = secrets.token_urlsafe(32)
    tx.add(
        SignIn(
            hash=cookie_hash(value),
            account=account.name,
            mark=_mark(account),
            csrf=secrets.token_urlsafe(24),
            expires_at=now + LIFETIME,
            last_seen=now,
        )
    )
    return value


async def find_session(store: Keeping, hashed: str, now: datetime) -> SignedIn | None:
    """The session with this hash, if it is not over and its account may still sign in."""

    def look(session: Session) -> tuple[SignIn, Account] | None:
        row = session.get(SignIn, hashed)
        account = session.get(Account, row.account) if row else None
        return (row, account) if row and account else None

    found = await store.read(look)
    if found is None:
        return None
    row, account = found
    if row.expires_at <= now or account.disabled or row.mark != _mark(account):
        return None
    if now - row.last_seen >= SEEN_EVERY:
        await store.run(lambda tx: _touch(tx, hashed, now))
    person = Principal(account.name, account.role, "person", parted(account.units), account.staff_number)
    return SignedIn(person, row.csrf, row.expires_at)


async def close_session(store: Keeping, hashed: str) -> None:
    await store.run(lambda tx: tx.execute(delete(SignIn).where(col(SignIn.hash) == hashed)))


def cookie_hash(value: str) -> str:
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()


def _mark(account: Account) -> str:
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]


def _touch(tx: Session, hashed: str, now: datetime) -> None:
    if row := tx.get(SignIn, hashed):
        row.last_seen = now
        tx.add(row)
