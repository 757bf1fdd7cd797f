"""What a service sends: its request types, who can be asked, and what giving up means."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from services.kernel.delivery import schedule
from services.kernel.messages import Delivery, Message, Request
from services.kernel.tx import Tx

GiveUp = Callable[[Delivery, str, Tx], Iterable[Message]]  # the reason is a code, see `ledger`


@dataclass(frozen=True)
class Kinds:
    """`known` by class name; `asked`: kinds whose partner can tell whether a request arrived.

    `max_inflight` is per destination. `ask_after`: how old a lost answer must be before the first question.
    `arrives_within`: how long a request that left may still arrive; before that, "absent" means "not yet".
    """

    known: Mapping[str, type[Request]]
    asked: frozenset[str] = frozenset()
    give_ups: Mapping[type[Request], GiveUp] = field(default_factory=dict)
    max_inflight: int = 4
    ask_after: timedelta = schedule.ASK_AFTER
    arrives_within: timedelta = timedelta(0)

    def decode(self, kind: str, body: bytes) -> Request | None:
        """The request as it was made; None when this version of the service cannot read it."""
        if (model := self.known.get(kind)) is None:
            return None
        try:
            return model.model_validate_json(body)
        except ValidationError:
            return None

    def delivery(
        self, row_id: UUID, kind: str, body: bytes, fence: int, attempt: int, lease_until: datetime
    ) -> Delivery | None:
        request = self.decode(kind, body)
        return None if request is None else Delivery(row_id, fence, attempt, lease_until, request)

    def can_ask(self, delivery: Delivery) -> bool:
        return type(delivery.request).__name__ in self.asked
