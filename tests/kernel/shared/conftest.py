"""Processes that share a database: as stores with randomness of their own, or as real processes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from services.kernel.store import Store
from tests.kernel.cells import store_at, surroundings
from tests.places import Server

Join = Callable[..., Awaitable[Store]]


@pytest.fixture
async def join(server: Server) -> AsyncIterator[Join]:
    """Opens the service's one database as another process would."""
    async with AsyncExitStack() as stack:
        stores: list[Store] = []

        async def opened(name: str = "desk", settings: str = "") -> Store:
            store = store_at(server, name, surroundings(seed=1000 + len(stores)), settings=settings)
            stores.append(store)
            await store.start()
            stack.push_async_callback(store.close)
            return store

        yield opened
