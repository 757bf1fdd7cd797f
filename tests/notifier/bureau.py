"""A notifier alone: its real store, log, deliveries and application in a folder, and a clock that is ours."""

import base64
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from services.domain.events import EVENTS, Event
from services.domain.sealing import Keyring
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account
from services.kernel.cell import Cell
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.identity import Access
from services.kernel.partners import Partners
from services.kernel.parts import Parts
from services.kernel.service import Service
from services.kernel.settings import Settings
from services.kernel.store import Tx
from services.kernel.tokens import create_token
from services.kernel.web import create_app
from services.notifier.client import FileGateway, Text
from services.notifier.service import build
from tests.kernel.cells import Clock, surroundings, until
from tests.kernel.front import HERE, PASSWORD, QUICK
from tests.notifier.facts import BRIGADE, CITY, CODE, EIGHT, LANDLINE, MOBILE, MORNING, NAME, NIGHT, Facts

GATEWAY = "whsec_" + base64.b64encode(b"the gateway's own secret").decode()
_BUSY = """
SELECT 1 FROM delivery v LEFT JOIN destination t ON t.id = v.destination WHERE v.settled_at IS NULL AND (
  v.state = 'sending' OR (v.state = 'unknown' AND v.lease_until > :now)
  OR (v.due_at <= :now AND t.disabled IS NULL AND coalesce(t.open_until, '') <= :now
      AND coalesce(t.tokens, 1) >= 1))
"""


@dataclass
class Bureau(Facts):
    """`hear` hands events over as the log would; `settled` waits until nothing is due at the clock's time."""

    folder: Path
    service: Service
    cell: Cell
    client: httpx.AsyncClient
    people: AccessStore

    async def hear(self, *events: Event, source: str = "intake") -> None:
        """Events of another service, as one batch; then everything that is due leaves."""

        def unit(tx: Tx) -> None:
            if self.service.prefetch is not None and len(events) > 1:
                self.service.prefetch(events, tx)
            for event in events:
                tx.source = source
                tx.put(*self.service.handlers[type(event)](event, tx))
            tx.source = self.service.name

        await self.service.store.run(unit)
        await self.settled()

    async def settled(self) -> None:
        """Until no delivery is under way or due now."""
        self.cell.deliveries.wake()
        await until(lambda: not self.rows(_BUSY, now=_stored(self.clock.at)), 40)

    async def forward(self, **by: float) -> None:
        self.clock.forward(**by)
        await self.settled()

    def said(self, *names: str) -> list[Event]:
        """The events in the outbox, in order, of these types."""
        rows = self.rows("SELECT type, body FROM outbox ORDER BY id")
        return [
            EVENTS[row["type"]].model_validate_json(row["body"])
            for row in rows
            if row["type"] in (names or EVENTS)
        ]

    def told(self) -> list[tuple[str, str]]:
        """(channel, about) of every CallerInformed."""
        return [(e.channel, e.about) for e in self.said("CallerInformed")]  # type: ignore[attr-defined]

    def deliveries(self) -> list[sqlite3.Row]:
        return self.rows("SELECT * FROM delivery ORDER BY id")

    def rows(self, query: str, **values: object) -> list[sqlite3.Row]:
        with sqlite3.connect(self.folder / "notifier.db") as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def dump(self, *tables: str) -> str:
        """Everything that these tables hold, as text."""
        rows = [row for name in tables for row in self.rows(f"SELECT * FROM {name}")]  # noqa: S608 - our names
        return "\n".join(str(tuple(row)) for row in rows)

    async def texts(self) -> Sequence[Text]:
        """What the file gateway holds, oldest first."""
        return list(reversed(await FileGateway(self.folder / "sms").newest(1000) or []))

    async def text(self, template: str) -> str:
        """The one text of this template, such as "received" or "outcome.paid"."""
        (found,) = [one for one in await self.texts() if one.reference.split(":")[1] == template]
        return found.text

    async def bearer(self, role: str = "agent", name: str = "") -> dict[str, str]:
        token = await create_token(self.people, name or role, role, self.clock())
        return {"authorization": f"Bearer {token}"}

    async def sign_in(self, role: str = "agent", name: str = "10543") -> None:
        await add_account(self.people, name, PASSWORD, role, self.clock(), staff_number=name, hasher=QUICK)
        answer = await self.client.post("/signin", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303

    async def form(self, path: str, **fields: str) -> httpx.Response:
        """Send a page's form, as a browser without JavaScript would."""
        page = (await self.client.get("/")).text
        token = page.split('<meta name="csrf" content="')[1].split('"')[0]
        return await self.client.post(
            path, data={"csrf_token": token, **fields}, headers={"accept": "text/html"}
        )


def _stored(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


@asynccontextmanager
async def bureau(folder: Path, at: datetime = MORNING, **settings: Any) -> AsyncIterator[Bureau]:
    clock = Clock(at)
    around = surroundings(clock=clock)
    given = Settings.read(data_dir=folder, public_url=HERE, **settings)
    keyring = Keyring.create(random.Random(5).randbytes).with_partner_secret("sms", GATEWAY)
    people, log = AccessStore(given.store_url("access")), SqliteEventLog(folder / "log.db")
    access = Access(people, around, hasher=QUICK)
    service = build(Parts(given, around, keyring.without("task", "identity"), CITY, Partners(), access))
    app = create_app([service], given, access, around)
    cell = Cell(service, log)
    await log.start()
    await people.start()
    await cell.start()
    transport = httpx.ASGITransport(app, client=("10.1.2.3", 40000), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            yield Bureau(keyring, clock, around, folder, service, cell, client, people)
    finally:
        await cell.stop()
        await people.close()
        await log.close()


__all__ = [
    "BRIGADE",
    "CITY",
    "CODE",
    "EIGHT",
    "GATEWAY",
    "LANDLINE",
    "MOBILE",
    "MORNING",
    "NAME",
    "NIGHT",
    "Bureau",
    "bureau",
]
