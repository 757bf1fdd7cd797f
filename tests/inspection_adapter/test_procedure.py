"""A brigade's procedure: one stage after the other, two inspectors, reasons with their article."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.domain.events import OutcomeReported, TaskProgressed
from services.inspection_adapter.service import DESK
from services.kernel.tasks.procedure import Procedure, load
from tests.kernel.tasks.kinds import KINDS
from tests.kernel.tasks.test_worklist_api import opened
from tests.kernel.tasks.town import Town, town
from tests.places import Place

BRIGADE = KINDS[0]


@dataclass
class Desk:
    here: Town
    task: str
    who: dict[str, str]

    async def say(self, action: str, **said: object) -> httpx.Response:
        return await self.here.http.post(f"{self.task}/{action}", headers=self.who, json=said)

    async def stages(self, *steps: str, **said: object) -> None:
        for step in steps:
            answer = await self.say("progress", step=step, **said)
            assert answer.status_code == 200, answer.text


@asynccontextmanager
async def desk(place: Place) -> AsyncIterator[Desk]:
    async with town(place, BRIGADE) as here:
        key = await opened(here)
        who = await here.officer(units=[BRIGADE.unit], name="10543")
        at = Desk(here, f"/api/inspection/tasks/{key}", who)
        await at.say("accept")
        yield at


async def test_from_acceptance_to_an_order_by_two_inspectors(place: Place) -> None:
    async with desk(place) as at:
        await at.stages("more_information_needed", note="请补考勤记录")
        await at.stages("information_completed", "opened")
        await at.stages("investigating", officers=["10543", "10544"], article="劳动保障监察条例第十六条")
        bare = await at.say("complete", outcome="order_issued", summary="责令改正")
        assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "article")
        done = await at.say(
            "complete", outcome="order_issued", summary="责令改正", article="劳动保障监察条例第十八条"
        )
        assert done.json()["state"] == "completed"
        shown = (await at.here.http.get(at.task, headers=at.who)).json()
        assert (shown["stage"], shown["officers"]) == ("investigating", ["10543", "10544"])
        said = await at.here.events()
        investigating = [one for one in said if isinstance(one, TaskProgressed)][-1]
        assert investigating.officers == ("10543", "10544")
        assert isinstance(said[-1], OutcomeReported)
        assert said[-1].article == "劳动保障监察条例第十八条"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("progress", {"step": "investigating", "officers": ["10543", "10544"]}),
        ("progress", {"step": "information_completed"}),
        ("complete", {"outcome": "unfounded", "summary": "查无此事"}),
    ],
)
async def test_a_stage_that_may_not_follow_changes_nothing(
    place: Place, step: str, said: dict[str, object]
) -> None:
    async with desk(place) as at:
        refused = await at.say(step, **said)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/stage-out-of-order")
        shown = (await at.here.http.get(at.task, headers=at.who)).json()
        assert (shown["state"], shown["stage"], len(shown["history"])) == ("accepted", None, 1)


@pytest.mark.parametrize("officers", [[], ["10543"], ["10543", "10543"]])
async def test_one_inspector_is_too_few(place: Place, officers: list[str]) -> None:
    async with desk(place) as at:
        await at.stages("opened")
        refused = await at.say("progress", step="investigating", officers=officers)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "officers")


async def test_who_stands_aside_does_not_come_back(place: Place) -> None:
    async with desk(place) as at:
        await at.stages("opened")
        await at.stages("investigating", officers=["10543", "10544"])
        nobody = await at.say("progress", step="recused", note="与单位负责人有亲属关系")
        assert nobody.status_code == 422
        await at.stages("recused", note="与单位负责人有亲属关系", officers=["10544"])
        refused = await at.say("progress", step="investigating", officers=["10543", "10544"])
        assert "10544" in refused.text
        await at.stages("investigating", officers=["10543", "10545"])
        shown = (await at.here.http.get(at.task, headers=at.who)).json()
        assert (shown["officers"], shown["recused"]) == (["10543", "10545"], ["10544"])


async def test_a_refusal_in_writing_names_its_article_and_is_told(place: Place) -> None:
    async with desk(place) as at:
        bare = await at.say("complete", outcome="not_accepted", summary="已进入仲裁，不予受理。")
        assert bare.status_code == 422
        article = "劳动保障监察条例第二十一条"
        await at.say("complete", outcome="not_accepted", summary="已进入仲裁，不予受理。", article=article)
        told = (await at.here.events())[-1]
        assert isinstance(told, OutcomeReported)
        assert (told.outcome, told.resolved, told.article) == ("not_accepted", False, article)


async def test_a_transfer_says_where_to(place: Place) -> None:
    async with desk(place) as at:
        bare = await at.say("complete", outcome="referred", summary="涉嫌犯罪，依法移送。")
        assert bare.json()["errors"][0]["field"] == "referred_to"
        sent = await at.say(
            "complete", outcome="referred", summary="涉嫌犯罪，依法移送。", referred_to="police"
        )
        assert sent.json()["state"] == "completed"
        shown = (await at.here.http.get(at.task, headers=at.who)).json()
        assert "移送公安机关" in shown["history"][-1]["text"]


async def test_the_units_own_system_answers_for_its_procedure_itself(place: Place) -> None:
    async with town(place, BRIGADE) as here:
        key = await opened(here)
        call: dict[str, object] = {
            "type": "task.completed", "task": key, "at": here.clock().isoformat(), "outcome": "unfounded"
        }  # fmt: skip
        assert (await here.call_back(call)).status_code == 200
        assert (await here.task()).state == "completed"


def test_every_stage_can_be_reached_and_has_its_article() -> None:
    procedure, reached, new = DESK.procedure, set[str](), {""}
    while new:
        reached |= new
        new = {code for stage in reached for code in procedure.possible(stage)} - reached
    assert reached - {""} == set(procedure.stages)
    assert all(rule.article for rule in procedure.stages.values())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[stage]]\ncode = "a"\nafter = ["z"]', "unknown stage"),
        ('[[outcome]]\ncode = "a"\nneeds = ["luck"]', "unknown field"),
        ('[[stage]]\ncode = "a"\ncolour = "red"', "colour"),
    ],
)
def test_a_procedure_with_a_mistake_is_refused_with_its_row(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "procedure.toml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=why):
        load(tmp_path)


def test_a_service_without_the_file_has_no_stages(tmp_path: Path) -> None:
    assert load(tmp_path) == Procedure()
