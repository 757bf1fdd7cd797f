"""What a unit that shares a folder hears later, and what happens while the folder is away."""

import json
from pathlib import Path

from tests.kernel.cells import until
from tests.kernel.tasks.kinds import Kind
from tests.kernel.tasks.test_folder import TheirSystem, report
from tests.kernel.tasks.test_news import SAID, attached
from tests.kernel.tasks.town import town
from tests.places import Place


async def test_more_about_a_task_lies_there_until_the_task_has_ended(
    place: Place, kind: Kind, tmp_path: Path
) -> None:
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs, case = TheirSystem(here, tmp_path / "unit"), here.routed()
        await here.say(case)
        key = (await theirs.task()).task
        theirs.write("1.json", report(key, "accepted"))
        await theirs.collect()
        await here.say(attached(here, case), source="intake")
        news = tmp_path / "unit" / "news"

        async def there() -> bool:
            return any(news.glob("*.json"))

        await until(there)
        await theirs.collect()
        [file] = news.glob("*.json")
        said = json.loads(file.read_bytes())
        assert (said["task"], said["type"], said["text"]) == (key, "call.attached", SAID)
        assert file.name == f"{key}.{said['news']}.json"
        theirs.write("2.json", report(key, "completed", outcome="helped", summary="已办妥。"))
        await theirs.collect()
        assert list(news.iterdir()) == []


async def test_a_folder_that_is_away_is_tried_again(place: Place, kind: Kind, tmp_path: Path) -> None:
    (tmp_path / "unit").write_text("not a folder")
    async with town(place, kind, folder=tmp_path / "unit") as here:
        theirs = TheirSystem(here, tmp_path / "unit")
        await here.say(here.routed())

        async def tried() -> bool:
            return any(row.reason == "folder_unreachable" for row in await here.deliveries())

        await until(tried)
        await theirs.collect()
        (tmp_path / "unit").unlink()
        await here.pass_time(minutes=1)
        assert (await theirs.task()).task == (await here.task()).key
