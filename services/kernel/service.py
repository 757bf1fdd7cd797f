"""What a service is: the same cell every time. `kernel/cell.py` runs it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastapi import APIRouter

from services.domain.events import Event
from services.kernel.database.schema import History
from services.kernel.delivery.models import AttemptRow, DeliveryRow, DestinationRow
from services.kernel.eventlog import Record
from services.kernel.kept import Wanted
from services.kernel.messages import Asker, Caller, Delivery, Message, Request
from services.kernel.outbox import Outgoing
from services.kernel.parked import DeadLetter, Parked, Skipped
from services.kernel.place import Position
from services.kernel.store import Store
from services.kernel.tx import Tx

Handler = Callable[..., Iterable[Message]]  # (event, tx): decides, in the transaction
Handlers = Mapping[type[Event], Handler]
GiveUp = Callable[[Delivery, str, Tx], Iterable[Message]]  # automation ended: make it a person's task
Prefetch = Callable[[Sequence[Event], Tx], None]  # load a batch's rows at once, so that `tx.get` is free
Loop = Callable[[], Awaitable[None]]  # one round of background work; called again after a pause

KERNEL: Final = History(
    "kernel",
    (Outgoing, Position, Parked, DeadLetter, Skipped, DeliveryRow, AttemptRow, DestinationRow),
    Path(__file__).parent / "migrations" / "kernel",
)


@dataclass(frozen=True)
class Service:
    """A name, a store, and what it does: hear events, call partners, answer HTTP.

    `loops` maps a pause in seconds to background work of that rhythm. `max_inflight`: calls under way at one
    destination at once; small, so that a slow partner holds little, larger for a gateway that serves
    everybody. `arrives_within`: how long a call that was not answered may still arrive; who is asked about it
    and does not know it is asked again after that, and only then called again. `gather`: seconds between two
    batches of events; a batch is one transaction, and an event that comes after a pause does not wait.
    `presses`: whether a record that a handler wants is to be applied at once (None: each is); what does not
    press may wait a second for company. `looks_at`: the rows that the handler of an event of our own will
    look at. `opening`: done once the store is open, before anything is heard. `roomy`: bytes that a body may
    have, by the beginning of its path, where 64 kB is not right.
    """

    name: str
    store: Store
    handlers: Handlers = field(default_factory=dict)
    callers: Mapping[type[Request], Caller] = field(default_factory=dict)
    asks: Mapping[type[Request], Asker] = field(default_factory=dict)
    give_ups: Mapping[type[Request], GiveUp] = field(default_factory=dict)
    prefetch: Prefetch | None = None
    presses: Callable[[Record], bool] | None = None
    looks_at: Callable[[Event], Iterable[Wanted]] | None = None
    routes: tuple[APIRouter, ...] = ()
    loops: tuple[tuple[float, Loop], ...] = ()
    max_inflight: int = 4
    arrives_within: timedelta = timedelta(0)
    gather: float = 0.02
    opening: tuple[Callable[[], Awaitable[None]], ...] = ()
    roomy: Mapping[str, int] = field(default_factory=dict)
    closing: tuple[Callable[[], Awaitable[None]], ...] = ()
