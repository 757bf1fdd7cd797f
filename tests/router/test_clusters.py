"""A case that is one of many: its task says so, and the city's rules may look at it."""

from pathlib import Path

import pytest

from services.domain.city import City
from services.domain.clusters import Cluster
from services.domain.events import CaseReceived, CaseRouted, ClusterAlarmed, ClusterJoined
from services.domain.rule_entries import Rule
from services.router.rules import Desk
from tests.router.office import BRIGADE, Office, nanjing, office

SIZE = {
    "over": "employer",
    "callers": 5,
    "workers": 9,
    "amount_owed_fen": 420_000,
    "days": 30,
    "level": "group",
}
CLUSTER = Cluster.model_validate(SIZE)


def said(kind: type[ClusterAlarmed] | type[ClusterJoined], case: CaseReceived, desk: Office) -> object:
    return kind.model_validate({"case_id": case.case_id, "at": desk.clock.at, "cluster": "9f2c51d0"} | SIZE)


async def test_a_case_in_a_cluster_is_routed_with_its_size(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        (routed,) = await here.hear(here.received(cluster=CLUSTER, tags=("cluster_group",)))
        assert isinstance(routed, CaseRouted)
        assert routed.cluster == CLUSTER


@pytest.mark.parametrize("kind", [ClusterAlarmed, ClusterJoined])
async def test_what_the_router_hears_of_a_cluster_goes_with_the_next_task(
    tmp_path: Path, kind: type[ClusterAlarmed]
) -> None:
    async with office(tmp_path) as here:
        case = here.received()
        await here.hear(case)
        assert await here.hear(said(kind, case, here)) == []  # type: ignore[arg-type]
        (again,) = await here.hear(here.objected(case, BRIGADE, "inspection-gulou"))
        assert isinstance(again, CaseRouted)
        assert (again.unit, again.cluster) == ("inspection-gulou", CLUSTER)


async def test_a_rule_that_looks_at_the_cluster_moves_a_case_that_nobody_has_accepted(tmp_path: Path) -> None:
    city = nanjing()
    mass = Rule.model_validate({
        "id": "mass", "zh": "群体交市支队", "en": "Clusters go to the city brigade",
        "when": {"tags": {"any": ["cluster_group"]}},
        "to": {"service": "inspection", "by": "fixed", "unit": "inspection-gulou"},
    })  # fmt: skip
    fields = {name: getattr(city, name) for name in City.model_fields}  # a copy would keep what was compiled
    desk = Desk.of(City.model_construct(**fields | {"rules": (mass, *city.rules)}))
    async with office(tmp_path, desk) as here:
        waiting, accepted = here.received(), here.received()
        await here.hear(waiting)
        await here.hear(accepted)
        await here.hear(here.accepted(accepted))
        (moved,) = await here.hear(said(ClusterJoined, waiting, here))  # type: ignore[arg-type]
        assert isinstance(moved, CaseRouted)
        assert (moved.unit, moved.rule, moved.reason) == (
            "inspection-gulou",
            "mass",
            {"tags": "cluster_group"},
        )
        assert await here.hear(said(ClusterJoined, accepted, here)) == []  # type: ignore[arg-type]


async def test_a_cluster_of_a_case_that_is_not_known_here_moves_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        assert await here.hear(said(ClusterAlarmed, here.received(), here)) == []  # type: ignore[arg-type]
