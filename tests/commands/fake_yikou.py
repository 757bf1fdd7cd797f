"""The part of Yikou that a feed talks to, in memory: cases move on with every question about them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

TOKEN = "yk_feed"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)


@dataclass
class Case:
    case_id: str
    body: dict[str, object]
    status: str = "received"
    times: dict[str, str | None] = field(default_factory=dict)

    def move(self) -> None:
        """received -> delivered after 40 ms -> told after 100 ms; a held case stays."""
        if self.status == "received":
            self.status = "delivered"
            self.times["delivered_at"] = (START + timedelta(milliseconds=40)).isoformat()
        elif self.status == "delivered":
            self.status = "told"
            self.times["informed_at"] = (START + timedelta(milliseconds=100)).isoformat()

    def shown(self) -> dict[str, object]:
        return {
            "case_id": self.case_id,
            "status": self.status,
            "received_at": START.isoformat(),
            **self.times,
        }


class FakeYikou:
    """`failures`: answers to give first instead of an answer to POST /api/cases; None hangs up."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}  # by idempotency key
        self.failures: list[int | None] = []
        self.decisions: list[tuple[str, str]] = []
        self.silent = False
        self.app = FastAPI()
        for path, answer in (
            ("/api/cases", self.create),
            ("/api/cases/progress", self.progress),
            ("/api/routing/{case_id}/decide", self.decide),
        ):
            self.app.add_api_route(path, answer, methods=["POST"], response_model=None)
        self.app.add_api_route("/api/routing/held", self.held, methods=["GET"], response_model=None)

    def client(self, token: str = TOKEN) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://yikou",
            headers={"Authorization": f"Bearer {token}"},
        )

    async def create(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer {TOKEN}":
            return JSONResponse({"type": "/problems/token-unknown"}, 401)
        body, key = await request.json(), request.headers["idempotency-key"]
        if body["text"] == "":
            return JSONResponse({"type": "/problems/text-missing", "detail": "请填写诉求"}, 422)
        case = self.cases.setdefault(key, Case(f"case-{len(self.cases)}", body))
        if "留置" in body["text"] and not case.times:
            case.status = "held"
        if self.failures:  # the case is stored; only the answer fails
            status = self.failures.pop(0)
            if status is None:
                raise httpx.ReadError("the server went away")
            return Response(status_code=status)
        return JSONResponse({"case_id": case.case_id, "number": "7K3M-9QTX-2PD"}, 201)

    async def progress(self, request: Request) -> Response:
        asked = (await request.json())["case_ids"]
        assert 0 < len(asked) <= 500
        by_id = {case.case_id: case for case in self.cases.values()}
        for case_id in asked if not self.silent else ():
            by_id[case_id].move()
        return JSONResponse({"cases": [by_id[case_id].shown() for case_id in asked]})

    async def held(self, cursor: int = 0) -> Response:
        every = [{"case_id": case.case_id} for case in self.cases.values() if case.status == "held"]
        every += [{"case_id": "somebody-elses"}]
        following = str(cursor + 1) if cursor + 1 < len(every) else None
        return JSONResponse({"cases": every[cursor : cursor + 1], "next": following})

    async def decide(self, case_id: str, request: Request) -> Response:
        body = await request.json()
        case = next((one for one in self.cases.values() if one.case_id == case_id), None)
        if case is None or case.status != "held":
            return JSONResponse({"type": "/problems/not-held"}, 409)
        assert body["reason"]
        self.decisions.append((case_id, body["unit"]))
        case.status = "received"
        return JSONResponse({})
