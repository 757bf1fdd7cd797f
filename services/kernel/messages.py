"""What leaves a service: facts for everyone (Event) and requests to one partner (Request).

A handler returns either; both leave through the same transaction, an event by the outbox and the log,
a request by the delivery ledger.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.domain.events import Event


class Request(BaseModel):
    """A request to one partner, private to the service that makes it. Personal fields are sealed.

    `key` is the Idempotency-Key at the partner: unique per destination, the same on every try.
    Nothing is sent before `not_before` (None: at once). Automation ends at `give_up_at`, or by the
    schedule when it is None.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    case_id: UUID
    key: str
    destination: str
    urgent: bool = False
    not_before: datetime | None = None
    give_up_at: datetime | None = None


Message = Event | Request


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try of a request: claimed, with its lease's fencing number."""

    id: UUID
    fence: int
    attempt: int
    lease_until: datetime
    request: Request

    @property
    def key(self) -> str:
        return self.request.key

    @property
    def destination(self) -> str:
        return self.request.destination


class CallFailed(Exception):
    """A try that did not succeed. `permanent`: trying again cannot help.

    `lost`: the request left, its answer did not come: the partner may have acted.
    `gone`: the partner withdrew this address (410): the destination is closed for everything.
    `retry_after` in seconds, as the partner asked. `reason` is a code and holds no personal data.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        lost: bool = False,
        gone: bool = False,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.lost, self.gone = reason, permanent, lost, gone
        self.status, self.retry_after = status, retry_after


Caller = Callable[[Delivery], Awaitable[Sequence[Event]]]
Asker = Callable[[Delivery], Awaitable[str | Sequence[Event]]]
"""Answers "delivered", "absent" (it may be sent again), "unknown", or the events of a late success."""
