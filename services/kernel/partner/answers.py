"""What a partner's answer means for the delivery: done, come again, or never."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic_core import from_json

from services.kernel.messages import CallFailed

_COME_AGAIN: Final = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case name. `body`: at most LARGEST bytes, None when longer or packed (gzip, …)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = b""

    def json(self) -> dict[str, object] | None:
        """The JSON object in the body; None for anything else, however it is broken."""
        try:
            found = from_json(self.body or b"", allow_inf_nan=False)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    @property
    def flaw(self) -> str:
        """A code for why `json` has nothing: the first thing that its sender would have to mend."""
        if self.body is None:
            packed = self.headers.get("content-encoding", "identity").lower() not in ("", "identity")
            return "answer_packed" if packed else "answer_too_long"
        try:
            from_json(self.body, allow_inf_nan=False)
        except ValueError as error:
            return "answer_too_deep" if "recursion" in str(error) else "answer_not_json"
        return "answer_no_object"


def require_success(answer: Answer) -> Answer:
    """The answer, if it is 2xx; else CallFailed saying whether and when to come again.

    3xx is never followed; 408, 409, 425, 429 and 5xx may pass; 410 closes the destination; another 4xx is
    final.
    """
    status = answer.status
    if 200 <= status < 300:
        return answer
    if status in _COME_AGAIN or status >= 500:
        reason = "busy" if status in _COME_AGAIN else "partner_error"
        raise CallFailed(reason, status=status, retry_after=retry_after(answer.headers))
    if status >= 400:
        raise CallFailed(
            "gone" if status == 410 else "refused", permanent=True, gone=status == 410, status=status
        )
    raise CallFailed("redirected", status=status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header: as given, or from an HTTP date by the sender's own clock."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, sent = _date(value), _date(headers.get("date", ""))
    return max(0.0, (until - sent).total_seconds()) if until and sent else None


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
