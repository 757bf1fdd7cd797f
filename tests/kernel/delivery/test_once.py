"""Every text arrives exactly once, whatever is lost, refused or killed: the gateway can be asked."""

import asyncio
import random
from collections.abc import Iterable, Sequence

import pytest

from services.domain.events import Event, TaskDelivered, TaskUndeliverable
from services.kernel.delivery.worker import Deliveries
from services.kernel.messages import CallFailed, Delivery, Message
from services.kernel.store import Tx
from tests.kernel.cells import until
from tests.kernel.delivery.desk import Desk, SendTask, SendText, delivered, make_it_a_persons_task
from tests.kernel.delivery.partner import Partner, pass_time, running


class Unreliable:
    """A gateway without idempotency that loses answers, fails, and lets callers hang."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.chance, self.well = desk, random.Random(seed), False
        self.taken: list[str] = []

    async def take(self, delivery: Delivery) -> Sequence[Event]:
        await asyncio.sleep(self.chance.uniform(0, 0.005))
        luck = 1.0 if self.well else self.chance.random()
        if luck < 0.2:
            raise CallFailed("http_503", status=503)
        if luck < 0.3:
            raise CallFailed("timeout", lost=True)
        self.taken.append(delivery.key)
        if luck < 0.5:
            raise CallFailed("timeout", lost=True)
        if luck < 0.6:
            await asyncio.Event().wait()  # until the process dies
        return [delivered(delivery, self.desk.clock())]

    async def ask(self, delivery: Delivery) -> str | Sequence[Event]:
        if not self.well and self.chance.random() < 0.2:
            raise CallFailed("timeout", lost=True)
        return [delivered(delivery, self.desk.clock())] if delivery.key in self.taken else "absent"


@pytest.mark.parametrize("seed", range(2))
async def test_each_text_arrives_once_and_is_reported_once(desk: Desk, seed: int) -> None:
    gateway = Unreliable(desk, seed)
    keys = [await desk.open(f"gateway-{n % 5}", SendText) for n in range(40)]
    for life in range(8):
        gateway.well = life == 7
        worker = Deliveries(
            "desk", desk.store, {SendText: gateway.take}, {SendText: gateway.ask},
            {SendText: make_it_a_persons_task},
        )  # fmt: skip
        run = asyncio.create_task(worker.run(asyncio.Event()))
        for _ in range(4 if life < 7 else 12):
            await pass_time(desk, worker, minutes=7)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await desk.begin_again()
    assert sorted(gateway.taken) == sorted(keys)
    assert len(await desk.said(TaskDelivered)) == len(keys)
    assert await desk.said(TaskUndeliverable) == []


async def is_put_off(desk: Desk, key: str) -> bool:
    return (await desk.row(key)).watch_at > desk.clock()


async def test_a_give_up_that_fails_is_asked_again_later_and_hurts_nobody_else(
    desk: Desk, partner: Partner
) -> None:
    ill = {"key-1"}

    def give_up(delivery: Delivery, reason: str, tx: Tx) -> Iterable[Message]:
        if delivery.key in ill:
            raise ValueError("no")
        return make_it_a_persons_task(delivery, reason, tx)

    worker = Deliveries("desk", desk.store, {SendTask: partner.take}, {}, {SendTask: give_up}, drain=0.1)
    keys = [await desk.open(not_before=desk.clock().replace(hour=20), give_up_at=desk.clock()) for _ in "ab"]
    async with running(worker):
        await until(lambda: desk.is_in(keys[1], "expired"))
        await until(lambda: is_put_off(desk, keys[0]))
        assert await desk.is_in(keys[0], "pending")
        ill.clear()
        await pass_time(desk, worker, hours=1)
        await until(lambda: desk.is_in(keys[0], "expired"))
    assert len(await desk.said(TaskUndeliverable)) == 2
