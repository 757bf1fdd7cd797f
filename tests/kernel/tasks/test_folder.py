"""A folder shared with a unit's system: whole files, acknowledged, applied once, refused with a reason."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from services.domain.events import CaseClosed, OutcomeReported, TaskDelivered, TaskUndeliverable
from services.kernel.tasks.collecting import Collector
from services.kernel.tasks.contract import TaskBody
from services.kernel.tasks.folder import LARGEST, Folder
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import PHONE, Kind
from tests.kernel.tasks.town import Town, town
from tests.places import Place

AT = datetime(2026, 9, 30, 7, tzinfo=UTC).isoformat()


class TheirSystem:
    """What a unit's program does with its side of the folder."""

    def __init__(self, here: Town, path: Path) -> None:
        self.here, self.path = here, path
        folder = {here.kind.unit: Folder(path)}
        statuses = {(one.unit, one.status): one for one in here.parts.city.statuses}
        self.collect: Callable[[], Awaitable[None]] = Collector(
            here.service.store, here.parts.keyring, folder, statuses
        ).collect

    async def task(self) -> TaskBody:
        """The task that lies there, once it does."""

        async def there() -> bool:
            return any((self.path / "tasks").glob("*.json"))

        await until(there)
        [file] = (self.path / "tasks").glob("*.json")
        body = TaskBody.model_validate_json(file.read_bytes())
        assert file.name == f"{body.task}.json"
        return body

    def write(self, name: str, content: dict[str, object] | bytes) -> Path:
        folder = self.path / "reports"
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.part"
        part.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return part.rename(folder / name)

    def refused(self, name: str) -> dict[str, object]:
        reason: dict[str, object] = json.loads(
            (self.path / "refused" / f"{name.removesuffix('.json')}.reason.json").read_text()
        )
        return reason


def report(task: str, kind: str, **fields: object) -> dict[str, object]:
    return {"type": f"task.{kind}", "task": task, "at": AT, **fields}


async def test_a_task_lies_there_until_it_is_acknowledged_and_then_goes_its_way(
    place: Place, kind: Kind, tmp_path: Path
) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed())
        sent = await theirs.task()
        assert PHONE in json.dumps(sent.record)
        assert (await here.task()).state == "open"
        theirs.write("1.json", report(sent.task, "received", reference="F-17"))
        await theirs.collect()
        task = await here.task()
        assert (task.state, task.reference, task.via) == ("delivered", "F-17", "file")
        assert list((tmp_path / "unit" / "tasks").iterdir()) == []
        theirs.write("2.json", report(sent.task, "accepted", officer="3207"))
        theirs.write("3.json", report(sent.task, "completed", outcome="helped", summary="已办妥。"))
        await theirs.collect()
        assert (await here.task()).state == "completed"
        assert list((tmp_path / "unit" / "reports").iterdir()) == []
        assert not (tmp_path / "unit" / "refused").exists()
        [delivered] = [one for one in await here.events() if isinstance(one, TaskDelivered)]
        assert (delivered.via, delivered.reference) == ("file", "F-17")


async def test_a_report_that_comes_again_is_applied_once(place: Place, kind: Kind, tmp_path: Path) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed())
        said = report((await theirs.task()).task, "completed", outcome="helped", summary="已办妥。")
        for name in ("a.json", "a.json", "b.json"):
            theirs.write(name, said)
            await asyncio.gather(theirs.collect(), theirs.collect())
        events = await here.events()
        assert [type(one) for one in events].count(OutcomeReported) == 1
        assert [type(one) for one in events].count(TaskDelivered) == 1
        assert not (tmp_path / "unit" / "refused").exists()


async def test_what_cannot_be_applied_is_put_aside_with_its_reason(
    place: Place, kind: Kind, tmp_path: Path
) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed())
        key = (await theirs.task()).task
        bad: dict[str, dict[str, object] | bytes] = {
            "no-json.json": b"{",
            "deep.json": b'{"a":' * 5000,
            "long.json": b" " * (LARGEST + 1),
            "words.json": report(key, "accepted", nonsense=1),
            "word.json": report(key, "received", reference=7),
            "foreign.json": report("of-another-unit", "accepted"),
        }
        for name, content in bad.items():
            theirs.write(name, content)
        await theirs.collect()
        assert (await here.task()).state == "open"
        statuses = {name: theirs.refused(name)["status"] for name in bad}
        assert statuses == {
            "no-json.json": 400, "deep.json": 400, "long.json": 413, "words.json": 422, "word.json": 422,
            "foreign.json": 404,
        }  # fmt: skip
        assert all(theirs.refused(name)["detail"] and theirs.refused(name)["detail_en"] for name in bad)
        assert {path.name for path in (tmp_path / "unit" / "refused").iterdir()} >= bad.keys()


async def test_half_written_files_and_links_are_not_read(place: Place, kind: Kind, tmp_path: Path) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed())
        key = (await theirs.task()).task
        secret = tmp_path / "secret.json"
        secret.write_text(json.dumps(report(key, "accepted")))
        reports = theirs.write("half.part", b"{").parent
        (reports / ".hidden.json").write_bytes(b"{")
        (reports / "link.json").symlink_to(secret)
        os.mkfifo(reports / "pipe.json")
        async with asyncio.timeout(40):
            await theirs.collect()
        assert (await here.task()).state == "open"
        assert secret.exists()
        assert {path.name for path in reports.iterdir()} == {"half.part", ".hidden.json"}
        assert theirs.refused("link.json")["status"] == 413


async def test_a_task_that_nobody_acknowledges_is_a_persons(place: Place, kind: Kind, tmp_path: Path) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed(urgency="urgent"))
        key = (await theirs.task()).task
        await here.pass_time(minutes=29)
        await theirs.collect()
        assert (await here.task()).state == "open"
        await here.pass_time(minutes=2)
        await theirs.collect()
        await theirs.collect()
        [told] = [one for one in await here.events() if isinstance(one, TaskUndeliverable)]
        assert (told.task, told.reason) == (key, "no_acknowledgement")
        assert (await here.task()).state == "by_hand"
        theirs.write("late.json", report(key, "received"))
        await theirs.collect()
        assert (await here.task()).state == "delivered"


async def test_a_task_that_is_no_longer_wanted_is_taken_back(
    place: Place, kind: Kind, tmp_path: Path
) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        event = here.routed()
        await here.say(event)
        await theirs.task()
        await here.say(
            CaseClosed(case_id=event.case_id, at=here.clock(), reason="withdrawn"), source="intake"
        )
        await here.state("withdrawn")
        await theirs.collect()
        assert list((tmp_path / "unit" / "tasks").iterdir()) == []
