"""How a worklist is found: by its order or by unit and state, never by reading what was ever finished."""

from functools import partial

import pytest

from services.kernel.tasks.models import Task
from services.kernel.tasks.worklist import Scope, Tab, tasks
from services.kernel.tx import Tx
from tests.kernel.tasks.kinds import KINDS, Kind
from tests.kernel.tasks.test_worklist_api import opened
from tests.kernel.tasks.town import Town, town
from tests.places import Folder, Place
from tools.worklist_speed.__main__ import explained

INSPECTION = KINDS[0]
TWO = (INSPECTION.unit, INSPECTION.other)


@pytest.fixture(params=["sqlite", "postgresql"])
def setting(request: pytest.FixtureRequest) -> tuple[Kind, str]:
    return INSPECTION, request.param


async def finished(here: Town, units: tuple[str, ...], each: int) -> list[str]:
    """So many finished tasks of these units in turn; their keys, the newest first."""
    await opened(here)
    row = (await here.task()).model_dump()
    keys = [f"{number:04}" for number in range(each * len(units))]

    def write(tx: Tx) -> None:
        for number, key in enumerate(keys):
            state = {"state": "completed", "finished_at": tx.now, "unit": units[number % len(units)]}
            tx.insert(Task, **row | state | {"key": key, "rank": key})

    await here.service.store.run(write)
    return keys[::-1]


async def test_what_several_units_finished_comes_newest_first_page_by_page(place: Place) -> None:
    async with town(place, INSPECTION) as here:
        keys = await finished(here, (*TWO, "inspection-pukou"), 10)
        mine = [key for key in keys if int(key) % 3 < 2]
        seen, after = list[str](), None
        while True:
            look = partial(tasks, tab=Tab.DONE, scope=TWO, after=after, limit=6)
            page = await here.service.store.read(look)
            seen += [task.key for task in page.tasks]
            if (after := page.next) is None:
                break
        assert seen == mine


@pytest.mark.parametrize("scope", [TWO[:1], TWO, None])
@pytest.mark.parametrize("tab", Tab)
async def test_no_list_reads_a_table_or_all_that_a_unit_ever_had(
    tmp_path_factory: pytest.TempPathFactory, tab: Tab, scope: Scope
) -> None:
    async with town(Folder(tmp_path_factory.mktemp("plans")), INSPECTION) as here:
        plan = await here.service.store.read(partial(explained, tab=tab, scope=scope))
    steps = [step for step in plan if " task" in step]
    assert steps
    assert all("USING INDEX" in step or "USING COVERING INDEX" in step for step in steps), plan
    by_order = {
        "SEARCH task USING INDEX task_by_rank (rank>?)", "SCAN task USING INDEX sqlite_autoindex_task_1",
    }  # fmt: skip
    if scope is None:
        assert by_order & set(steps), plan
    if tab is not Tab.DONE:
        assert not any("task_of_unit" in step for step in steps), plan
