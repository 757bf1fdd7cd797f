"""Every event becomes a line, and the line says the same as the event would."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from services.domain.events import EVENTS
from services.domain.timeline import sentence
from services.intake.models import TimelineRow
from services.intake.timeline import KEPT, PERSON, WORDS, sentence_of
from tests.intake.happenings import Course
from tests.intake.hotline import CITY, Hotline

GOLDEN = Path(__file__).parents[1] / "domain/golden"


@pytest.mark.parametrize("name", EVENTS)
async def test_a_line_keeps_what_its_sentence_needs_and_no_more(desk: Hotline, name: str) -> None:
    event = EVENTS[name].model_validate_json((GOLDEN / f"{name}.json").read_text())
    await desk.hear(event, source="elsewhere")
    [line] = desk.rows("SELECT * FROM intake_timeline WHERE type = ?", name)
    row = TimelineRow(**dict(line) | {"case_id": UUID(line["case_id"]), "at": event.at})
    for language in ("zh", "en"):
        assert sentence_of(row, CITY, language) == sentence(event, CITY, language)
    kept = json.loads(line["details"])
    assert set(kept) <= KEPT[type(event)]
    assert not {"record", "contact", "task", "employer_name", "facts"} & set(kept)
    sealed = [key for key, value in kept.items() if str(value).startswith(("task.", "contact."))]
    assert set(sealed) <= {WORDS.get(name), PERSON}
    assert line["source"] == "elsewhere"


async def test_the_timeline_is_told_in_the_readers_language(desk: Hotline) -> None:
    made = await desk.create()
    await Course(desk, made).until_resolved()
    chinese = (await desk.show(made["case_id"]))["timeline"]
    english = (await desk.show(made["case_id"], accept_language="en"))["timeline"]
    assert chinese[-1]["text"].endswith("报告结果：已全额支付，追回 8,400.50元")
    assert english[-1]["text"].endswith("reports: paid in full, CNY 8,400.50 recovered")
    assert chinese[-1]["words"] == english[-1]["words"] == "工资已全部付清"
    assert [line["at"] for line in chinese] == sorted(line["at"] for line in chinese)


async def test_an_event_of_a_newer_service_is_told_by_its_name(desk: Hotline) -> None:
    made = await desk.create()
    row = TimelineRow(
        case_id=UUID(made["case_id"]), at=desk.clock(), type="CaseWeighed", source="x", details="{}"
    )
    assert sentence_of(row, CITY, "zh") == "CaseWeighed"
