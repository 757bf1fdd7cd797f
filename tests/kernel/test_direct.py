"""Routes that we run ourselves keep what FastAPI's keep: marker, path parameters, problems, description."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from services.kernel.access import Principal, Unguarded, allow, public
from services.kernel.body import body_of
from services.kernel.direct import DirectRoute
from services.kernel.metrics import REGISTRY
from services.kernel.problem import Problem
from tests.kernel.front import Front, front

api = APIRouter(route_class=DirectRoute)


class Said(BaseModel):
    area: str
    by: str
    size: int


@api.post("/direct/{area}", status_code=202)
async def say(area: str, request: Request, who: Annotated[Principal, Depends(allow("case.create"))]) -> Said:
    if area == "nowhere":
        raise Problem.of("not-found")
    return Said(area=area, by=who.name, size=len(await body_of(request)))


@api.post("/straight", status_code=202)
async def straight(request: Request, who: Annotated[Principal, Depends(allow("case.create"))]) -> Said:
    what = (await body_of(request)).decode()
    if what == "nothing":
        raise Problem.of("not-found")
    if what == "mistake":
        raise KeyError("secret")
    return Said(area="", by=who.name, size=len(what))


def counted(status: int) -> float:
    labels = {"method": "POST", "route": "/straight", "status": str(status)}
    return REGISTRY.get_sample_value("yikou_http_requests_total", labels) or 0.0


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path, api) as running:
        yield running


async def test_it_answers_with_its_model_and_status(here: Front) -> None:
    headers = await here.bearer("machine")
    answer = await here.client.post("/direct/gulou", json={"a": 1}, headers=headers)
    assert (answer.status_code, answer.json()["area"], answer.json()["size"]) == (202, "gulou", 7)


async def test_nobody_and_those_without_the_permission_are_turned_away(here: Front) -> None:
    assert (await here.client.post("/direct/gulou", json={})).status_code == 401
    operator = await here.bearer("operator")
    assert (await here.client.post("/direct/gulou", json={}, headers=operator)).status_code == 403


async def test_a_problem_is_answered_as_one(here: Front) -> None:
    answer = await here.client.post("/direct/nowhere", json={}, headers=await here.bearer("machine"))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_path_without_parameters_is_answered_as_the_others_are(here: Front) -> None:
    headers = await here.bearer("machine")

    async def post(what: str, **more: str) -> tuple[int, str]:
        answer = await here.client.post("/straight", content=what, headers=headers | more)
        return answer.status_code, str(answer.json().get("type", answer.json().get("size")))

    before = counted(404)
    assert await post("four") == (202, "4")
    assert await post("nothing") == (404, "/problems/not-found")
    assert await post("mistake") == (500, "/problems/failed")
    assert await post("four", authorization="Bearer wrong") == (401, "/problems/signed-out")
    assert (await here.client.get("/straight", headers=headers)).status_code == 405
    assert counted(404) == before + 1


async def test_it_stands_in_the_description(here: Front) -> None:
    described = (await here.client.get("/api/openapi.json")).json()
    assert "202" in described["paths"]["/direct/{area}"]["post"]["responses"]


def test_a_route_with_no_marker_is_not_made() -> None:
    bare = APIRouter(route_class=DirectRoute)
    with pytest.raises(Unguarded):
        bare.add_api_route("/bare", lambda: None, methods=["GET"])
    bare.add_api_route("/open", lambda: None, methods=["GET"], dependencies=[Depends(public())])
