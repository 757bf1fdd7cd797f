"""A real part that this machine lacks is never passed over in silence."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CHECKOUT = Path(__file__).resolve().parents[2]
CONFTEST = CHECKOUT / "tests" / "conftest.py"
SUITE = """
import pytest

@pytest.fixture(scope="session")
def kafka(missing_part):
    missing_part("kafka", "no Java here (looked on the PATH)")

def test_one(kafka): ...
def test_two(kafka): ...
def test_three(): ...
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(SUITE)
    pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\npythonpath = {CHECKOUT}\n")
    return pytester


def test_a_missing_part_skips_its_tests_and_is_named_at_the_end(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUIRE_REAL", raising=False)
    result = suite.runpytest_subprocess()
    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(
        ["*real parts missing here*", "kafka (no Java here (looked on the PATH)): 2 tests not run"]
    )


def test_a_missing_part_fails_the_run_where_real_parts_are_required(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_REAL", "1")
    result = suite.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
