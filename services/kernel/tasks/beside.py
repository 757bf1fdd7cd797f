"""What one adapter has beside its tasks, in the same store and the same transactions, such as home visits."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter

from services.domain.events import Event
from services.kernel.database.schema import History
from services.kernel.messages import Message
from services.kernel.service import Handler, Handlers, Prefetch
from services.kernel.tasks.handlers import Opened
from services.kernel.tasks.officers import Officers
from services.kernel.tx import Tx


@dataclass(frozen=True)
class Beside:
    """`opened`: told of every new task. `handlers` hear an event after the tasks did, `prefetch` likewise."""

    histories: tuple[History, ...] = ()
    opened: Opened | None = None
    handlers: Handlers = field(default_factory=dict)
    prefetch: Prefetch | None = None
    routes: Callable[[Officers], tuple[APIRouter, ...]] = lambda _officers: ()


def joined(first: Handlers, then: Handlers) -> Handlers:
    """One registry: what both know, the first hears first."""
    both = {kind: _in_turn(first[kind], then[kind]) for kind in first.keys() & then.keys()}
    return {**first, **then, **both}


def prefetched(first: Prefetch, then: Prefetch | None) -> Prefetch:
    def look(events: Sequence[Event], tx: Tx) -> None:
        first(events, tx)
        if then is not None:
            then(events, tx)

    return look


def _in_turn(first: Handler, then: Handler) -> Handler:
    def hear(event: Event, tx: Tx) -> Iterable[Message]:
        yield from first(event, tx)
        yield from then(event, tx)

    return hear
