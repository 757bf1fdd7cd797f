"""The same request twice is one case: an answer is kept with its key, in the transaction that made it.

Key by client; the fingerprint tells whether it is the same request. Kept for seven days. Refusals are not
kept.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Integer, bindparam, delete, select
from starlette.requests import Request

from services.domain.refusals import Refusal
from services.intake.models import IdempotencyRow
from services.kernel.cache import Cache
from services.kernel.columns import table
from services.kernel.roles import Principal
from services.kernel.sql import Look, Sql
from services.kernel.tx import Tx

KEEP: Final = timedelta(days=7)
LONGEST: Final = 200
_KEYS: Final = table(IdempotencyRow)
_FIND: Final = Sql(
    select(_KEYS.c.fingerprint, _KEYS.c.response).where(
        _KEYS.c.client == bindparam("of_client"), _KEYS.c.key == bindparam("of_key")
    )
)
_OLD: Final = Sql(
    select(_KEYS.c.client.label("of_client"), _KEYS.c.key.label("of_key"))
    .where(_KEYS.c.created_at < bindparam("before"))
    .limit(bindparam("most", type_=Integer))
)
_FORGET: Final = Sql(
    delete(_KEYS).where(_KEYS.c.client == bindparam("of_client"), _KEYS.c.key == bindparam("of_key"))
)
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


@dataclass(slots=True)
class _Kept:
    """The keys that a transaction keeps, each with fingerprint and answer."""

    keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


def fingerprint(method: str, path: str, body: BaseModel) -> str:
    """SHA-256 of what is asked. Field order, spaces and fields that are null make no difference."""
    asked = f"{method} {path}\n{body.model_dump_json(exclude_none=True)}"
    return hashlib.sha256(asked.encode()).hexdigest()


def claim_of(request: Request, who: Principal, path: str, body: BaseModel) -> Claim | None:
    """The claim of a request's Idempotency-Key; None without one. Raises Refusal."""
    key = request.headers.get("idempotency-key")
    return None if key is None else claim_for(who, key, path, body)


def claim_for(who: Principal, key: str, path: str, body: BaseModel) -> Claim:
    """The claim of a key that a form carries. Raises Refusal."""
    return Claim(f"{who.kind}:{who.name}", checked_key(key), fingerprint("POST", path, body))


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

    A key that was used before makes the transaction fail with a Collision: `find` then has the answer.
    Asking first would cost every request a statement, and hardly any request is a repetition.
    """
    before = tx.note(_Kept).keys.setdefault((claim.client, claim.key), (claim.fingerprint, response))
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


def find(look: Look, claim: Claim) -> Answered | None:
    """The answer given under this key."""
    found = look.one(_FIND, of_client=claim.client, of_key=claim.key)
    return None if found is None else Answered(found.fingerprint == claim.fingerprint, found.response)


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
    rows = tx.all(_OLD, before=tx.now - KEEP, most=limit)
    for row in rows:
        tx.later(_FORGET, of_client=row.of_client, of_key=row.of_key)
    return len(rows)
