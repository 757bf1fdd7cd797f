"""All simulated partners on one port, in this event loop (`simulation`) or as a process (__main__.py)."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.simulators import control, subscriber
from services.simulators.behaviour import FAST, Behaviour, Pace
from services.simulators.callbacks import CallBacks
from services.simulators.ledger import Ledger
from services.simulators.partner import SimulatedPartner
from services.simulators.sms import SimulatedSms
from services.simulators.subscriber import SimulatedSubscriber
from services.simulators.wire import TRANSPORT

Secrets = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Simulation:
    """The running simulators; `url` is "http://127.0.0.1:PORT", "" when nothing listens."""

    app: FastAPI
    behaviour: Behaviour
    ledger: Ledger
    partner: SimulatedPartner
    sms: SimulatedSms
    subscriber: SimulatedSubscriber
    url: str = ""

    def counts(self) -> control.Counts:
        return control.counts(self.ledger)


def build(secrets: Secrets, *, seed: int = 0, pace: Pace = FAST, state: Path | None = None) -> Simulation:
    """Wire the simulators up. `secrets`: per unit and for "subscriber", newest first."""
    behaviour, ledger = Behaviour(seed, pace), Ledger(state)
    units = {name: keys for name, keys in secrets.items() if name != subscriber.NAME}
    partner = SimulatedPartner(units, behaviour, ledger)
    gateway = SimulatedSms(behaviour, ledger)
    listener = SimulatedSubscriber(secrets.get(subscriber.NAME, ()), behaviour, ledger)
    for note in ledger.replay():
        for one in (partner, gateway, listener):
            one.remember(note)
    app = FastAPI(title="Simulated partners", openapi_url=None)
    for router in (
        control.routes(behaviour, ledger), gateway.routes(), listener.routes(), partner.routes()
    ):  # fmt: skip
        app.include_router(router)
    return Simulation(app, behaviour, ledger, partner, gateway, listener)


@contextlib.asynccontextmanager
async def simulation(
    secrets: Secrets,
    yikou: str,
    *,
    port: int = 0,
    seed: int = 0,
    pace: Pace = FAST,
    state: Path | None = None,
) -> AsyncIterator[Simulation]:
    """Serve on 127.0.0.1:`port` (0: a free one) and call back to `yikou` until the block ends."""
    built = build(secrets, seed=seed, pace=pace, state=state)
    callbacks = CallBacks(yikou, secrets, built.ledger)
    try:
        async with serving(built.app, port) as url:
            built.partner.start(callbacks)
            try:
                yield replace(built, url=url)
            finally:
                await built.partner.stop()
    finally:
        callbacks.close()
        await asyncio.sleep(0)  # the loop closes what was just let go
        built.ledger.close()


class _Connection(HttpToolsProtocol):
    """Leaves the connection where wire.hang_up finds it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """Signals belong to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve any ASGI app over real HTTP on 127.0.0.1 in this event loop; its URL. OSError: port in use."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = uvicorn.Config(
            app, http=_Connection, ws="none", log_config=None, log_level="warning", access_log=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        server = _Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]), name="simulators")
        try:
            while not server.started:
                if running.done():
                    running.result()
                    raise RuntimeError("the server ended before it was ready")
                await asyncio.sleep(0.005)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
