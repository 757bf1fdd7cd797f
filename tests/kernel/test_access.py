"""Nobody gets in unless a route says so, and every route says so."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.access import Principal, Unguarded, allow, partner, public
from services.kernel.roles import PERMISSIONS, ROLES
from services.kernel.tokens import create_token, revoke_tokens
from tests.kernel.front import Front, front


async def answer(_request: Request) -> Response:
    return Response()


async def test_a_route_that_states_nothing_stops_the_start(tmp_path: Path) -> None:
    router = APIRouter()
    router.add_api_route("/forgotten", answer, methods=["POST"])
    with pytest.raises(Unguarded, match="POST /forgotten"):
        async with front(tmp_path, router):
            pass


async def test_a_route_that_states_two_things_stops_the_start(tmp_path: Path) -> None:
    router = APIRouter(dependencies=[Depends(public())])
    router.add_api_route("/both", answer, dependencies=[Depends(allow("case.read"))])
    with pytest.raises(Unguarded, match="/both: states 2"):
        async with front(tmp_path, router):
            pass


async def test_a_route_past_the_framework_stops_the_start(tmp_path: Path) -> None:
    router = APIRouter()
    router.routes.append(Route("/raw", answer))
    with pytest.raises(Unguarded, match="/raw"):
        async with front(tmp_path, router):
            pass


async def test_a_router_may_state_it_for_all_its_routes(tmp_path: Path) -> None:
    inner, outer = APIRouter(), APIRouter(prefix="/all", dependencies=[Depends(partner())])
    inner.add_api_route("/one", answer)
    outer.include_router(inner)
    async with front(tmp_path, outer) as f:
        assert (await f.client.get("/all/one")).status_code == 200


def test_a_permission_that_no_role_has_is_a_spelling_mistake() -> None:
    with pytest.raises(ValueError, match=r"case\.raed"):
        allow("case.raed")


async def test_each_role_may_do_what_its_row_says_and_nothing_else(tmp_path: Path) -> None:
    router = APIRouter()
    for permission in sorted(PERMISSIONS):
        router.add_api_route(f"/try/{permission}", answer, dependencies=[Depends(allow(permission))])
    async with front(tmp_path, router) as f:
        for role, may in ROLES.items():
            headers = await f.bearer(role, f"client-{role}")
            for permission in PERMISSIONS:
                status = (await f.client.get(f"/try/{permission}", headers=headers)).status_code
                assert status == (200 if permission in may else 403), (role, permission)


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "bearer \xff", "yk_x"]
)
async def test_without_a_good_token_the_answer_is_401(tmp_path: Path, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    async with front(tmp_path) as f:
        answer = await f.client.get("/api/cases/1", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/problems/signed-out"


async def test_a_wrong_token_is_nobody_even_with_a_good_cookie(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        await f.person("agent")
        await f.sign_in()
        assert (await f.client.get("/api/cases/1")).status_code == 200
        wrong = await f.client.get("/api/cases/1", headers={"authorization": "Bearer nonsense"})
    assert wrong.status_code == 401


async def test_a_known_token_is_not_looked_up_for_every_request(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        headers = await f.bearer("machine")
        before = f.store.reads
        for _ in range(50):
            assert (await post(f, headers)).status_code == 201
        assert f.store.reads - before == 1


async def test_a_revoked_token_stops_working_within_half_a_minute(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        headers = await f.bearer("machine")
        assert (await post(f, headers)).status_code == 201
        assert await revoke_tokens(f.store, "feed", f.clock()) == 1
        f.clock.at += timedelta(seconds=30)
        assert (await post(f, headers)).status_code == 401


async def test_the_principal_carries_units_and_what_goes_into_events(tmp_path: Path) -> None:
    seen: list[Principal] = []
    router = APIRouter()

    @router.get("/me")
    async def me(who: Annotated[Principal, Depends(allow("task.read"))]) -> None:
        seen.append(who)

    async with front(tmp_path, router) as f:
        await f.person("officer", "320115", units=("inspection-jiangning",))
        await f.sign_in("320115")
        assert (await f.client.get("/me")).status_code == 200
    [who] = seen
    assert (who.by, who.kind, who.units) == ("320115", "person", ("inspection-jiangning",))
    assert who.holds("inspection-jiangning")
    assert not who.holds("inspection-xuanwu")


async def test_a_clients_callback_secrets_come_newest_first(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        old = await create_token(f.store, "feed", "machine", f.clock())
        f.clock.forward(hours=1)
        new = await create_token(f.store, "feed", "machine", f.clock())
        secrets = await f.access.callback_secrets("feed")
        assert len(secrets) == len({old, new}) == 2
        assert all(s.startswith("whsec_") for s in secrets)
        await revoke_tokens(f.store, "feed", f.clock())
        assert await f.access.callback_secrets("feed") == ()


async def test_the_description_says_who_may_use_each_operation(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        document = (await f.client.get("/api/openapi.json")).json()
        create = document["paths"]["/api/cases"]["post"]
        assert create["x-permission"] == "case.create"
        assert create["x-roles"] == ["agent", "supervisor", "machine"]
        assert set(create["responses"]) == {"201", "4XX", "5XX"}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                answer = await f.client.request(method, path.replace("{case_id}", "1"), json={"text": "x"})
                assert (answer.status_code == 401) == bool(operation["security"]), path


async def post(f: Front, headers: dict[str, str]) -> httpx.Response:
    return await f.client.post("/api/cases", json={"text": "工资"}, headers=headers)
