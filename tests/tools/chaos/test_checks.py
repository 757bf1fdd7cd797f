"""Each predicate holds for a campaign in which all went well, and fails for the one thing it is there for."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.tools.chaos.campaigned import CASE, KEY, TASK, TEXT, UNIT, good
from tools.chaos.checks import CHECKS, check
from tools.chaos.evidence import Evidence
from tools.chaos.history import Row
from tools.chaos.story import story
from tools.chaos.table import show

Break = Callable[[Evidence], None]


def rows(evidence: Evidence, service: str, table: str) -> list[Row]:
    return evidence.dumped.setdefault((service, table), [])


def changed(evidence: Evidence, service: str, table: str, place: int, **values: str | int | None) -> None:
    found = rows(evidence, service, table)
    found[place] = {**found[place], **values}


def heard(evidence: Evidence, *notes: Row) -> None:
    evidence.partners = [*evidence.partners, *notes]


def without(evidence: Evidence, what: str) -> None:
    evidence.partners = [row for row in evidence.partners if row["what"] != what]


def swapped(evidence: Evidence) -> None:
    log = rows(evidence, "log", "record")
    log[0], log[1] = {**log[0], "offset": 1}, {**log[1], "offset": 0}


def in_a_file(evidence: Evidence) -> None:
    (evidence.folder / "logs").mkdir()
    (evidence.folder / "logs" / "yikou.log").write_text("…欧阳混沌…", "utf-8")


def seen(evidence: Evidence, *samples: Row) -> None:
    evidence.samples = [*evidence.samples, *samples]


def suffered(evidence: Evidence, *faults: Row) -> None:
    evidence.faults = [*evidence.faults, *faults]


def asked(evidence: Evidence) -> None:
    evidence.reads = [{"at": 1.0, "what": "stranger", "case": CASE, "status": 200}]


def late(evidence: Evidence) -> None:
    evidence.phases = [*evidence.phases, {"at": 9.0, "what": "drained", "after": 61.0, "left": 0}]


def slow(evidence: Evidence) -> None:
    spans = {row["what"]: row for row in evidence.phases}
    spans["one_dead"], spans["one_dead_over"] = (
        {**spans["one_dead"], "at": 20.0}, {**spans["one_dead_over"], "at": 30.0}
    )  # fmt: skip
    evidence.phases = list(spans.values())
    second = "00000000-0000-7000-8000-000000000002"
    evidence.client = [*evidence.client, {"at": 21.0, "what": "ok", "key": "k2", "case": second}]
    rows(evidence, "intake", "intake_case").append({"case_id": second, "number": "N2", "status": "closed"})
    heard(evidence, {"at": 25.0, "who": UNIT, "what": "task", "key": "t2", "case": "N2"})


BROKEN: list[tuple[str, str, Break]] = [
    ("I1", "a case is lost", lambda e: rows(e, "intake", "intake_case").clear()),
    ("I1", "a case is invented", lambda e: rows(e, "intake", "intake_case").append(
        {"case_id": "x", "number": "y"})),
    ("I2", "two cases for a key", lambda e: rows(e, "intake", "intake_idempotency").append(
        {"client": "c", "key": KEY, "case_id": "other"})),
    ("I3", "a hole", lambda e: changed(e, "intake", "outbox", 1, case_seq=3)),
    ("I4", "not in the log", lambda e: rows(e, "log", "record").__delitem__(0)),
    ("I4", "not marked", lambda e: changed(e, "router", "outbox", 0, published_at=None)),
    ("I4", "nobody wrote it", lambda e: rows(e, "log", "record").append(
        {"id": "?", "source": "intake", "case_id": CASE, "seq": 1, "type": "x"})),
    ("I5", "not heard to the end", lambda e: changed(e, "router", "position", 0, heard="intake:1")),
    ("I5", "told twice", lambda e: rows(e, "intake", "intake_timeline").append(
        {"id": 99, "case_id": CASE, "type": "CaseRouted", "source": "router"})),
    ("I5", "a task too many", lambda e: rows(e, "inspection_adapter", "task").append(
        {"key": "again", "case_id": CASE, "unit": UNIT})),
    ("I6", "out of order", swapped),
    ("I7", "not at the unit", lambda e: without(e, "task")),
    ("I7", "twice at the unit", lambda e: heard(e, {"at": 2.0, "who": UNIT, "what": "task", "key": TASK})),
    ("I7", "given up", lambda e: changed(e, "inspection_adapter", "delivery", 0, state="dead")),
    ("I8", "text not sent", lambda e: without(e, "message")),
    ("I8", "text sent twice", lambda e: heard(
        e, {"at": 2.0, "who": "sms", "what": "repeat", "reference": TEXT})),
    ("I8", "to another number", lambda e: heard(
        e, {"at": 2.0, "who": "sms", "what": "message", "reference": TEXT, "to": "other"})),
    ("I9", "still parked", lambda e: rows(e, "router", "parked").append(
        {"case_id": CASE, "source": "intake", "why": "failed", "type": "CaseReceived"})),
    ("I10", "others are slow", slow),
    ("I11", "a fence twice", lambda e: heard(
        e, {"at": 2.0, "who": UNIT, "what": "request", "key": TASK, "fence": "1"})),
    ("I11", "settled by an old one", lambda e: rows(e, "inspection_adapter", "attempt").append(
        {"delivery_id": f"d-{TASK}", "fence": 2, "outcome": "lost"})),
    ("I12", "taken twice", lambda e: heard(
        e, {"at": 2.0, "who": UNIT, "what": "callback", "key": TASK, "type": "task.accepted"})),
    ("I12", "not at its end", lambda e: changed(e, "intake", "intake_case", 0, status="accepted")),
    ("I13", "too late", late),
    ("I14", "shown to a stranger", asked),
    ("I15", "a name in a log", in_a_file),
    ("I18", "an offset fell", lambda e: seen(
        e, {"at": 3.0, "what": "offset", "place": "router 0", "offset": 6})),
    ("I19", "memory grew", lambda e: seen(e, {
        "at": 4.0, "what": "process", "target": "yikou", "phase": "one_dead", "memory": 111, "files": 20})),
    ("R1", "a start too slow", lambda e: suffered(
        e, {"at": 50.0, "what": "ready", "target": "yikou", "after": 10.1, "there": 1})),
    ("R1", "never back", lambda e: suffered(
        e, {"at": 50.0, "what": "ready", "target": "yikou", "after": 9.0, "there": 0})),
    ("R2", "too slow", lambda e: suffered(
        e, {"at": 50.0, "what": "flows", "target": "database", "after": 5.1})),
    ("R3", "too slow", lambda e: suffered(
        e, {"at": 50.0, "what": "flows", "target": "broker", "after": 15.1})),
]  # fmt: skip


def test_every_predicate_holds_where_all_went_well(tmp_path: Path) -> None:
    findings = check(good(tmp_path))
    assert {name: found.broken for name, found in findings.items() if found.broken} == {}
    assert {name for name, found in findings.items() if found.skipped} == {"I16", "I17", "I20"}
    assert list(findings) == [f"I{number}" for number in range(1, 21)] + ["R1", "R2", "R3"]


@pytest.mark.parametrize(("name", "what", "breaking"), BROKEN, ids=[f"{n} {what}" for n, what, _ in BROKEN])
def test_a_predicate_fails_for_what_it_is_there_for(
    name: str, what: str, breaking: Break, tmp_path: Path
) -> None:
    evidence = good(tmp_path)
    breaking(evidence)
    assert CHECKS[name][1](evidence).broken, what


@pytest.mark.parametrize(("offset", "holds"), [(0, True), (2, False)])
def test_a_lost_log_begins_again_once_it_is_there(offset: int, holds: bool, tmp_path: Path) -> None:
    """What is seen between the loss and its end may be of either log; then places rise again."""
    evidence, place = good(tmp_path), {"what": "offset", "place": "router 0"}
    suffered(
        evidence, {"at": 20.0, "what": "broker_lost"}, {"at": 22.0, "what": "undone", "kind": "broker_lost"}
    )
    seen(evidence, {**place, "at": 21.0, "offset": 90}, {**place, "at": 23.0, "offset": offset})
    seen(evidence, {**place, "at": 24.0, "offset": 1})
    assert (CHECKS["I18"][1](evidence).broken == []) is holds


@pytest.mark.parametrize(
    ("kind", "target", "counts"),
    [("kill", "intake-1", False), ("network", "postgres", False), ("kill", "router-1", True)],
)
def test_a_recovery_that_another_fault_disturbed_is_shown_and_not_judged(
    kind: str, target: str, counts: bool, tmp_path: Path
) -> None:
    evidence = good(tmp_path)
    suffered(
        evidence, {"at": 47.0, "what": "undone", "kind": kind, "target": target, "took": 0.5},
        {"at": 50.0, "what": "flows", "target": "database", "after": 6.0},
    )  # fmt: skip
    found = CHECKS["R2"][1](evidence)
    assert bool(found.broken) == counts
    assert "most 6.0 s" in found.figures


def test_unreadable_bytes_in_the_log_are_missed_in_no_outbox(tmp_path: Path) -> None:
    evidence = good(tmp_path)
    rows(evidence, "log", "record").append(  # scaled, seed 1
        {"partition": 3, "offset": 0, "id": "", "type": "", "source": "", "case_id": "", "seq": 0}
    )
    assert not any(found.broken for found in check(evidence).values())


def test_the_table_tells_the_story_of_what_does_not_hold(tmp_path: Path) -> None:
    evidence, printed = good(tmp_path), StringIO()
    assert show(Console(file=printed, width=160), evidence, check(evidence), kills=1)
    assert not show(Console(file=printed, width=160), evidence, check(evidence), kills=2)
    changed(evidence, "inspection_adapter", "delivery", 0, state="dead")
    assert not show(Console(file=printed, width=160), evidence, check(evidence), kills=1)
    said = printed.getvalue()
    assert "only 1 kills; 2 were wanted" in said
    assert f"I7 does not hold: inspection_adapter: dead at {UNIT}" in said
    assert "ok key=chaos-1" in said


def test_a_story_goes_from_the_client_to_the_last_row(tmp_path: Path) -> None:
    lines = story(good(tmp_path), CASE)
    assert "fault" in lines[0]
    assert "client" in lines[1]
    assert any("sms" in line and "message" in line for line in lines)
    assert any("fault" in line and "kill" in line for line in lines)
    assert any(line.startswith("at the end  inspection_adapter.attempt") for line in lines)
