"""The bench measures with real processes and leaves none behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from services.commands.bench import command
from services.commands.bench_installation import Node
from services.commands.bench_line import lines
from services.commands.bench_load import cases, flood
from services.commands.feed_lines import Case
from services.commands.installation import NotPossible
from services.domain.phones import phone
from services.intake.schemas import CaseIn

NOOP = ("services.commands.bench_noop",)


def test_a_short_bench_prints_every_figure() -> None:
    app = Typer()
    app.command()(command)
    result = CliRunner().invoke(app, ["--cases", "20", "--seconds", "1"], env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    for row in ("ready", "intake alone", "only validates", "ratio", "at the partner", "post answered", " MB"):
        assert row in result.output
    assert "20 of 20 told" in result.output
    assert "20 of 20 delivered" in result.output


def test_cases_are_good_and_come_from_different_mobiles_of_every_district() -> None:
    source = cases(["320115", "320106"])
    made = [CaseIn.model_validate(next(source).body) for _ in range(10)]
    assert {one.employer.work_district for one in made} == {"320115", "320106"}
    assert len({phone(one.caller.phone or "", "025").e164 for one in made}) == 10


async def test_a_process_ends_with_its_block_even_on_an_error(tmp_path: Path) -> None:
    node = Node(tmp_path, arguments=NOOP, name="noop")

    async def fail() -> None:
        with node.running():
            await node.ready()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert node.process is not None
    assert node.process.returncode is not None


async def test_a_process_that_does_not_start_says_why(tmp_path: Path) -> None:
    node = Node(tmp_path, arguments=("services.commands.nothing",), name="noop")
    with node.running(), pytest.raises(NotPossible, match="No module named"):
        await node.ready()


async def test_a_refused_case_ends_the_bench(tmp_path: Path) -> None:
    def wrong() -> Iterator[Case]:
        yield Case(0, "bench-0", {"text": 1}, "320115")

    with Node(tmp_path, arguments=NOOP, name="noop").running() as node:
        await node.ready()
        async with lines(node.url, "", 1) as opened:
            with pytest.raises(NotPossible, match="422"):
                await flood(opened, wrong(), 1.0)
