"""Every problem type keeps its words in a table, and has a page that explains it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kernel.problem import KINDS, read_kinds
from tests.kernel.front import front

KERNEL = Path(__file__).parents[2] / "services" / "kernel"


async def test_every_type_has_a_page_that_explains_it(tmp_path: Path) -> None:
    async with front(tmp_path) as f:
        for slug, kind in KINDS.items():
            answer = await f.client.get(f"/problems/{slug}")
            assert answer.status_code == 200
            assert kind.zh in answer.text
        assert (await f.client.get("/problems/none-such")).status_code == 404


def test_a_table_with_a_wrong_row_says_where(tmp_path: Path) -> None:
    (tmp_path / "problems.toml").write_text('[gone]\nstatus = 410\n"titel" = "x"\n')
    with pytest.raises(ValueError, match=r"problems\.toml: \[gone\]"):
        read_kinds(tmp_path)


def named_in(path: Path) -> Iterator[str]:
    """The codes of the refusals and problems that a file makes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Problem.of", "Problem", "Refusal"):
            code = node.args[0]
            if isinstance(code, ast.Constant):
                yield str(code.value)


def test_every_problem_that_the_kernel_names_is_in_a_table() -> None:
    known = {*KINDS, *read_kinds(*(path.parent for path in KERNEL.glob("*/problems.toml"))), "bad-setting"}
    for path in KERNEL.rglob("*.py"):
        assert set(named_in(path)) <= known, path


def test_a_table_says_everything_in_both_languages() -> None:
    for slug, kind in KINDS.items():
        assert 400 <= kind.status < 600, slug
        assert kind.zh.endswith("。"), slug
        assert kind.en.endswith("."), slug
        assert kind.title, slug
        assert kind.title_en.isascii(), slug
