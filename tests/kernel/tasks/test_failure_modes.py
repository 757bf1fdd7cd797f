"""Failures that other systems shipped (F1, F6 … F10, F20 of the domain's list), over HTTP, on both stores.

F2 to F4 stand in tests/kernel and tests/flow, F5 and F11 to F16 in tests/router, F17 to F19 in tests/intake.
"""

import asyncio
from contextlib import AsyncExitStack

import pytest
from starlette.requests import Request
from starlette.responses import Response

from services.domain.events import OutcomeReported, TaskAccepted, TaskProgressed, TaskUndeliverable
from services.simulators.run import serving
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import KINDS, Kind, secret
from tests.kernel.tasks.test_comparison import compare, connected
from tests.kernel.tasks.test_sending import let_time_pass
from tests.kernel.tasks.town import Town, town
from tests.kernel.tasks.unit import FakeUnit, Mood
from tests.kernel.tasks.voice import body, steps
from tests.places import Place

INSPECTION = KINDS[0]
OTHERS = ("inspection-gulou", "inspection-pukou", "inspection-qixia")


@pytest.fixture(params=["sqlite", "postgresql"])
def setting(request: pytest.FixtureRequest) -> tuple[Kind, str]:
    return INSPECTION, request.param


class Hanging(FakeUnit):
    """It takes connections and answers none until `gate` is opened; `held`: how many wait."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.gate, self.held = asyncio.Event(), 0

    async def _in_mood(self, mood: Mood, request: Request, sent: dict[str, object]) -> Response:
        self.held += 1
        await self.gate.wait()
        return await super()._in_mood(mood, request, sent)


async def units(stack: AsyncExitStack, first: FakeUnit, place: Place) -> tuple[Town, dict[str, FakeUnit]]:
    """A town whose own unit is `first`, and three well ones beside it."""
    systems: dict[str, FakeUnit] = {name: FakeUnit(secret(name)) for name in OTHERS}
    urls = {name: await stack.enter_async_context(serving(system)) for name, system in systems.items()}
    own = await stack.enter_async_context(serving(first))
    here = await stack.enter_async_context(town(place, INSPECTION, own, others=urls))
    for system in (first, *systems.values()):
        system.clock = here.clock
    return here, systems


async def test_f01_an_answer_that_is_lost_makes_no_second_case_at_the_unit(place: Place) -> None:
    unit = FakeUnit(secret(INSPECTION.unit), "lost")
    async with serving(unit) as url, town(place, INSPECTION, url, served=True) as here:
        unit.clock = here.clock
        await here.say(here.routed())
        await let_time_pass(here, until_state="delivered")
        await here.state("delivered")
        assert (unit.acts, len(unit.tasks), unit.questions) == (1, 1, 1)
        assert (await here.said()).count("TaskDelivered") == 1


async def test_f06_a_task_that_no_try_delivers_becomes_a_persons_and_is_tried_no_more(place: Place) -> None:
    unit = FakeUnit(secret(INSPECTION.unit), *["503"] * 100)
    async with serving(unit) as url, town(place, INSPECTION, url, served=True) as here:
        unit.clock = here.clock
        await here.say(here.routed())
        await let_time_pass(here, until_state="expired")
        await here.state("by_hand")
        tries = len(unit.bodies)
        assert 1 < tries < 100
        for _ in range(10):
            await here.pass_time(days=1)
        assert len(unit.bodies) == tries
        [told] = [event for event in await here.events() if isinstance(event, TaskUndeliverable)]
        assert (told.unit, told.reason) == (INSPECTION.unit, "given_up")


async def test_f07_an_older_status_does_not_overwrite_a_newer_one(place: Place) -> None:
    async with town(place, INSPECTION, "http://127.0.0.1:9", served=True) as here:
        await here.say(here.routed())
        await here.state("open")
        late = await body(here, "task.accepted", officer="10543")
        done = await body(here, "task.completed", outcome="paid", amount_recovered=1)
        assert (await here.call_back(done, message_id="m-2")).status_code == 200
        answer = await here.call_back(late, message_id="m-1")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/task-step-impossible")
        assert (await here.task()).state == "completed"
        assert [type(event) for event in await steps(here)] == [OutcomeReported]


async def test_f08_what_happened_between_two_looks_is_found_by_the_comparison(place: Place) -> None:
    """Its reports never came: accepted and, in the same gap, in progress."""
    async with connected(place, INSPECTION, 2) as (here, system, [one, other]):
        system.states |= {one: "accepted"}
        await compare(here)
        system.states |= {one: "in_progress", other: "in_progress"}
        await compare(here)
        assert {task.state for task in await here.tasks()} == {"in_progress"}
        assert [type(event) for event in await steps(here)] == [TaskAccepted, TaskProgressed, TaskProgressed]


async def test_f09_a_status_that_comes_twice_counts_once(place: Place) -> None:
    async with town(place, INSPECTION, "http://127.0.0.1:9", served=True) as here:
        await here.say(here.routed())
        await here.state("open")
        said = await body(here, "task.accepted", officer="10543")
        answers = await asyncio.gather(*(here.call_back(said, message_id="same") for _ in range(5)))
        assert sorted(answer.json()["again"] for answer in answers) == [False, True, True, True, True]
        again = await here.call_back(said, message_id="another")
        assert again.status_code == 409
        assert [type(event) for event in await steps(here)] == [TaskAccepted]


async def test_f10_one_of_four_units_fails_and_the_other_three_are_sent_nothing_again(place: Place) -> None:
    ill = FakeUnit(secret(INSPECTION.unit), "503", "500", "cut", "garbage")
    async with AsyncExitStack() as stack:
        here, well = await units(stack, ill, place)
        await here.say(here.routed(), *(here.routed(unit=name) for name in OTHERS))
        await here.state("open", *["delivered"] * 3)
        await let_time_pass(here, until_state="delivered")
        await here.state(*["delivered"] * 4)
        assert [len(system.bodies) for system in well.values()] == [1, 1, 1]
        assert (ill.acts, len(ill.bodies)) == (1, 5)
        assert (await here.said()).count("TaskDelivered") == 4


async def test_f20_a_unit_that_never_answers_does_not_starve_the_other_three(place: Place) -> None:
    dead = Hanging(secret(INSPECTION.unit))
    async with AsyncExitStack() as stack:
        here, well = await units(stack, dead, place)
        await here.say(*(here.routed() for _ in range(30)))
        await until(lambda: dead.held)
        await here.say(*(here.routed(unit=name) for name in OTHERS for _ in range(10)))
        await until(lambda: all(len(system.tasks) == 10 for system in well.values()), seconds=20)
        held = dead.held
        assert not dead.tasks
        assert 0 < held < 30  # it has its own places and no more
        dead.gate.set()
        await until(lambda: len(dead.tasks) == 30, seconds=20)
