"""How often the public may try: in memory, so a restart forgives; every process counts for itself."""

from dataclasses import dataclass, field
from typing import Final

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from services.kernel.problem import Problem

WRONG_CODES: Final = RateLimitItemPerHour(5)
"""Wrong codes per case number, and per address."""
LOOKS: Final = RateLimitItemPerHour(120)
"""Look-ups per address, right or wrong."""
REPORTS: Final = RateLimitItemPerHour(10)
"""Cases that one address may submit."""
REPORTS_OF_PHONE: Final = RateLimitItemPerDay(3)
"""Cases submitted with the same telephone number: each sends it a text message."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Moving windows by name. One per process."""

    _windows: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    def take(self, limit: RateLimitItem, *keys: str) -> None:
        """Count one for these keys. Raises Problem 429 when there were too many before."""
        if not self._windows.hit(limit, *keys):
            raise _too_many(limit)

    def check(self, limit: RateLimitItem, *keys: str) -> None:
        """As `take`, without counting."""
        if not self._windows.test(limit, *keys):
            raise _too_many(limit)

    def count(self, limit: RateLimitItem, *keys: str) -> None:
        self._windows.hit(limit, *keys)


def address_of(request: Request) -> str:
    """Where a request comes from, as the server sees it (behind a proxy: as it was told to trust)."""
    return request.client.host if request.client else "unknown"


def _too_many(limit: RateLimitItem) -> Problem:
    return Problem.of("too-many-requests", {"Retry-After": str(limit.get_expiry())})
