"""The suite is as good as the worse of its runs; what was late beside a neighbour is tried once more."""

from pathlib import Path

import pytest

from tools.suite import FEW, verdict, whole

FIRST = """
from pathlib import Path
SEEN = Path(__file__).with_suffix(".seen")
def test_unsteady():
    if not SEEN.exists():
        SEEN.touch()
        raise TimeoutError
"""


def run(folder: Path, *texts: str) -> int:
    """Parts of one file each; their verdict."""
    (folder / "suite").mkdir(parents=True)
    parts = []
    for number, text in enumerate(texts):
        path = folder / f"test_part{number}.py"
        path.write_text(text)
        parts.append((str(path), "-p", "no:asyncio", "-c", "/dev/null", "--rootdir", str(folder)))
    return whole(parts, folder / "suite")


@pytest.mark.parametrize(
    ("codes", "fails"), [([0, 0], False), ([0, 1], True), ([0, -9], True), ([-9, 0], True)]
)
def test_a_suite_fails_with_any_of_its_runs_also_one_that_was_killed(codes: list[int], fails: bool) -> None:
    assert (verdict(codes) > 0) is fails


def test_what_runs_out_of_time_beside_a_neighbour_and_passes_alone_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, FIRST, "def test_other(): pass") == 0
    said = capsys.readouterr().out
    assert "Failed beside the other run, and passed alone:\n" in said
    assert "test_part0.py::test_unsteady\n1 passed, 1 passed the second time, alone in" in said


def test_what_fails_twice_has_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, FIRST + "def test_wrong(): assert False", "def test_other(): pass") == 1
    assert "2 failed, 1 passed in" in capsys.readouterr().out


def test_what_saw_something_wrong_is_not_tried_again(tmp_path: Path) -> None:
    assert run(tmp_path, FIRST.replace("raise TimeoutError", "raise AssertionError")) == 1
    assert run(tmp_path / "both", FIRST, FIRST.replace("raise TimeoutError", "assert 1 == 2")) == 1


def test_many_failures_are_no_neighbours_fault(tmp_path: Path) -> None:
    many = [
        FIRST.replace("SEEN", f"S{n}").replace("seen", f"s{n}").replace("unsteady", f"n{n}") for n in range(9)
    ]
    assert len(many) > FEW
    assert run(tmp_path, "\n".join(many)) == 1


def test_a_part_that_cannot_be_read_has_failed(tmp_path: Path) -> None:
    assert run(tmp_path, "def test_other(): pass", "import nothing_of_this_name") != 0
