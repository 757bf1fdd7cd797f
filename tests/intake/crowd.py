"""Many callers against one employer: a desk on either store, without the web, that writes cases down."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.domain.sealing import Keyring
from services.intake.author import Author
from services.intake.creation import Created, create
from services.intake.handlers import HANDLERS
from services.intake.idempotency import Memory
from services.intake.models import HISTORY
from services.intake.schemas import CaseIn
from services.intake.scribe import Scribe
from services.kernel.service import KERNEL
from services.kernel.store import Store
from services.kernel.surroundings import Surroundings
from tests.intake.hotline import CITY, Clock
from tests.places import Place

RING = Keyring.create(random.Random(1).randbytes)
EMPLOYER = {"name": "南京宏远建筑劳务有限公司", "work_address": "江宁区秣陵街道天元西路599弄工地"}
TEXT = "包工头欠我们班组三个月工资，年前说结清一直没有给。"


def call(phone: int | None, **changes: object) -> CaseIn:
    """A wage case of the caller with this number; None: nobody's."""
    body: dict[str, object] = {
        "kind": "wage_arrears",
        "text": TEXT,
        "caller": {"phone": str(phone)} if phone else {"anonymous": True},
        "employer": EMPLOYER,
    }
    return CaseIn.model_validate_json(json.dumps(body | changes, ensure_ascii=False))


@dataclass
class Crowd:
    """One process at a store."""

    place: Place
    store: Store
    scribe: Scribe
    clock: Clock
    memory: Memory = field(default_factory=Memory)

    async def write(self, given: CaseIn) -> Created:
        author = Author("agent", "10543", staff_number="10543")
        return await create(self.store, self.scribe, self.memory, given, author, None)

    async def write_all(self, calls: Sequence[CaseIn]) -> list[Created]:
        """All at once."""
        return list(await asyncio.gather(*map(self.write, calls)))

    def events(self, name: str) -> list[dict[str, object]]:
        rows = self.place.rows("intake", f"SELECT body FROM outbox WHERE type = '{name}' ORDER BY id")  # noqa: S608
        return [json.loads(bytes(body)) for (body,) in rows]  # type: ignore[call-overload]

    def members(self) -> Counter[str]:
        """How many cases stand under each kind of key."""
        rows = self.place.rows("intake", "SELECT key FROM intake_cluster_case")
        return Counter(str(key)[0] for (key,) in rows)


@asynccontextmanager
async def crowd(place: Place, seed: int = 7, clock: Clock | None = None) -> AsyncIterator[Crowd]:
    clock = clock or Clock()
    around = Surroundings(clock, random.Random(seed), steered=True)
    histories = (KERNEL, HISTORY)
    store = Store(place.url("intake", *histories), "intake", histories, around)
    store.hearing = HANDLERS
    await store.start()
    try:
        yield Crowd(place, store, Scribe(CITY, RING, around), clock)
    finally:
        await store.close()
