"""What a partner should not answer: cut off in time, and the reason is told."""

import pytest

from services.simulators.run import serving
from tests.kernel.cells import until
from tests.kernel.tasks.kinds import Kind, secret
from tests.kernel.tasks.town import town
from tests.kernel.tasks.unit import FakeUnit
from tests.places import Place


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("packed", "answer_packed"), ("deep", "answer_too_deep"), ("endless", "answer_too_long"),
        ("garbage", "answer_not_json"), ("cut", "connection_lost"), ("redirect", "redirected"),
    ],
)  # fmt: skip
async def test_a_hostile_answer_is_cut_off_and_the_attempt_says_why(
    place: Place, kind: Kind, mood: str, reason: str
) -> None:
    unit = FakeUnit(secret(kind.unit), mood)
    async with serving(unit) as url, town(place, kind, url) as here:
        unit.clock = here.clock
        await here.say(here.routed())

        async def tried() -> bool:
            rows = await here.deliveries()
            return bool(rows) and rows[0].reason is not None

        await until(tried)
        [row] = await here.deliveries()
        assert (row.reason, row.state) == (reason, "pending" if mood == "redirect" else "unknown")
        assert unit.elsewhere == 0
