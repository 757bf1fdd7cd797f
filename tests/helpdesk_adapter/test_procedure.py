"""The 122 desk: minutes, a warm transfer with who took over, and what is labour's handed back."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.domain.codes import OUTCOMES, REFERRED_TO
from services.domain.events import TaskProgressed
from services.helpdesk_adapter.service import DESK
from tests.kernel.tasks.kinds import KINDS
from tests.kernel.tasks.test_worklist_api import opened
from tests.kernel.tasks.test_worklist_pages import page, token_in
from tests.kernel.tasks.town import Town, town
from tests.places import Folder

HELP = KINDS[2]
WHO = "张警官（警号012345）"
TRANSFER = {"step": "taken_over", "referred_to": "rescue_station", "taken_over_by": WHO, "minutes_ago": 3}
BACK = {"step": "handed_back", "hand_back": "wage_arrears", "note": "另有两个月工资没发，工地在江宁。"}


async def progressed(here: Town) -> list[TaskProgressed]:
    return [one for one in await here.events() if isinstance(one, TaskProgressed)]


async def test_a_warm_transfer_says_who_took_over_where_and_when_and_no_name_is_readable(
    tmp_path: Path,
) -> None:
    async with town(Folder(tmp_path), HELP) as here:
        key, who = await opened(here, urgency="urgent"), await here.officer(units=[HELP.unit], name="6001")
        task = f"/api/helpdesk/tasks/{key}"
        said = await here.http.post(f"{task}/progress", headers=who, json=TRANSFER)
        assert (said.status_code, said.json()["state"]) == (200, "in_progress")
        [event] = await progressed(here)
        assert (event.step, event.referred_to, event.hand_back) == ("taken_over", "rescue_station", None)
        assert event.taken_over_at == event.at - timedelta(minutes=3)
        assert "张警官" not in event.model_dump_json()
        shown = (await here.http.get(task, headers=who)).json()
        assert (shown["stage"], shown["history"][-1]["note"]) == ("taken_over", WHO)
        assert "由救助管理站接手" in shown["history"][-1]["text"]
        again = await here.http.post(
            f"{task}/progress", headers=who, json=TRANSFER | {"referred_to": "medical"}
        )
        assert again.status_code == 200  # and on to the hospital


@pytest.mark.parametrize(
    ("left_out", "field"),
    [("referred_to", "referred_to"), ("taken_over_by", "taken_over_by")],
)
async def test_a_transfer_without_a_name_or_an_authority_is_none(
    tmp_path: Path, left_out: str, field: str
) -> None:
    async with town(Folder(tmp_path), HELP) as here:
        key, who = await opened(here), await here.officer(units=[HELP.unit], name="6001")
        said = {name: value for name, value in TRANSFER.items() if name != left_out}
        refused = await here.http.post(f"/api/helpdesk/tasks/{key}/progress", headers=who, json=said)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/stage-incomplete")
        assert refused.json()["errors"][0]["field"] == field
        assert await progressed(here) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"hand_back": None}, "hand_back"),
        ({"note": None}, "note"),
        ({"hand_back": "social_help"}, "hand_back"),
        ({"minutes_ago": -1}, "minutes_ago"),
        ({"minutes_ago": 1441}, "minutes_ago"),
        ({"taken_over_by": "王" * 61}, "taken_over_by"),
    ],
)
async def test_what_is_handed_back_has_a_kind_and_words(
    tmp_path: Path, changed: dict[str, object], field: str
) -> None:
    async with town(Folder(tmp_path), HELP) as here:
        key, who = await opened(here), await here.officer(units=[HELP.unit], name="6001")
        path = f"/api/helpdesk/tasks/{key}/progress"
        refused = await here.http.post(path, headers=who, json=BACK | changed)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["field"] == field, refused.text
        assert (await here.task()).state == "delivered"


async def test_labour_is_handed_back_once_and_the_desk_goes_on(tmp_path: Path) -> None:
    async with town(Folder(tmp_path), HELP) as here:
        key, who = await opened(here), await here.officer(units=[HELP.unit], name="6001")
        task = f"/api/helpdesk/tasks/{key}"
        assert (await here.http.post(f"{task}/progress", headers=who, json=BACK)).status_code == 200
        twice = await here.http.post(f"{task}/progress", headers=who, json=BACK)
        assert (twice.status_code, twice.json()["type"]) == (422, "/problems/stage-out-of-order")
        assert [event.hand_back for event in await progressed(here)] == ["wage_arrears"]
        assert (await here.http.post(f"{task}/progress", headers=who, json=TRANSFER)).status_code == 200
        done = {"outcome": "helped", "summary": "已送救助站，今晚有住处。"}
        ended = await here.http.post(f"{task}/complete", headers=who, json=done)
        assert ended.json()["state"] == "completed"


async def test_the_form_asks_who_took_over_and_what_goes_back(tmp_path: Path) -> None:
    async with town(Folder(tmp_path), HELP) as here:
        key = await opened(here)
        csrf = await here.sign_in("6001", "officer", [HELP.unit])
        shown = await page(here, f"/tasks/{key}")
        for name in ("taken_over_by", "referred_to", "minutes_ago", "hand_back"):
            assert f'name="progress_{name}"' in shown
        assert "progress_officers" not in shown
        assert "救助管理站" in shown
        form = {
            "csrf_token": csrf, "token": token_in(shown), "progress_step": "taken_over", "progress_note": "",
            "progress_taken_over_by": WHO, "progress_minutes_ago": "", "progress_hand_back": "",
            "progress_referred_to": "",
        }  # fmt: skip
        path = f"/helpdesk/tasks/{key}/progress"
        refused = await here.http.post(path, data=form)
        assert refused.status_code == 422
        assert WHO in refused.text  # nothing typed is lost
        taken = await here.http.post(path, data=form | {"progress_referred_to": "police"})
        assert taken.status_code == 303
        assert WHO in await page(here, f"/tasks/{key}")


def test_every_authority_and_code_of_the_desk_has_its_name() -> None:
    assert set(DESK.referred_to) <= set(REFERRED_TO)
    assert set(DESK.outcomes) <= set(OUTCOMES)
    assert all(rule.article for rule in DESK.procedure.stages.values())
