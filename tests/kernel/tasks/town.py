"""One adapter with everything around it: a log that the router writes to, people, real HTTP on loopback."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
from sqlmodel import col, select

from services.domain.events import EVENTS, CaseRouted, Event
from services.kernel.access_store import HISTORY as ACCESS
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account
from services.kernel.cell import Cell
from services.kernel.delivery.models import DeliveryRow
from services.kernel.eventlog import Record
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.identity import Access
from services.kernel.outbox import Outgoing
from services.kernel.partners import Partner, Partners
from services.kernel.parts import Parts
from services.kernel.service import KERNEL, Service
from services.kernel.settings import Settings
from services.kernel.tasks.models import Task
from services.kernel.tasks.tables import HISTORY as TASKS
from services.kernel.tokens import create_token
from services.kernel.web import create_app
from services.kernel.webhooks import sign
from services.simulators.run import serving
from tests.kernel.cells import surroundings, until
from tests.kernel.front import HERE, PASSWORD, QUICK
from tests.kernel.tasks.kinds import NANJING, RECORD, TO_MORNING, Kind, Shifted, keyring, nanjing, secret
from tests.places import Place

LOOPBACK = ("127.0.0.0/8",)
NOBODY: Mapping[str, str] = {}


@dataclass
class Town:
    kind: Kind
    parts: Parts
    service: Service
    cell: Cell
    log: SqliteEventLog
    url: str
    access_store: AccessStore
    clock: Shifted
    http: httpx.AsyncClient
    seq: dict[tuple[str, UUID], int] = field(default_factory=dict)

    def routed(self, **fields: object) -> CaseRouted:
        """A new case for our unit, unless the fields say otherwise; `record` is sealed here."""
        case_id = self.parts.around.new_id()
        record = json.dumps(fields.pop("open_record", RECORD), ensure_ascii=False)
        given: dict[str, object] = {
            "case_id": case_id, "at": self.clock(), "number": "7K3M92QAXT5", "kind": self.kind.case,
            "unit": self.kind.unit, "unit_name": "x", "service": self.kind.service, "rule": "r",
            "version": "1", "reason": {}, "urgency": "normal",
            "record": self.parts.keyring.seal(
                "task", case_id, "record", record, self.parts.around.random.randbytes
            ),
        }  # fmt: skip
        return CaseRouted.model_validate(given | fields)

    async def say(self, *events: Event, source: str = "router") -> list[Record]:
        """Append events to the log as another service would."""
        records = []
        for event in events:
            seq = self.seq[source, event.case_id] = self.seq.get((source, event.case_id), 0) + 1
            records.append(
                Record(str(self.parts.around.new_id()), type(event).__name__, source, event.case_id, seq,
                       event.at.isoformat(), event.model_dump_json().encode())
            )  # fmt: skip
        await self.log.append(records)
        return records

    async def tasks(self) -> list[Task]:
        return await self.service.store.read(
            lambda session: list(session.scalars(select(Task).order_by(col(Task.key))))
        )

    async def task(self) -> Task:
        [task] = await self.tasks()
        return task

    async def events(self) -> list[Event]:
        """What the adapter has said so far."""
        rows = await self.service.store.read(
            lambda session: list(session.scalars(select(Outgoing).order_by(col(Outgoing.id))))
        )
        return [EVENTS[row.type].model_validate_json(row.body) for row in rows]

    async def said(self) -> list[str]:
        return [type(event).__name__ for event in await self.events()]

    async def heard(self, *names: str) -> None:
        """Wait until the adapter has said these, in any order."""

        async def there() -> bool:
            said = await self.said()
            return all(said.count(name) >= names.count(name) for name in names)

        await until(there)

    async def state(self, *states: str) -> None:
        async def there() -> bool:
            return sorted(task.state for task in await self.tasks()) == sorted(states)

        await until(there)

    async def deliveries(self) -> list[DeliveryRow]:
        return await self.service.store.read(lambda session: list(session.scalars(select(DeliveryRow))))

    async def pass_time(self, **by: float) -> None:
        """Let the clock jump, and the deliveries look at it."""
        self.clock.by += timedelta(**by)
        self.cell.deliveries.wake()

    async def officer(
        self, role: str = "officer", units: Iterable[str] = (), name: str = ""
    ) -> dict[str, str]:
        """The header of a token for somebody of these units."""
        name = name or f"{role}-{len(tuple(units))}"
        token = await create_token(self.access_store, name, role, self.clock(), units)
        return {"authorization": f"Bearer {token}"}

    async def sign_in(self, name: str, role: str, units: Iterable[str] = ()) -> str:
        """Sign a person in with this town's browser; the token of its forms."""
        await add_account(
            self.access_store, name, PASSWORD, role, self.clock(), staff_number=name, units=units,
            hasher=QUICK,
        )  # fmt: skip
        await self.http.post("/signin", data={"name": name, "password": PASSWORD, "next": "/"})
        return (await self.http.get("/")).text.split('<meta name="csrf" content="')[1].split('"')[0]

    async def call_back(
        self, body: dict[str, object] | bytes, *, unit: str = "", signer: str = "", message_id: str = "m-1",
        at: datetime | None = None, headers: dict[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        unit = unit or self.kind.unit
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        signed = sign(secret(signer or unit), message_id, at or self.clock(), raw) | (headers or {})
        return await self.http.post(
            f"/api/partners/{unit}/events",
            content=raw,
            headers={"content-type": "application/json", **signed},
        )


@asynccontextmanager
async def town(
    place: Place, kind: Kind, endpoint: str | None = None, *, served: bool = False,
    folder: Path | None = None, others: Mapping[str, str] = NOBODY, real_time: bool = False,
) -> AsyncIterator[Town]:  # fmt: skip
    """`endpoint`: the unit's system, or `folder` shared with it; None: it works on the worklist. `others`:
    endpoints of further units. `served`: over real HTTP, at `url`. `real_time`: with others who sign by it.
    """
    system = Partner(endpoint, LOOPBACK, folder)
    systems = {kind.unit: system} if system.via != "worklist" else {}
    systems |= {unit: Partner(url, LOOPBACK) for unit, url in others.items()}
    clock = Shifted(-TO_MORNING if real_time else timedelta())
    around = surroundings(clock=clock)
    access_store = AccessStore(place.url("access", ACCESS))
    place.url(f"{kind.service}_adapter", KERNEL, TASKS, *kind.beside)
    await access_store.start()
    access = Access(access_store, around, hasher=QUICK)
    parts = Parts(
        Settings.read(
            data_dir=place.folder, store_url_pattern=place.pattern, city=NANJING, public_url=HERE
        ), around, keyring(around, kind, others),
        nanjing(), Partners(systems), access,
    )  # fmt: skip
    service, log = kind.build(parts), SqliteEventLog(place.folder / "log.db")
    await log.start()
    cell = Cell(service, log)
    await cell.start()
    app = create_app([service], parts.settings, access, around, body_limits=service.roomy)
    try:
        async with contextlib.AsyncExitStack() as stack:
            url = await stack.enter_async_context(serving(app)) if served else HERE
            http = httpx.AsyncClient(base_url=url, transport=None if served else httpx.ASGITransport(app))
            await stack.enter_async_context(http)
            yield Town(kind, parts, service, cell, log, url, access_store, clock, http)
    finally:
        stopping = asyncio.create_task(cell.stop())
        await asyncio.sleep(0)
        await log.append([Record(str(around.new_id()), "Wake", "x", around.new_id(), 1, "", b"{}")])
        await stopping  # at once: its consumer had something to fetch
        await log.close()
        await access_store.close()
