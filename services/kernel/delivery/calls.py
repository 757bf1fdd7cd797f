"""One claimed delivery: call the partner without a transaction, then settle what came of it.

Whatever goes wrong while calling is a failed try; what goes wrong while settling is tried again as long
as the lease holds. A try that cannot be settled comes back when its lease ends.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from services.domain.events import Event
from services.kernel.delivery import ledger
from services.kernel.delivery.kinds import Kinds
from services.kernel.delivery.standing import LEDGER
from services.kernel.delivery.watch import put_off, watch
from services.kernel.faults import is_transient, place_of
from services.kernel.kept import Wanted
from services.kernel.messages import Caller, CallFailed, Delivery, Request
from services.kernel.metrics import DELIVERIES
from services.kernel.store import Store
from services.kernel.tx import Tx

log_ = logging.getLogger(__name__)
T = TypeVar("T")
Answer = str | Sequence[Event]
Asks = Mapping[type[Request], Callable[[Delivery], Awaitable[Answer]]]


@dataclass(frozen=True)
class Calls:
    """`timeout`: seconds for one call; a lease that ends sooner is not used. `looks_at`: as in `Service`."""

    name: str
    store: Store
    kinds: Kinds
    callers: Mapping[type[Request], Caller]
    asks: Asks
    timeout: float
    looks_at: Callable[[Event], Iterable[Wanted]] | None = None

    async def send(self, delivery: Delivery) -> bool:
        """True when it was delivered and settled."""
        if not self._lease_lasts(delivery):
            return False
        answer = await self._call(delivery, self.callers[type(delivery.request)])
        if isinstance(answer, CallFailed):
            failure = answer
        else:
            events = tuple(answer)
            try:
                return await self._settle(
                    delivery, "delivered", lambda tx: ledger.settle_success(tx, delivery, events), events
                )
            except Exception as error:  # our own handler refused the events: shown, and tried again later
                failure = self._bug("delivery.unsettled", delivery, error)
        outcome = "lost" if failure.lost else "refused" if failure.permanent else "failed"
        await self._settle(
            delivery, outcome, lambda tx: ledger.settle_failure(tx, self.kinds, delivery, failure)
        )
        return False

    async def ask(self, delivery: Delivery) -> None:
        if not self._lease_lasts(delivery):
            return
        answer = await self._call(delivery, self.asks[type(delivery.request)])
        failure = answer if isinstance(answer, CallFailed) else None
        found: Answer = "unknown" if isinstance(answer, CallFailed) else answer
        await self._settle(
            delivery,
            "asked",
            lambda tx: ledger.resolve_unknown(tx, self.kinds, delivery, found, failure),
        )

    async def look_at(self, row_id: UUID) -> None:
        """Whether a person is needed; a service that cannot say now is asked again later."""
        try:
            await self.store.run(lambda tx: watch(tx, self.kinds, row_id))
        except Exception as error:
            log_.error("delivery.not_handed_over", extra={"id": row_id, "error": place_of(error)})
            if not is_transient(error):
                await self.store.run(lambda tx: put_off(tx, row_id))

    def _lease_lasts(self, delivery: Delivery) -> bool:
        return self.store.now() + timedelta(seconds=self.timeout) <= delivery.lease_until

    async def _call(self, delivery: Delivery, call: Callable[[Delivery], Awaitable[T]]) -> T | CallFailed:
        try:
            async with asyncio.timeout(self.timeout):
                return await call(delivery)
        except CallFailed as failure:
            return failure
        except TimeoutError:
            return CallFailed("timeout", lost=True)
        except Exception as error:
            return self._bug("delivery.caller_failed", delivery, error)

    def _bug(self, what: str, delivery: Delivery, error: Exception) -> CallFailed:
        """It may have failed after the request left, so it is lost: the partner is asked, if it can be."""
        about = {"id": delivery.id, "type": type(delivery.request).__name__, "error": place_of(error)}
        log_.error(what, extra=about)
        return CallFailed(type(error).__name__, lost=True)

    async def _settle(
        self, delivery: Delivery, outcome: str, settle: Callable[[Tx], bool], events: Sequence[Event] = ()
    ) -> bool:
        wanted = [LEDGER.want(delivery.id)]
        if self.looks_at is not None:
            wanted += [row for event in events for row in self.looks_at(event)]
        pause = 0.05
        while True:
            try:
                settled = await self.store.run(settle, *wanted)
            except Exception as error:
                if not is_transient(error) or self.store.now() >= delivery.lease_until:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            result = outcome if settled else "late"
            DELIVERIES.labels(self.name, delivery.destination, result).inc()
            return settled
