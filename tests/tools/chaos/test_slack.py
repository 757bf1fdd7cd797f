"""Limits of time are longer where a campaign says so; no other limit is."""

from pathlib import Path

import pytest

from tests.tools.chaos.campaigned import good
from tools.chaos.checks import CHECKS
from tools.chaos.history import Row


@pytest.mark.parametrize("name", ["I13", "R1", "R2", "R3"])
def test_a_machine_that_has_other_things_to_do_is_given_more_time(name: str, tmp_path: Path) -> None:
    evidence = good(tmp_path)
    evidence.phases = [*evidence.phases, {"at": 9.0, "what": "drained", "after": 61.0, "left": 0}]
    for target, what, after in (("yikou", "ready", 11), ("database", "flows", 6), ("broker", "flows", 16)):
        row: Row = {"at": 50.0, "what": what, "target": target, "after": after, "there": 1}
        evidence.faults = [*evidence.faults, row]
    assert CHECKS[name][1](evidence).broken
    evidence.phases = [{"at": 0.0, "what": "faults", "stack": "embedded", "slack": 1.2}, *evidence.phases]
    assert not CHECKS[name][1](evidence).broken
