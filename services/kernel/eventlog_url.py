"""The URL picks the event log."""

from pathlib import Path

from services.kernel.eventlog import EventLog, LogUnusable


async def open_log(url: str, instance: str | None = None) -> EventLog:
    """The log at `sqlite:///path` or `kafka://host:9092/topic?…`, started.

    `instance` names this process within its groups, the same after a restart and shared with no other; then
    a member that comes back within its session takes its cases again without a rebalance. Kafka only.
    LogUnusable: one sentence in Chinese and English, without a secret.
    """
    if url.startswith("sqlite:///"):
        from services.kernel.eventlog_sqlite import SqliteEventLog

        embedded = SqliteEventLog(Path(url.removeprefix("sqlite:///")))
        await embedded.start()
        return embedded
    if url.startswith("kafka://"):
        # Here, so that an installation on one machine never loads aiokafka.
        from services.kernel.eventlog_kafka import KafkaEventLog
        from services.kernel.kafka.settings import parse

        log = KafkaEventLog(parse(url, instance))
        await log.start()
        return log
    raise LogUnusable(
        "事件日志地址应以 sqlite:/// 或 kafka:// 开头。/ The log's URL must begin with sqlite:/// or kafka://."
    )
