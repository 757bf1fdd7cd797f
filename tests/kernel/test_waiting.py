"""A process that starts while its database is away waits for it; a loop that cannot go on now is no bug."""

from pathlib import Path

import pytest

from services.kernel.cell import Cell
from services.kernel.database.errors import Passing, StoreUnusable
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.service import Service
from services.kernel.waiting import until_there
from tests.kernel.cells import store_at, surroundings, until
from tests.places import Folder


class Away:
    """A database that cannot be reached the first times."""

    def __init__(self, times: int, error: type[Exception] = Passing) -> None:
        self.times, self.asked, self.error = times, 0, error

    async def begin(self) -> None:
        self.asked += 1
        if self.asked <= self.times:
            raise self.error("away")


async def test_a_database_that_comes_back_is_waited_for() -> None:
    away = Away(3)
    await until_there(away.begin, "router", pause=0.001)
    assert away.asked == 4


async def test_one_that_stays_away_is_given_up_and_one_that_a_person_must_mend_at_once() -> None:
    with pytest.raises(Passing):
        await until_there(Away(10**9).begin, "router", patience=0.01, pause=0.001)
    broken = Away(5, StoreUnusable)
    with pytest.raises(StoreUnusable):
        await until_there(broken.begin, "router", pause=0.001)
    assert broken.asked == 1


async def test_a_loop_whose_database_is_away_goes_on_later_and_is_not_counted_as_a_bug(
    tmp_path: Path,
) -> None:
    away, wrong, folder = Away(1), Away(1, ZeroDivisionError), Folder(tmp_path)
    log = SqliteEventLog(folder.folder / "log.db")
    await log.start()
    store = store_at(folder, "desk", surroundings())
    loops = ((0.01, away.begin), (0.01, wrong.begin))
    cell = Cell(Service("desk", store, loops=loops), log)
    await cell.start()
    await until(lambda: away.asked > 1 and wrong.asked > 1)
    assert cell.restarts == 1
    await cell.stop()
    await log.close()
