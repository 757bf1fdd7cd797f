"""The operator, over the API: after the fix parked messages are replayed, what no fix can help is skipped.

With the units back, what waits for its next try is tried at once.
"""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.commands.builders import BUILDERS
from tools.chaos.history import PHASES, History
from tools.chaos.stack import Keys, Stack

STRANGER = "stranger"  # the source of events that no model takes
_PARKED = "SELECT id, source, why, state FROM parked WHERE why <> 'behind' AND state IN ('waiting', 'dead')"
_WAITING = "SELECT id FROM delivery WHERE settled_at IS NULL AND attempts > 0 AND state <> 'sending'"


async def mend_parked(stack: Stack, keys: Keys, history: History) -> int:
    """Order a replay of every parked message that failed, and skip strangers' ones; how many orders."""
    ordered = 0
    async with _client(stack, keys) as http:
        for service in BUILDERS:
            for number, source, why, _state in await stack.select(service, _PARKED):
                if why == "gap":
                    continue
                skip = source == STRANGER
                path = f"/api/operations/{service}/parked/{number}/{'skip' if skip else 'replay'}"
                body = {"reason": "从来不是我们的事件"} if skip else None
                with contextlib.suppress(httpx.TransportError):
                    answer = await http.post(path, json=body)
                    history.note(
                        PHASES, "ordered", service=service, number=int(str(number)),
                        decision="skip" if skip else "replay", status=answer.status_code,
                    )  # fmt: skip
                    ordered += 1
    return ordered


async def try_waiting(stack: Stack, keys: Keys, history: History) -> None:
    """What failed several times waits for minutes, which are none of the system's once the units are back."""
    async with _client(stack, keys) as http:
        for service in BUILDERS:
            for (row,) in await stack.select(service, _WAITING):
                with contextlib.suppress(httpx.TransportError):
                    answer = await http.post(f"/api/operations/{service}/deliveries/{row}/retry")
                    history.note(
                        PHASES, "ordered", service=service, delivery=str(row), decision="retry",
                        status=answer.status_code,
                    )  # fmt: skip


@asynccontextmanager
async def _client(stack: Stack, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {keys.operator}"}
    base = f"http://127.0.0.1:{stack.front}"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=10, trust_env=False) as http:
        yield http
