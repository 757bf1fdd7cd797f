"""The described contract is the one we keep: every example is what we send and what we take."""

import json
from typing import Any, cast

import pytest

from services.conformance.tasks import new_task
from services.kernel.tasks.callbacks import callback_routes, read_call
from services.kernel.tasks.contract import (
    KNOWN,
    NEWS,
    REPORTS,
    TAKEN,
    TASK,
    NewsBody,
    TaskBody,
    TaskKnown,
    TaskTaken,
    webhooks,
)
from services.kernel.tasks.sending import REFERENCE
from services.simulators.run import serving
from tests.kernel.cells import surroundings, until
from tests.kernel.tasks.kinds import Kind, secret
from tests.kernel.tasks.test_news import SIZE, attached, joined
from tests.kernel.tasks.town import town
from tests.kernel.tasks.unit import FakeUnit
from tests.places import Place


@pytest.mark.parametrize("name", REPORTS)
def test_every_example_of_a_report_is_taken_as_what_it_is_called(name: str) -> None:
    assert read_call(json.dumps(REPORTS[name]).encode()).type == REPORTS[name]["type"]


def test_the_examples_of_tasks_and_answers_fit_their_schemas() -> None:
    TaskBody.model_validate(TASK)
    NewsBody.model_validate(NEWS)
    TaskKnown.model_validate(KNOWN)
    assert REFERENCE.fullmatch(TaskTaken.model_validate(TAKEN).reference)
    TaskBody.model_validate(new_task("inspection-jiangning", surroundings()).fields)


async def test_what_we_send_is_what_is_described(place: Place, kind: Kind) -> None:
    unit = FakeUnit(secret(kind.unit))
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        case = here.routed(urgency="urgent", accept_by="2026-10-01T01:00:00Z", cluster=SIZE)
        await here.say(case)
        await here.state("delivered")
        await here.say(attached(here, case), joined(here, case), source="intake")

        async def told() -> bool:
            return len(unit.bodies) == 3

        await until(told)
        described = (await here.http.get("/api/openapi.json")).json()
    task, *news = unit.bodies
    TaskBody.model_validate_json(task)
    assert {NewsBody.model_validate_json(one).type for one in news} == {"call.attached", "cluster.alarmed"}
    assert described["webhooks"] == json.loads(json.dumps(webhooks()))
    post = described["webhooks"]["task"]["post"]
    assert {one["name"].lower() for one in post["parameters"]} <= unit.heads[0].keys()
    reports = described["paths"][f"/api/partners/{kind.service}-{{area}}/events"]["post"]
    assert reports["requestBody"]["content"]["application/json"]["examples"].keys() == REPORTS.keys()


def test_every_kind_of_report_has_an_example() -> None:
    here = surroundings()
    [route] = callback_routes("inspection", cast(Any, None), cast(Any, None), here, {}).routes
    extra = cast(Any, route).openapi_extra["requestBody"]["content"]["application/json"]
    kinds = {one["properties"]["type"]["const"] for one in extra["schema"]["oneOf"]}
    assert {example["value"]["type"] for example in extra["examples"].values()} == kinds
