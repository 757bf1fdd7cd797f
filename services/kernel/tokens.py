"""Tokens of machine clients: shown once, kept as a hash; and the secret that signs call-backs to them."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

from services.kernel.columns import UtcDateTime
from services.kernel.keeping import Keeping, checked_name, checked_role, joined, parted
from services.kernel.roles import Principal

_PREFIX: Final = "yk_"


class Token(SQLModel, table=True):
    __tablename__ = "access_token"
    hash: str = Field(primary_key=True, repr=False)
    name: str = Field(index=True)
    role: str
    units: str = ""
    callback_secret: str = Field(repr=False)  # never shown, never logged
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


async def create_token(store: Keeping, name: str, role: str, now: datetime, units: Iterable[str] = ()) -> str:
    """Make a token for the client `name` and return it; it cannot be read again.

    A client may have several (to change them without a pause). Refusal: malformed name, unknown role.
    """
    token = _PREFIX + secrets.token_urlsafe(32)
    row = Token(
        hash=token_hash(token),
        name=checked_name(name),
        role=checked_role(role),
        units=joined(units),
        callback_secret=callback_secret(token),
        created_at=now,
    )
    await store.run(lambda tx: tx.add(row))
    return token


async def revoke_tokens(store: Keeping, name: str, now: datetime) -> int:
    """Revoke all tokens of a client and say how many there were; they stop working within 30 seconds."""

    def work(tx: Session) -> int:
        rows = tx.exec(select(Token).where(Token.name == name, col(Token.revoked_at).is_(None))).all()
        for row in rows:
            row.revoked_at = now
            tx.add(row)
        return len(rows)

    return await store.run(work)


async def find_token(store: Keeping, hashed: str) -> Principal | None:
    """The client of the token with this hash, unless it was revoked."""
    row = await store.read(lambda session: session.get(Token, hashed))
    if row is None or row.revoked_at is not None:
        return None
    return Principal(row.name, row.role, "machine", parted(row.units))


async def callback_secrets(store: Keeping, name: str) -> tuple[str, ...]:
    """The secrets that sign call-backs to a client, newest first; empty when it has no token."""
    wanted = (
        select(Token.callback_secret)
        .where(Token.name == name, col(Token.revoked_at).is_(None))
        .order_by(col(Token.created_at).desc())
    )
    return tuple(await store.read(lambda session: session.exec(wanted).all()))


def callback_secret(token: str) -> str:
    """The Standard Webhooks secret that belongs to a token: the client derives the same from its own."""
    key = hmac.new(token.encode(), b"yikou-callback", hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(key).decode()


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
