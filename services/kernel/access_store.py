"""The database of people, tokens and sessions, shared by every process of an installation.

It is not a service's store: it has no outbox and no owner, so that `yikou account add` works while the
server runs. Writes are rare and short.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from sqlmodel import Session

from services.kernel.accounts import Account, Attempt
from services.kernel.database.schema import History
from services.kernel.database.url import open_sessions, prepare
from services.kernel.sessions import SignIn
from services.kernel.tokens import Token

T = TypeVar("T")
HISTORY: Final = History(
    "access", (Account, Attempt, Token, SignIn), Path(__file__).parent / "migrations" / "access"
)


class AccessStore:
    """`run` answers after the COMMIT and raises what `work` raised; `read` cannot write."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sessions = open_sessions(url, "access")

    async def start(self) -> None:
        """Raises StoreUnusable."""
        await prepare(self._url, (HISTORY,))

    async def run(self, work: Callable[[Session], T]) -> T:
        return await self._sessions.write(work)

    async def read(self, work: Callable[[Session], T]) -> T:
        return await self._sessions.read(work)

    async def close(self) -> None:
        await self._sessions.close()
