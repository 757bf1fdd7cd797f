import httpx
import pytest

from services.simulators.behaviour import Pace
from services.simulators.run import Simulation
from tests.simulators.conftest import BRIGADE, FakeYikou, task_body, task_headers


async def send(http: httpx.AsyncClient, to: Simulation, key: str, **changed: str) -> httpx.Response:
    body = task_body(key)
    return await http.post(
        f"{to.url}/{BRIGADE}/tasks", content=body, headers=task_headers(key, body) | changed
    )


async def test_a_task_is_taken_worked_on_and_its_result_called_back_in_order(
    http: httpx.AsyncClient, simulators: Simulation, yikou: FakeYikou
) -> None:
    taken = await send(http, simulators, "task-1")
    assert taken.status_code == 202
    assert taken.json()["reference"].startswith("JC-")
    await yikou.until(lambda y: "task.completed" in y.types())
    assert [t for t in yikou.types() if t != "task.progressed"] == ["task.accepted", "task.completed"]
    unit, _, result = yikou.seen[-1]
    assert (unit, result["task"], result["resolved"]) == (BRIGADE, "task-1", True)
    asked = task_headers("task-1", b"")
    known = (await http.get(f"{simulators.url}/{BRIGADE}/tasks/task-1", headers=asked)).json()
    assert known == {"key": "task-1", "state": "completed", "reference": taken.json()["reference"]}


async def test_the_same_task_again_is_the_same_reference_and_no_second_effect(
    http: httpx.AsyncClient, simulators: Simulation, yikou: FakeYikou
) -> None:
    answers = [await send(http, simulators, "task-1") for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    await yikou.until(lambda y: "task.completed" in y.types())
    counts = simulators.counts()["units"]
    assert (counts["request"], counts["task"]) == (3, 1)
    assert yikou.types().count("task.completed") == 1


async def test_a_key_used_for_another_task_is_refused_and_counted(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    await send(http, simulators, "task-1")
    other = task_body("task-1", owed=1)
    answer = await http.post(
        f"{simulators.url}/{BRIGADE}/tasks", content=other, headers=task_headers("task-1", other)
    )
    assert answer.status_code == 422
    assert simulators.counts()[BRIGADE]["conflict"] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "§"},
        {"webhook-timestamp": "1"},
        {"webhook-id": "x"},
    ],
)
async def test_a_forged_or_old_task_is_refused(
    http: httpx.AsyncClient, simulators: Simulation, changed: dict[str, str]
) -> None:
    body = task_body("task-1")
    headers = [
        (name.encode(), value.encode()) for name, value in (task_headers("task-1", body) | changed).items()
    ]
    answer = await http.post(f"{simulators.url}/{BRIGADE}/tasks", content=body, headers=headers)
    assert answer.status_code == 401
    assert "task" not in simulators.counts()[BRIGADE]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", b"{}", task_body("other-key"), task_body("task-1", unit="employment-gulou")],
)
async def test_a_body_that_is_no_task_of_this_unit_is_refused(
    http: httpx.AsyncClient, simulators: Simulation, body: bytes
) -> None:
    try:
        headers = task_headers("task-1", body)
    except UnicodeDecodeError:
        headers = task_headers("task-1", b"")
    answer = await http.post(f"{simulators.url}/{BRIGADE}/tasks", content=body, headers=headers)
    assert answer.status_code in {401, 422}
    assert simulators.counts()["units"]["task"] == 0


async def test_units_and_tasks_that_do_not_exist_are_not_found(
    http: httpx.AsyncClient, simulators: Simulation
) -> None:
    body = task_body("task-1", unit="inspection-nowhere")
    headers = task_headers("task-1", body)
    assert (
        await http.post(f"{simulators.url}/inspection-nowhere/tasks", content=body, headers=headers)
    ).status_code == 404
    asked = f"{simulators.url}/{BRIGADE}/tasks/task-1"
    assert (await http.get(asked, headers=task_headers("task-1", b""))).status_code == 404
    assert (await http.get(asked)).status_code == 401
    assert "inspection-nowhere" not in simulators.counts()


async def test_a_call_back_is_repeated_under_one_id_until_it_is_taken(
    http: httpx.AsyncClient, simulators: Simulation, yikou: FakeYikou
) -> None:
    yikou.statuses += [503, 401]
    await send(http, simulators, "task-1")
    await yikou.until(lambda y: "task.completed" in y.types())
    first_three = yikou.seen[:3]
    assert len({message_id for _, message_id, _ in first_three}) == 1
    assert [body["type"] for _, _, body in first_three] == ["task.accepted"] * 3
    assert first_three[0][2] == first_three[2][2]


async def test_a_unit_that_objects_says_why_and_stops(
    http: httpx.AsyncClient, simulators: Simulation, yikou: FakeYikou
) -> None:
    simulators.behaviour.set_pace(BRIGADE, Pace(objecting=1.0))
    for number in range(8):
        await send(http, simulators, f"task-{number}")
    await yikou.until(lambda y: len(y.seen) == 8)
    assert set(yikou.types()) == {"task.objected"}
    assert {body.get("proposed_unit") for _, _, body in yikou.seen} == {None, "inspection-gulou"}


async def test_a_step_that_is_not_possible_any_more_ends_the_course(
    http: httpx.AsyncClient, simulators: Simulation, yikou: FakeYikou
) -> None:
    yikou.statuses += [409]
    await send(http, simulators, "task-1")
    await send(http, simulators, "task-2")
    await yikou.until(lambda y: "task.completed" in y.types())
    counts = simulators.counts()[BRIGADE]
    assert counts["abandoned"] == 1
    assert len({body["task"] for _, _, body in yikou.seen if body["type"] == "task.completed"}) == 1
