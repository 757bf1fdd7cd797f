"""Personal text on its way through log, outbox and deliveries: sealed for one audience, closed to others.

It reads "audience.keyid.base64url(nonce + ciphertext)": AES-256-GCM with a random nonce of 12 bytes, bound to
the case and field that it was made for, so that it opens nowhere else. One ring of keys per audience:
`contact` for those who tell the caller, `task` for those who act, `identity` for intake alone. The newest key
seals, older ones still open.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.domain import keyring_file
from services.domain.keyring_file import KeyringError

AUDIENCES: Final = ("contact", "task", "identity")
_NONCE: Final = 12
RandomBytes = Callable[[int], bytes]
_INDEX_PURPOSE: Final = b"yikou index"

__all__ = ["AUDIENCES", "Keyring", "KeyringError", "Ring", "Sealed"]


class Sealed(Exception):
    """A sealed text stays closed. `code`: no_ring, unknown_key or tampered (also: another case or field)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Ring:
    """One audience's keys, each 32 bytes, by id: the active one seals, all open."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)
    ciphers: Mapping[str, AESGCM] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise KeyringError(f"the active key {self.active!r} is not among the keys")
        for key_id, key in self.keys.items():
            if not re.fullmatch(r"[A-Za-z0-9_-]+", key_id):
                raise KeyringError(f"key id {key_id!r} holds something other than letters, digits, _ and -")
            if len(key) != 32:
                raise KeyringError(f"key {key_id!r} has {len(key)} bytes instead of 32")
        object.__setattr__(self, "ciphers", {key_id: AESGCM(key) for key_id, key in self.keys.items()})


@dataclass(frozen=True)
class Keyring:
    """The rings that this process holds, and the webhook secrets of its partners, newest first.

    `partial`: made from a larger one, therefore never written back over it.
    """

    rings: Mapping[str, Ring]
    partners: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    partial: bool = False

    def seal(
        self, audience: str, case_id: UUID, field: str, text: str | bytes, random_bytes: RandomBytes
    ) -> str:
        """`text` (bytes: UTF-8) for `audience` alone, bound to this case and field. Sealed: no such ring."""
        ring = self._ring(audience)
        nonce = random_bytes(_NONCE)
        plain = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        closed = ring.ciphers[ring.active].encrypt(nonce, plain, f"{case_id}:{field}".encode())
        return f"{audience}.{ring.active}.{_encode(nonce + closed)}"

    def open(self, sealed: str, case_id: UUID, field: str) -> str:
        """The text that was sealed for this case and field; raises Sealed."""
        audience, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        if not body:
            raise Sealed("tampered", "this is not a sealed text")
        cipher = self._ring(audience).ciphers.get(key_id)
        if cipher is None:
            raise Sealed("unknown_key", f"the ring of audience {audience!r} holds no key {key_id!r}")
        raw = _decode(body)
        try:
            plain = cipher.decrypt(raw[:_NONCE], raw[_NONCE:], f"{case_id}:{field}".encode())
        except (InvalidTag, ValueError):
            raise Sealed("tampered", "changed, or sealed for another case or field") from None
        return plain.decode("utf-8", "surrogatepass")

    def blind_index(self, text: str) -> str:
        """A look-up value for `text`, meaningless without the key: keyed BLAKE2b, 64 hexadecimal digits."""
        ring = self._ring("identity")
        return _index(ring.keys[ring.active], text)

    def blind_indexes(self, text: str) -> tuple[str, ...]:
        """`blind_index` under every key, the active one first: rows older than a rotation have another."""
        ring = self._ring("identity")
        ids = sorted(ring.keys, key=lambda key_id: key_id != ring.active)
        return tuple(_index(ring.keys[key_id], text) for key_id in ids)

    def partner_secrets(self, unit: str) -> tuple[str, ...]:
        """The webhook secrets shared with `unit`, newest first; empty when there are none."""
        return self.partners.get(unit, ())

    def with_partner_secret(self, unit: str, secret: str) -> "Keyring":
        """The same with a newer secret for `unit`; older ones stay valid for what is on its way."""
        return self.with_partner_secrets(unit, (secret, *self.partner_secrets(unit)))

    def with_partner_secrets(self, unit: str, secrets: Sequence[str]) -> "Keyring":
        """The same with these secrets for `unit`, newest first, instead of those it had."""
        return replace(self, partners={**self.partners, unit: tuple(secrets)})

    def rotate(self, audience: str, key_id: str, key: bytes) -> "Keyring":
        """The same with a new key that seals from now on; older ones still open. Raises KeyringError."""
        known: Mapping[str, bytes] = self.rings[audience].keys if audience in self.rings else {}
        if key_id in known:
            raise KeyringError(
                f"audience {audience!r} has a key {key_id!r} already: what it sealed would be lost"
            )
        return replace(self, rings={**self.rings, audience: Ring(key_id, {key_id: key, **known})})

    def without(self, *audiences: str) -> "Keyring":
        """Only the other rings: for a service that must not open what these audiences may."""
        rings = {name: ring for name, ring in self.rings.items() if name not in audiences}
        return replace(self, rings=rings, partial=True)

    @classmethod
    def create(cls, random_bytes: RandomBytes) -> "Keyring":
        """A ring with one new key `k1` for each audience, and no partners yet."""
        return cls({audience: Ring("k1", {"k1": random_bytes(32)}) for audience in AUDIENCES})

    @classmethod
    def load(
        cls, path: Path, audiences: Collection[str] | None = None, units: Collection[str] | None = None
    ) -> "Keyring":
        """The rings of `audiences` and secrets of `units` from a file; None: all. Raises KeyringError."""
        entry = keyring_file.read(path)
        rings = {}
        for name in entry.audiences if audiences is None else audiences:
            if name not in entry.audiences:
                raise KeyringError(f"key ring {path} has no audience {name!r}")
            try:
                rings[name] = Ring(entry.audiences[name].active, entry.audiences[name].keys)
            except KeyringError as error:
                raise KeyringError(f"key ring {path}, audience {name!r}: {error}") from None
        partners = {unit: keys for unit, keys in entry.partners.items() if units is None or unit in units}
        return cls(rings, partners, partial=audiences is not None or units is not None)

    def dump(self, path: Path) -> None:
        """Write the file, mode 0600, at once. Raises KeyringError for a partial ring: keys would be lost."""
        if self.partial:
            raise KeyringError(f"only a part of the key ring is here: writing it to {path} would lose keys")
        audiences = {
            name: {"active": ring.active, "keys": {key_id: _base64(key) for key_id, key in ring.keys.items()}}
            for name, ring in self.rings.items()
        }
        keyring_file.write(
            path,
            json.dumps({"audiences": audiences, "partners": self.partners}, indent=2, ensure_ascii=False),
        )

    def _ring(self, audience: str) -> Ring:
        ring = self.rings.get(audience)
        if ring is None:
            raise Sealed("no_ring", f"no keys here for audience {audience!r}")
        return ring


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(body: str) -> bytes:
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if _encode(raw) != body:  # else several spellings would open as the same text
        raise Sealed("tampered", "this is not a sealed text")
    return raw


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _index(key: bytes, text: str) -> str:
    """Keyed BLAKE2b with a name of its own, as `key` also seals; unlike an HMAC it keeps the interpreter."""
    plain = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(plain, key=key, person=_INDEX_PURPOSE, digest_size=32).hexdigest()
