"""Alarms: a figure that is too high for too long, on the page, over the API and as a metric."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.domain.events import AnswerGiven
from services.kernel.alarms import RULES, Alarms, Rule, read_rules
from services.kernel.cell import Cell
from services.kernel.eventlog import Entry
from services.kernel.eventlog_sqlite import SqliteEventLog
from services.kernel.figures import FIGURES
from services.kernel.gauges import observe
from services.kernel.metrics import exposition
from services.kernel.parked import bury
from services.kernel.service import Service
from tests.kernel.cells import store_at, surroundings
from tests.kernel.delivery.desk import Desk, desk_at, try_and_fail
from tests.kernel.delivery.test_unknown import LOST
from tests.kernel.ears import Ears, said
from tests.kernel.front import BROWSER, front
from tests.places import Folder, Place

NOW = datetime(2026, 9, 30, 9, 0, tzinfo=UTC)
LATE = Rule("late", "outbox_seconds", 60, 30, "晚了。", "It is late.")


def names(alarms: Alarms, seconds: float) -> list[str]:
    return [alarm.rule.name for alarm in alarms.ringing(NOW + timedelta(seconds=seconds))]


def test_a_figure_rings_when_it_was_too_high_for_long_enough_and_stops_when_it_falls() -> None:
    alarms = Alarms((LATE,))
    alarms.see({"outbox_seconds": 61}, NOW)
    assert names(alarms, 29) == []
    assert names(alarms, 30) == ["late"]
    alarms.see({"outbox_seconds": 80}, NOW + timedelta(seconds=40))
    assert alarms.ringing(NOW + timedelta(seconds=40))[0].since == NOW
    alarms.see({"outbox_seconds": 60}, NOW + timedelta(seconds=41))
    assert names(alarms, 3600) == []
    alarms.see({"outbox_seconds": 61}, NOW + timedelta(seconds=50))
    assert names(alarms, 60) == []


def test_every_rule_names_a_figure_and_says_in_both_languages_what_to_do() -> None:
    assert {rule.metric for rule in RULES} <= set(FIGURES)
    assert {"parked_dead", "dead_letters", "deliveries_stuck", "outbox_seconds", "log_records"} <= {
        rule.metric for rule in RULES
    }
    assert all(rule.zh.endswith("。") and rule.en.endswith(".") for rule in RULES)


@pytest.mark.parametrize(
    "row",
    [
        'metric = "nothing"\nabove = 1\nseconds = 0\nzh = "a"\nen = "b"',
        'metric = "restarts"\nabove = -1\nseconds = 0\nzh = "a"\nen = "b"',
        'metric = "restarts"\nabove = 1\nzh = "a"\nen = "b"',
        'metric = "restarts"\nabove = 1\nseconds = 0\nzh = "a"\nen = "b"\nmail = "c"',
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_by_its_name(row: str, tmp_path: Path) -> None:
    (tmp_path / "alarms.toml").write_text(f"[odd]\n{row}\n", "utf-8")
    with pytest.raises(ValueError, match="odd"):
        read_rules(tmp_path / "alarms.toml")


async def test_a_message_that_is_dead_rings_on_the_page_over_the_api_and_as_a_metric(place: Place) -> None:
    ears, log = Ears(place), SqliteEventLog(place.folder / "log.db")
    await ears.store.start()
    await log.start()
    async with front(place.folder) as desk:
        cell = Cell(ears.consumer.service, log)
        desk.app.state.cells, desk.app.state.known = [cell], ("router",)
        operator = await desk.bearer("operator")
        await ears.apply(said("a", 1))
        assert (await desk.client.get("/api/operations", headers=operator)).json()[0]["alarms"] == []
        await ears.store.run(lambda tx: bury(tx, Entry(0, 7, None, b"\xff")))
        [alarm] = (await desk.client.get("/api/operations", headers=operator)).json()[0]["alarms"]
        assert (alarm["name"], alarm["value"]) == ("dead-letters", 1)
        english = operator | BROWSER | {"accept-language": "en"}
        assert "find out who wrote them" in (await desk.client.get("/operations", headers=english)).text
        assert "请查清是谁写入的" in (await desk.client.get("/operations", headers=operator | BROWSER)).text
        assert 'yikou_alarm{alarm="dead-letters",service="router"} 1.0' in exposition().decode()
        assert 'yikou_dead_letters{service="router"} 1.0' in exposition().decode()
    await log.close()
    await ears.store.close()


async def figures_of(desk: Desk) -> dict[str, float]:
    cell = Cell(Service("desk", desk.store), SqliteEventLog(desk.place.folder / "log.db"))
    await observe(cell)
    return dict(cell.alarms.values)


async def test_a_delivery_without_a_result_for_half_an_hour_is_stuck_and_one_that_failed_has_failed(
    place: Place,
) -> None:
    async with desk_at(place) as desk:
        await desk.open()
        before = await figures_of(desk)
        assert (before["deliveries_open"], before["deliveries_stuck"]) == (1, 0)
        desk.clock.forward(minutes=31)
        assert (await figures_of(desk))["deliveries_stuck"] == 0  # nobody has tried it yet
        await try_and_fail(desk, LOST)
        assert (await figures_of(desk))["deliveries_stuck"] == 1
        await desk.change("key-1", state="dead", settled_at=desk.clock())
        after = await figures_of(desk)
        assert (after["deliveries_stuck"], after["deliveries_failed"]) == (0, 1)
        desk.clock.forward(days=2)
        assert (await figures_of(desk))["deliveries_failed"] == 0


async def test_the_age_of_what_has_not_left_is_a_figure(tmp_path: Path) -> None:
    store = store_at(Folder(tmp_path), "desk", surroundings())
    await store.start()
    old = store.now() - timedelta(minutes=2)
    case = store.around.new_id()
    event = AnswerGiven(case_id=case, at=old, text="contact.k1.QUJD")
    await store.run(lambda tx: tx.put(event))
    cell = Cell(Service("desk", store), SqliteEventLog(tmp_path / "log.db"))
    await observe(cell)
    assert cell.alarms.values["outbox_seconds"] > 100
    assert cell.alarms.values["outbox_rows"] == 1
    await store.close()
