"""`yikou serve NAME… | all`: the services of one process behind one port."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TypeVar

import uvicorn

from services.commands.builders import BUILDERS
from services.commands.installation import Installation, NotPossible, chosen, open_installation
from services.commands.running import running
from services.kernel import logs
from services.kernel.health import Health
from services.kernel.server import server
from services.kernel.service import Service
from services.kernel.settings import Settings
from services.kernel.web import create_app

T = TypeVar("T")

Company = Callable[[Installation, str], AbstractAsyncContextManager[None]]
"""What runs beside the services from the moment they answer: (installation, url)."""


@asynccontextmanager
async def alone(_installation: Installation, _url: str) -> AsyncIterator[None]:
    yield


def as_built(service: Service) -> Service:
    return service


def serve(
    names: Sequence[str],
    settings: Settings,
    company: Company = alone,
    changed: Callable[[Service], Service] = as_built,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish what is in flight. `changed`: each service before it runs.

    Raises NotPossible (port is taken), Held (store is taken), LogUnusable, StoreUnusable.
    """
    logs.configure(settings.log_level)
    with listening(settings) as listener:
        uvicorn_loop(_serve(chosen(names), settings, listener, company, changed))


def uvicorn_loop(work: Coroutine[object, object, T]) -> T:
    """Run on uvloop, as uvicorn would."""
    with asyncio.Runner(loop_factory=uvicorn.Config(None, log_config=None).get_loop_factory()) as runner:  # type: ignore[arg-type]
        return runner.run(work)


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A bound socket; port 0 takes a free one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise NotPossible(
                f"无法在 {where} 上监听（{error.strerror}），请换一个 YIKOU_PORT。"
                f"/ Cannot listen on {where} ({error.strerror}); choose another YIKOU_PORT."
            ) from None
        yield listener


async def _serve(
    names: Sequence[str],
    settings: Settings,
    listener: socket.socket,
    company: Company,
    changed: Callable[[Service], Service],
) -> None:
    installation = open_installation(settings)
    services, health = [changed(service) for service in installation.services(names)], Health()
    url = f"http://{settings.host}:{listener.getsockname()[1]}"

    app = create_app(
        services, settings, installation.access, installation.around,
        known=tuple(BUILDERS), every=partial(installation.every, services), health=health,
        body_limits={path: size for service in services for path, size in service.roomy.items()},
    )  # fmt: skip
    web = Server(server(app, settings).config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web.end)
    async with running(installation, services, health) as cells:
        app.state.cells = cells
        serving = asyncio.create_task(web.serve(sockets=[listener]))
        await _until_started(web, serving)
        async with company(installation, url):
            await serving


class Server(uvicorn.Server):
    """Signals are ours: uvicorn would raise them again at its end, before what runs beside it has stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        self.should_exit = True


async def _until_started(web: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    while not web.started and not serving.done():  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    if serving.done():
        serving.result()
