"""A supervisor at the API of the rule book, and a rule to add."""

from typing import Any

import httpx

from tests.router.hall import Hall

PATH = "/api/routing/editions"
TO_CITY = """[[rule]]
id = "big-cases"
zh = "欠薪二十人以上的由市支队办理"
en = "Twenty or more workers: the city brigade"
when = { kind = "wage_arrears", workers_affected = { min = 20 } }
to = { service = "inspection", by = "fixed", unit = "inspection-nanjing" }

"""


def with_rule(text: str) -> str:
    head, rest = text.split("[[rule]]", 1)
    return f"{head}{TO_CITY}[[rule]]{rest}"


class Desk:
    """A supervisor at the API."""

    def __init__(self, h: Hall, headers: dict[str, str]) -> None:
        self.h, self.headers = h, headers

    async def call(self, method: str, path: str, tag: str | None = None, **body: Any) -> httpx.Response:
        headers = self.headers | ({"if-match": tag} if tag else {})
        given = body if method in ("POST", "PUT") else None
        return await self.h.client.request(method, PATH + path, headers=headers, json=given)

    async def draft(self) -> tuple[dict[str, Any], str]:
        answer = await self.call("POST", "", note="大案由市支队办")
        assert answer.status_code == 201, answer.text
        return answer.json(), answer.headers["etag"]

    async def edited(self, rules: str | None = None, units: str | None = None) -> tuple[dict[str, Any], str]:
        """A draft with the new rule, or with these texts."""
        draft, tag = await self.draft()
        texts = {"rules": rules or with_rule(draft["rules"]), "units": units or draft["units"]}
        answer = await self.call("PUT", f"/{draft['number']}", tag, note="大案由市支队办", **texts)
        assert answer.status_code == 200, answer.text
        return answer.json(), answer.headers["etag"]


async def desk(h: Hall, name: str = "chief") -> Desk:
    return Desk(h, await h.front.bearer("supervisor", name))
