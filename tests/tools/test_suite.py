"""The suite is as good as the worse of its runs."""

import pytest

from tools.suite import verdict


@pytest.mark.parametrize(
    ("codes", "fails"), [([0, 0], False), ([0, 1], True), ([0, -9], True), ([-9, 0], True)]
)
def test_a_suite_fails_with_any_of_its_runs_also_one_that_was_killed(codes: list[int], fails: bool) -> None:
    assert (verdict(codes) > 0) is fails
