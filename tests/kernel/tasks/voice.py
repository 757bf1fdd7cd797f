"""How a unit's system speaks in the tests of call-backs."""

import httpx

from services.domain.events import Event, TaskDelivered
from services.kernel.columns import table
from services.kernel.tasks.models import TaskMessage
from tests.kernel.tasks.town import Town

Said = dict[str, object]


async def body(here: Town, type_: str, **fields: object) -> Said:
    return {"type": type_, "task": (await here.task()).key, "at": here.clock().isoformat(), **fields}


async def steps(here: Town) -> list[Event]:
    """What the adapter said of the unit's steps. TaskDelivered comes with the first or with a try."""
    return [event for event in await here.events() if not isinstance(event, TaskDelivered)]


async def unchanged(here: Town, response: httpx.Response, status: int, slug: str) -> None:
    """The answer is this problem, and nothing moved."""
    assert (response.status_code, response.json().get("type")) == (status, f"/problems/{slug}"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    task = await here.task()
    assert (task.state, task.history) == ("open", "[]")
    assert await here.said() == []
    messages = await here.service.store.read(
        lambda s: s.connection().execute(table(TaskMessage).select()).all()
    )
    assert messages == []
