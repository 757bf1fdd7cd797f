"""From what size on cases are a cluster: the city's thresholds, and what a wrong file says."""

from pathlib import Path

import pytest

from services.domain.city import City, CityError
from services.domain.clusters import Size, cluster_of, tags_of
from tests.domain.city_folder import NANJING, change

CLUSTERS = City.load(NANJING).clusters


@pytest.mark.parametrize(
    ("size", "levels"),
    [
        (Size(4, 29, 49_999_999), []),
        (Size(5, 5, 0), ["group"]),
        (Size(10, 10, 0), ["group", "mass"]),
        (Size(1, 30, 0), ["mass"]),
        (Size(1, 1, 50_000_000), ["mass"]),
    ],
)
def test_any_of_a_thresholds_figures_crosses_it(size: Size, levels: list[str]) -> None:
    crossed = CLUSTERS.crossed({30: size})
    assert [one.id for one in crossed] == levels
    assert tags_of(crossed) == tuple(f"cluster_{level}" for level in levels)
    assert cluster_of("site", {30: size}, crossed).level == (levels[-1] if levels else None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days = 30\ncallers = 5", "days = 30", "give callers, workers or amount_owed_fen"),
        ('id = "mass"', 'id = "group"', "id is used 2 times"),
        ("least = 0.55", "least = 6", "less than or equal to 1"),
        ("callers = 5", "caller = 5", "Extra inputs"),
    ],
)
def test_a_wrong_file_is_refused_with_the_entry_and_the_reason(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    for path in NANJING.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    change(tmp_path, "clusters.toml", old, new)
    with pytest.raises(CityError) as caught:
        City.load(tmp_path)
    assert said in str(caught.value)
    assert all(problem.file == "clusters.toml" for problem in caught.value.problems)
