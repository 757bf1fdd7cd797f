"""A Kafka and a PostgreSQL that are kept go on where they were stopped."""

import asyncio
from pathlib import Path

import asyncpg

from services.kernel.kafka.topic import create_topic
from tests.conftest import MissingPart
from tools.real.kafka import Cluster
from tools.real.kafka_jars import NoKafka
from tools.real.postgres import NoPostgres, Postgres


def test_a_kept_postgresql_has_what_was_written(tmp_path: Path, missing_part: MissingPart) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)  # it does not run as root, who owns them

    async def ask(server: Postgres, sql: str) -> object:
        connection = await asyncpg.connect(server.url())
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    try:
        with Postgres(tmp_path / "kept", durable=True, kept=True) as server:
            asyncio.run(ask(server, "CREATE TABLE kept AS SELECT 7 AS number"))
    except NoPostgres as why:
        missing_part("postgresql", str(why))
    with Postgres(tmp_path / "kept", durable=True, kept=True) as server:
        assert asyncio.run(ask(server, "SELECT number FROM kept")) == 7


def test_a_kept_kafka_has_its_topic(tmp_path: Path, missing_part: MissingPart) -> None:
    made = []
    for _ in range(2):
        try:
            cluster = Cluster(tmp_path, kept=True)
        except NoKafka as why:
            missing_part("kafka", str(why))
        with cluster:
            made.append(asyncio.run(create_topic(f"kafka://{cluster.bootstrap}/kept?partitions=2", 2)))
    assert made == [True, False]
