"""Each fault over a real connection: what the caller sees, and whether the partner acted."""

import time

import httpx
import pytest

from services.simulators.behaviour import Behaviour, Fault, Mode
from services.simulators.run import Simulation
from tests.simulators.conftest import BRIGADE, CENTRE, FakeYikou, task_body, task_headers


async def send(http: httpx.AsyncClient, to: Simulation, key: str, unit: str = BRIGADE) -> httpx.Response:
    body = task_body(key, unit)
    return await http.post(f"{to.url}/{unit}/tasks", content=body, headers=task_headers(key, body, unit))


@pytest.mark.parametrize(
    ("mode", "status"),
    [("down", 503), ("error500", 500), ("retry_after", 429), ("redirect", 307), ("garbage", 200)],
)
async def test_a_refusing_fault_answers_so_and_takes_nothing(
    http: httpx.AsyncClient, simulators: Simulation, mode: Mode, status: int
) -> None:
    simulators.behaviour.set(BRIGADE, Fault(mode=mode, seconds=2.5))
    answer = await send(http, simulators, "task-1")
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("3" if mode == "retry_after" else None)
    assert (await send(http, simulators, "task-2", CENTRE)).status_code == 202
    counts = simulators.counts()
    assert counts[BRIGADE] == {"request": 1}
    assert counts[CENTRE]["task"] == 1


async def test_a_lost_answer_means_the_task_was_taken(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    simulators.behaviour.set(BRIGADE, Fault(mode="answer_lost", requests=1))
    with pytest.raises(httpx.TransportError):
        await send(http, simulators, "task-1")
    assert simulators.counts()[BRIGADE]["task"] == 1
    question = task_headers("task-1", b"")
    assert (await http.get(f"{simulators.url}/{BRIGADE}/tasks/task-1", headers=question)).status_code == 200
    assert (await send(http, simulators, "task-1")).status_code == 202
    assert simulators.counts()[BRIGADE]["task"] == 1


async def test_a_slow_partner_answers_late_but_rightly(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    simulators.behaviour.set(BRIGADE, Fault(mode="slow", seconds=0.3))
    started = time.monotonic()
    assert (await send(http, simulators, "task-1")).status_code == 202
    assert time.monotonic() - started >= 0.3
    with pytest.raises(httpx.ReadTimeout):
        await http.get(f"{simulators.url}/{BRIGADE}/tasks/task-1", timeout=0.05)


async def test_a_flapping_partner_takes_every_other_request(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    simulators.behaviour.set("*", Fault(mode="flapping"))
    statuses = [(await send(http, simulators, f"task-{number}")).status_code for number in range(4)]
    assert statuses == [503, 202, 503, 202]


async def test_faults_are_switched_over_http_and_heal(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    change = {"name": BRIGADE, "fault": {"mode": "error500", "requests": 2}, "pace": "demo"}
    switched = await http.post(f"{simulators.url}/_behaviour", json=change)
    assert switched.json() == (await http.get(f"{simulators.url}/_behaviour")).json()
    statuses = [(await send(http, simulators, "task-1")).status_code for _ in range(3)]
    assert statuses == [500, 500, 202]
    assert simulators.behaviour.pace(BRIGADE).complete == (10, 40)
    assert (await http.get(f"{simulators.url}/_counts")).json() == simulators.counts()


@pytest.mark.parametrize(
    "change", [{"name": "*", "fault": {"mode": "tired"}}, {"pace": "fast"}, {"name": "*", "x": 1}]
)
async def test_a_switch_that_does_not_exist_is_refused(
    http: httpx.AsyncClient, simulators: Simulation, change: dict[str, object]
) -> None:
    assert (await http.post(f"{simulators.url}/_behaviour", json=change)).status_code == 422


def test_one_partners_fault_counts_before_everybodys() -> None:
    behaviour = Behaviour()
    behaviour.set("*", Fault(mode="down"))
    behaviour.set(BRIGADE, Fault())
    assert behaviour.next_fault(BRIGADE).mode == "ok"
    assert behaviour.next_fault(CENTRE).mode == "down"
    behaviour.set("*", Fault())
    assert behaviour.next_fault(CENTRE).mode == "ok"


async def test_a_half_answer_means_the_task_was_taken(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    simulators.behaviour.set(BRIGADE, Fault(mode="half_answer", requests=1))
    with pytest.raises(httpx.TransportError):
        await send(http, simulators, "task-1")
    assert (await send(http, simulators, "task-1")).status_code == 202
    assert simulators.counts()[BRIGADE]["task"] == 1


async def test_a_partner_that_accepts_twice_gives_two_references_and_reports_twice(
    http: httpx.AsyncClient, simulators: Simulation, yikou: FakeYikou
) -> None:
    simulators.behaviour.set(BRIGADE, Fault(mode="accept_twice"))
    references = {(await send(http, simulators, "task-1")).json()["reference"] for _ in range(2)}
    assert len(references) == 2
    await yikou.until(lambda fake: fake.types().count("task.completed") == 2)
    assert len({message for _, message, _ in yikou.seen}) == len(yikou.seen)


@pytest.mark.parametrize("mode", ["packed", "endless", "deep"])
async def test_a_hostile_answer_takes_nothing(
    http: httpx.AsyncClient, simulators: Simulation, mode: Mode
) -> None:
    simulators.behaviour.set(BRIGADE, Fault(mode=mode, requests=1))
    body = task_body("task-1")
    url, headers = f"{simulators.url}/{BRIGADE}/tasks", task_headers("task-1", body)
    async with http.stream("POST", url, content=body, headers=headers) as answer:
        assert answer.status_code == 200
        first = await anext(answer.aiter_raw())
    assert first
    assert simulators.counts()[BRIGADE] == {"request": 1}
