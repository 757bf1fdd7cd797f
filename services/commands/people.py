"""`yikou account add` and `yikou token create`; they work while the server runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from services.commands.installation import NotPossible
from services.domain.city import City
from services.kernel.access_store import AccessStore
from services.kernel.accounts import add_account
from services.kernel.settings import Settings
from services.kernel.surroundings import real
from services.kernel.tokens import create_token

T = TypeVar("T")


def add(
    settings: Settings, name: str, password: str, role: str, staff_number: str | None, units: Sequence[str]
) -> None:
    """Add a person. Refusal: name, role or password cannot be used. NotPossible: no such unit."""
    _check_units(settings, units)
    now = real().now()

    async def work(store: AccessStore) -> None:
        await add_account(store, name, password, role, now, staff_number=staff_number, units=units)

    asyncio.run(with_store(settings, work))


def token(settings: Settings, role: str, name: str, units: Sequence[str]) -> str:
    """Make a token for a machine client and return it; it is kept as a hash only."""
    _check_units(settings, units)

    async def work(store: AccessStore) -> str:
        return await create_token(store, name, role, real().now(), units)

    return asyncio.run(with_store(settings, work))


async def with_store(settings: Settings, work: Callable[[AccessStore], Awaitable[T]]) -> T:
    store = AccessStore(settings.store_url("access"))
    await store.start()
    try:
        return await work(store)
    finally:
        await store.close()


def _check_units(settings: Settings, units: Sequence[str]) -> None:
    known = {unit.id for unit in City.load(settings.city).units} if units else set()
    if unknown := [unit for unit in units if unit not in known]:
        raise NotPossible(f"没有这个单位：{unknown[0]}。/ There is no unit {unknown[0]}.")
