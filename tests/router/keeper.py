"""A supervisor who looks after the units, at the API."""

from typing import Any

import httpx

from tests.router.hall import Hall


class Keeper:
    """A supervisor who looks after the units."""

    def __init__(self, h: Hall, headers: dict[str, str]) -> None:
        self.h, self.headers = h, headers

    async def call(self, method: str, path: str, tag: str | None = None, **body: Any) -> httpx.Response:
        headers = self.headers | ({"if-match": tag} if tag else {})
        given = body if method in ("POST", "PUT") else None
        return await self.h.client.request(method, f"/api/routing{path}", headers=headers, json=given)

    async def act(self, unit: str, act: str, **body: Any) -> httpx.Response:
        """Close, suspend or resume, as somebody who has just looked."""
        tag = (await self.call("GET", "/units")).headers["etag"]
        answer = await self.call("POST", f"/units/{unit}/{act}", tag, note="区划调整", **body)
        await self.h.turn()
        return answer


async def keeper(h: Hall) -> Keeper:
    return Keeper(h, await h.front.bearer("supervisor", "chief"))
