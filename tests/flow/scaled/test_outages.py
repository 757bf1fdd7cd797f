"""Kafka, PostgreSQL or one broker of three away under load: nothing lost, nothing doubled, all in order."""

import asyncio
import time

from tests.flow.scaled.load import load
from tests.flow.scaled.town import ScaledTown


async def test_kafka_stopped_and_started_intake_goes_on_and_everything_drains(
    scaled_town: ScaledTown,
) -> None:
    kafka = scaled_town.kafka
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        for node in kafka.nodes:
            kafka.kill(node.number)
        before = len(run.accepted)
        await asyncio.sleep(6)
        meanwhile = len(run.accepted) - before
        for node in kafka.nodes:
            kafka.start(node.number)
        await asyncio.gather(*(asyncio.to_thread(kafka.wait, node.number) for node in kafka.nodes))
        back = time.monotonic()
        await run.enough()
        drained, longest = await run.drained(back), await run.longest()
        await run.check("Kafka stopped", accepted_meanwhile=meanwhile, drained=drained, longest=longest)
    assert set(run.answers) == {"201"}
    assert meanwhile > 0


async def test_postgres_killed_loses_no_acknowledged_case_and_flows_again(scaled_town: ScaledTown) -> None:
    postgres = scaled_town.postgres
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        postgres.kill()
        await asyncio.sleep(2)
        postgres.start()
        await asyncio.to_thread(postgres.wait)
        back = time.monotonic()
        flowing = await run.flowing(back)
        await asyncio.sleep(2)
        await run.enough()
        await run.check("PostgreSQL killed", flowing=flowing, drained=await run.drained(back))


async def test_one_broker_of_three_killed_loses_nothing(scaled_town: ScaledTown) -> None:
    kafka = scaled_town.kafka
    async with load(scaled_town) as run:
        await asyncio.sleep(3)
        kafka.kill(2)
        await asyncio.sleep(8)
        await run.enough()
        longest = await run.longest()
        kafka.start(2)
        await asyncio.to_thread(kafka.wait, 2)
        await run.check("one broker of three killed", longest=longest)
    assert set(run.answers) == {"201"}
