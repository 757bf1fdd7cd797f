"""The same request twice is one case: an answer is kept with its key, in the transaction that made it.

Key by client; the fingerprint tells whether it is the same request. Kept for seven days. Refusals are not
kept.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, delete, select
from sqlmodel import Session

from services.domain.refusals import Refusal
from services.intake.models import IdempotencyRow
from services.kernel.cache import Cache
from services.kernel.columns import table
from services.kernel.store import Tx

KEEP: Final = timedelta(days=7)
LONGEST: Final = 200
_KEYS: Final = table(IdempotencyRow)
_FIND: Final = select(_KEYS.c.fingerprint, _KEYS.c.response)
_FORGET: Final = delete(_KEYS).where(_KEYS.c.client == bindparam("of"), _KEYS.c.key == bindparam("under"))
_INFO: Final = "intake.idempotency"
REMEMBERED: Final = 5_000  # keys in memory: a repetition usually comes within seconds


@dataclass(frozen=True, slots=True)
class Claim:
    """A key of a client ("machine:bank", "person:10543"), for one request."""

    client: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer given before. `same`: to the same request; else the key was used for another."""

    same: bool
    response: str


def fingerprint(method: str, path: str, body: BaseModel) -> str:
    """SHA-256 of what is asked. Field order, spaces and fields that are null make no difference."""
    asked = f"{method} {path}\n{body.model_dump_json(exclude_none=True)}"
    return hashlib.sha256(asked.encode()).hexdigest()


def checked_key(key: str) -> str:
    """The key as the header says it, without quotes (RFC 8941 strings have them). Raises Refusal."""
    plain = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if not plain or len(plain) > LONGEST or not plain.isascii() or not plain.isprintable():
        raise Refusal(
            "idempotency-key-malformed",
            f"Idempotency-Key 应为 1 到 {LONGEST} 个英文字母、数字或符号。",
            f"Idempotency-Key has 1 to {LONGEST} ASCII characters.",
        )
    return plain


def keep(tx: Tx, claim: Claim, response: str, case_id: UUID) -> Answered | None:
    """Keep the answer; or the one that an earlier unit of this very transaction gave under this key.

    A key that was used before makes the transaction fail with an IntegrityError: `find` then has the answer.
    Asking first would cost every request a statement, and hardly any request is a repetition.
    """
    keys: dict[tuple[str, str], tuple[str, str]] = tx.info.setdefault(_INFO, {})
    before = keys.setdefault((claim.client, claim.key), (claim.fingerprint, response))
    if before[1] is not response:
        return Answered(before[0] == claim.fingerprint, before[1])
    tx.insert(
        IdempotencyRow,
        client=claim.client,
        key=claim.key,
        fingerprint=claim.fingerprint,
        response=response,
        case_id=case_id,
        created_at=tx.now,
    )
    return None


def find(session: Session, claim: Claim) -> Answered | None:
    """The answer given under this key."""
    mine = _FIND.where(_KEYS.c.client == claim.client, _KEYS.c.key == claim.key)
    found = session.connection().execute(mine).first()
    return None if found is None else Answered(found[0] == claim.fingerprint, found[1])


class Memory:
    """The newest answers of this process, so that most repetitions need no database. One per process."""

    def __init__(self) -> None:
        self._known: Cache[tuple[str, str]] = Cache(KEEP, REMEMBERED)

    def find(self, claim: Claim, now: datetime) -> Answered | None:
        found = self._known.get(f"{claim.client} {claim.key}", now)
        return None if found is None else Answered(found[0] == claim.fingerprint, found[1])

    def keep(self, claim: Claim, response: str, now: datetime) -> None:
        """Only what is committed."""
        self._known.put(f"{claim.client} {claim.key}", (claim.fingerprint, response), now)


def prune(tx: Tx, limit: int = 500) -> int:
    """Forget keys older than KEEP, at most `limit` of them; how many they were."""
    old = (
        select(_KEYS.c.client.label("of"), _KEYS.c.key.label("under"))
        .where(_KEYS.c.created_at < tx.now - KEEP)
        .limit(limit)
    )
    rows = [row._asdict() for row in tx.connection().execute(old)]
    if rows:
        tx.connection().execute(_FORGET, rows)
    return len(rows)
