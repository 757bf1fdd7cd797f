"""A machine whose clock is wrong: what its processes write, sign and verify goes by the database's."""

import random
from datetime import UTC, datetime, timedelta

from services.kernel.service import KERNEL
from services.kernel.surroundings import Surroundings
from services.kernel.webhooks import sign, verify
from tests.kernel.cells import HEARD, store_at
from tests.places import Server

SECRET = "whsec_" + "A" * 32


async def test_a_machine_that_is_ten_minutes_off_signs_what_others_believe(server: Server) -> None:
    server.url("desk", KERNEL, HEARD)
    for off in (timedelta(minutes=10), timedelta(minutes=-10)):
        wrong = Surroundings(lambda off=off: datetime.now(UTC) + off, random.Random(1))  # type: ignore[misc]
        store = store_at(server, "desk", wrong)
        await store.start()
        now = store.by_its_clock().now()
        assert abs((now - datetime.now(UTC)).total_seconds()) < 60
        headers = sign((SECRET,), "task-1", now, b"{}")
        assert verify((SECRET,), headers, b"{}", datetime.now(UTC)) == "task-1"
        await store.close()
