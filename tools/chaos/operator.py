"""The operator: after the fix, parked messages are replayed over the API; what no fix can help is skipped."""

import contextlib

import httpx

from services.commands.builders import BUILDERS
from tools.chaos.history import PHASES, History
from tools.chaos.stack import Keys, Stack

STRANGER = "stranger"  # the source of events that no model takes


async def mend_parked(stack: Stack, keys: Keys, history: History) -> int:
    """Order a replay of every parked message that failed, and skip strangers' ones; how many orders."""
    query = "SELECT id, source, why, state FROM parked WHERE why <> 'behind' AND state IN ('waiting', 'dead')"
    headers = {"Authorization": f"Bearer {keys.operator}"}
    base, ordered = f"http://127.0.0.1:{stack.front}", 0
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=10, trust_env=False) as http:
        for service in BUILDERS:
            for number, source, why, _state in await stack.select(service, query):
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
