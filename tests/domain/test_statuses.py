"""statuses.toml: every code of a unit means one step that says all it must."""

from pathlib import Path

import pytest

from services.domain.city import City, CityError
from tests.domain.city_folder import NANJING, change

ENTRY = '\n[[status]]\nunit = "{unit}"\nstatus = "{status}"\nzh = "x"\nstep = "{step}"\n{more}\n'


def test_nanjings_table_is_read() -> None:
    steps = {(one.unit, one.status): one.step for one in City.load(NANJING).statuses}
    assert steps["inspection-jiangning", "30"] == "complete"


@pytest.mark.parametrize(
    ("unit", "status", "step", "more", "why"),
    [
        ("inspection-atlantis", "1", "accept", "", "there is no such unit"),
        ("inspection-jiangning", "10", "accept", "", "stands there more than once"),
        ("inspection-jiangning", "1", "complete", "", "needs outcome"),
        ("inspection-jiangning", "1", "complete", 'outcome = "rich"', "outcome must be one of"),
        ("inspection-jiangning", "1", "object", 'reason = "tired"', "reason must be one of"),
        ("inspection-jiangning", "1", "accept", 'outcome = "paid"', "needs nothing"),
        ("inspection-jiangning", "1", "dance", "", ""),
    ],
)
def test_a_mistake_is_named_with_its_file(
    tmp_path: Path, unit: str, status: str, step: str, more: str, why: str
) -> None:
    for path in NANJING.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    added = ENTRY.format(unit=unit, status=status, step=step, more=more)
    change(tmp_path, "statuses.toml", "# 单位自己", f"{added}# 单位自己")
    with pytest.raises(CityError) as wrong:
        City.load(tmp_path)
    assert {problem.file for problem in wrong.value.problems} == {"statuses.toml"}
    assert why in str(wrong.value)
