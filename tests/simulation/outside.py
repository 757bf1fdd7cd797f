"""What is outside the system: clients that repeat themselves, and a partner whose answers are lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.domain.events import Event, TaskDelivered
from services.kernel.messages import CallFailed, Delivery


@dataclass
class Partner:
    """It takes each key once. `effects`: how often it began something; `fences`: of each request."""

    now: Callable[[], datetime]
    chance: random.Random
    effects: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)

    async def take(self, delivery: Delivery) -> Sequence[Event]:
        await asyncio.sleep(self.chance.uniform(0.01, 0.2))
        luck = self.chance.random()
        if luck < 0.05:
            raise CallFailed("unavailable", status=503)
        if luck < 0.1:
            raise CallFailed("timeout", lost=True)
        self.requests[delivery.key] += 1
        self.effects[delivery.key] = 1
        if luck < 0.25:
            await asyncio.sleep(self.chance.choice((0.0, 5.0, 24.0)))
            raise CallFailed("connection_lost", lost=True)
        await asyncio.sleep(self.chance.uniform(0.01, 0.2))
        return [self._delivered(delivery)]

    async def ask(self, delivery: Delivery) -> str | Sequence[Event]:
        await asyncio.sleep(self.chance.uniform(0.01, 0.2))
        if self.chance.random() < 0.2:
            return "unknown"
        return [self._delivered(delivery)] if delivery.key in self.effects else "absent"

    def _delivered(self, delivery: Delivery) -> TaskDelivered:
        return TaskDelivered(
            case_id=delivery.request.case_id, at=self.now(), unit=delivery.destination, task=delivery.key,
            via="http",
        )  # fmt: skip
