"""People who sign in with a password: adding them, checking them, and slowing down those who guess."""

import asyncio
import hashlib
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, or_
from sqlmodel import Field, Session, SQLModel, col

from services.domain.refusals import Refusal
from services.kernel.columns import UtcDateTime
from services.kernel.keeping import Keeping, checked_name, checked_role, joined

SHORTEST, LONGEST = 10, 200  # characters of a password
MOST_WRONG: Final = 5
WINDOW: Final = timedelta(minutes=15)
HASHER: Final = PasswordHasher()


class Account(SQLModel, table=True):
    __tablename__ = "access_account"
    name: str = Field(primary_key=True)
    role: str
    password_hash: str = Field(repr=False)
    staff_number: str | None = None
    units: str = ""  # ids, separated by commas
    disabled: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)


class Attempt(SQLModel, table=True):
    """Wrong tries for a name, whether or not it exists: both must look the same from outside."""

    __tablename__ = "access_attempt"
    key: str = Field(primary_key=True)  # SHA-256 of the name that was tried
    tries: int = 0
    since: datetime = Field(sa_type=UtcDateTime, index=True)
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


async def add_account(
    store: Keeping,
    name: str,
    password: str,
    role: str,
    now: datetime,
    *,
    staff_number: str | None = None,
    units: Iterable[str] = (),
    hasher: PasswordHasher = HASHER,
) -> None:
    """Add a person. Refusal: the name is taken or malformed, the role unknown, the password too short."""
    account = Account(
        name=checked_name(name),
        role=checked_role(role),
        password_hash=await asyncio.to_thread(hasher.hash, checked_password(password)),
        staff_number=staff_number,
        units=joined(units),
        created_at=now,
    )

    def work(tx: Session) -> None:
        if tx.get(Account, name):
            raise Refusal("name-taken", "这个账号已经存在", "an account of this name exists already", "name")
        tx.add(account)

    await store.run(work)


async def set_password(store: Keeping, name: str, password: str, hasher: PasswordHasher = HASHER) -> None:
    """Give a person a new password; open sessions end within seconds."""
    hashed = await asyncio.to_thread(hasher.hash, checked_password(password))
    await store.run(partial(_change, name=name, password_hash=hashed))


async def disable_account(store: Keeping, name: str, disabled: bool = True) -> None:
    """Shut a person out (within seconds, also where signed in), or let them in again."""
    await store.run(partial(_change, name=name, disabled=disabled))


def checked_password(password: str) -> str:
    """A password in the form that is hashed (NFKC)."""
    if not SHORTEST <= len(password) <= LONGEST:
        zh = f"密码应有 {SHORTEST} 到 {LONGEST} 个字符"
        en = f"a password has {SHORTEST} to {LONGEST} characters"
        raise Refusal("weak-password", zh, en, "password")
    return unicodedata.normalize("NFKC", password)


async def may_try(store: Keeping, name: str, now: datetime) -> bool:
    """Count a try before it is made, so that many at once are still five; False while locked."""
    return await store.run(partial(_count, key=_key(name), now=now))


def forgive(tx: Session, name: str) -> None:
    """The try was right: forget the wrong ones."""
    tx.execute(delete(Attempt).where(col(Attempt.key) == _key(name)))


async def is_password(hashed: str | None, password: str, hasher: PasswordHasher) -> bool:
    """Whether the password is right, taking as long when there is no such account (hashed is None)."""
    given = unicodedata.normalize("NFKC", password[: LONGEST + 1])
    try:
        return await asyncio.to_thread(hasher.verify, hashed or await _nobody(hasher), given)
    except (VerificationError, InvalidHashError):
        return False


_NOBODY: Final[dict[int, str]] = {}


async def _nobody(hasher: PasswordHasher) -> str:
    if id(hasher) not in _NOBODY:
        _NOBODY[id(hasher)] = await asyncio.to_thread(hasher.hash, "nobody's password")
    return _NOBODY[id(hasher)]


def _count(tx: Session, key: str, now: datetime) -> bool:
    unlocked = or_(col(Attempt.locked_until).is_(None), col(Attempt.locked_until) <= now)
    tx.execute(delete(Attempt).where(col(Attempt.since) <= now - WINDOW, unlocked))
    attempt = tx.get(Attempt, key) or Attempt(key=key, since=now)
    if attempt.locked_until is not None:
        if attempt.locked_until > now:
            return False
        attempt.tries, attempt.since, attempt.locked_until = 0, now, None
    attempt.tries += 1
    if attempt.tries >= MOST_WRONG:
        attempt.locked_until = now + WINDOW
    tx.add(attempt)
    return True


def _change(tx: Session, name: str, **values: object) -> None:
    account = tx.get(Account, name)
    if account is None:
        raise Refusal("no-account", "没有这个账号", "there is no account of this name", "name")
    account.sqlmodel_update(values)
    tx.add(account)


def _key(name: str) -> str:
    return hashlib.sha256(name.encode(errors="replace")).hexdigest()
