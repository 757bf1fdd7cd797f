"""The bench of the scaled-out system measures with real servers and prints every figure."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import MissingPart

ROOT = Path(__file__).parents[2]
ROWS = (
    "ready", "only validates", "intake alone, durable", "ratio", "whole loop", "CPU a case",
    "four hops of Kafka",
    "at the partner, 50/s", "at the partner, 200/s", "post answered, 200/s",
    "memory, intake", "memory, notifier",
)  # fmt: skip


def test_a_short_bench_prints_every_figure(missing_part: MissingPart) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tools.bench", "--cases", "20", "--seconds", "1"],
        cwd=ROOT, env=os.environ | {"COLUMNS": "160"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode == 3:
        missing_part("kafka", ran.stderr)
    assert ran.returncode == 0, ran.stderr
    assert [row for row in ROWS if row not in ran.stdout] == []
    for all_of_them in ("20 of 20 told", "50 of 50 delivered", "200 of 200 delivered"):
        assert all_of_them in ran.stdout
