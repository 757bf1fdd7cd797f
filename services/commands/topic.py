"""`yikou topic create`: the topic that YIKOU_LOG_URL names, with the partitions that it asks for."""

import asyncio
from typing import Annotated

import typer

from services.commands.installation import NotPossible
from services.kernel.settings import Settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def topic() -> None:
    """The event log on Apache Kafka; an embedded log needs no topic."""


@app.command()
def create(
    replication: Annotated[
        int | None,
        typer.Option(min=1, help="Copies of each partition; 3 where there are 3 brokers."),
    ] = None,
) -> None:
    """Make the topic, or do nothing when it is there as it should be.

    It keeps its records for YIKOU_RETENTION_DAYS; of a topic that is there this is changed with Kafka's own
    kafka-configs.
    """
    settings = Settings.read()
    if not settings.log_url.startswith("kafka://"):
        raise NotPossible("YIKOU_LOG_URL 不是 kafka:// 地址。/ YIKOU_LOG_URL is no kafka:// address.")
    # Here, so that no other command loads aiokafka.
    from services.kernel.kafka.settings import parse
    from services.kernel.kafka.topic import create_topic

    partitions = parse(settings.log_url).partitions
    made = asyncio.run(create_topic(settings.log_url, partitions, replication, settings.retention_days))
    typer.echo("主题已建好。/ The topic was made." if made else "主题已有。/ The topic was there.")
