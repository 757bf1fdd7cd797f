"""Signed call-backs after the Standard Webhooks specification, in both directions.

The library signs; the comparison and the clock are ours, because its `verify` reads the machine's clock
and raises four kinds of error on malformed input. Replays are the receiver's matter: it keeps the returned
message id (unique with the source) in the transaction that applies the call-back.
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

TOLERANCE: Final = timedelta(minutes=5)
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_MESSAGE_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_MOST_SIGNATURES: Final = 10


def new_secret(draw: Callable[[int], bytes]) -> str:
    """A secret of 24 random bytes, as the specification writes them."""
    return "whsec_" + base64.b64encode(draw(24)).decode()


class Unverified(Exception):
    """The call-back is not what it claims to be. `reason` is a code for the log, never for the sender."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(secrets: str | Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a call-back sent `at` (aware). With several secrets (newest first) it carries a
    signature by each, so that the receiver may take the new key at its own time.

    message_id: the same on every try, printable ASCII up to 200 characters; `at` is of this try.
    ValueError: a secret is not "whsec_" + base64, the id is malformed, or the body is not UTF-8.
    """
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("a webhook id is 1 to 200 printable ASCII characters")
    keys = [secrets] if isinstance(secrets, str) else list(secrets)
    if not keys:
        raise ValueError("a webhook is signed with at least one secret")
    signatures = [_signature(key, message_id, at, body) for key in keys]
    return {
        ID: message_id,
        TIMESTAMP: str(int(at.timestamp())),
        SIGNATURE: " ".join(signatures),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The message id of a call-back signed with any of `secrets` within TOLERANCE of `now` (aware).

    Raises Unverified for everything else, whatever was malformed; ValueError only if our own secret is.
    """
    given = {name.lower(): value for name, value in headers.items() if name.lower().startswith("webhook-")}
    message_id, seconds = given.get(ID, ""), given.get(TIMESTAMP, "")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Unverified("no_message_id")
    if not _SECONDS.fullmatch(seconds):
        raise Unverified("no_time")
    at = datetime.fromtimestamp(int(seconds), UTC) if len(seconds) <= 10 else None
    if at is None or abs(at - now) > TOLERANCE:
        raise Unverified("time_out_of_range")
    try:
        wanted = [_signature(secret, message_id, at, body).encode() for secret in secrets]
    except UnicodeDecodeError:
        raise Unverified("body_not_utf8") from None
    offered = [word.encode("latin-1", "replace") for word in given.get(SIGNATURE, "").split(" ")]
    # Every pair is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(w, o) for w in wanted for o in offered[:_MOST_SIGNATURES]]
    if not any(matches):
        raise Unverified("no_matching_signature")
    return message_id


def _signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    try:
        key = Webhook(secret)
    except (ValueError, EmptyWebhookSecretError) as error:
        raise ValueError(f"a webhook secret is 'whsec_' and base64 ({type(error).__name__})") from None
    return key.sign(message_id, at.astimezone(UTC), body.decode())
