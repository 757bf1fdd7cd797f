"""The event log on Apache Kafka, part by part; services/kernel/eventlog_kafka.py puts them together.

settings (the URL), topic (made by us, never by the broker), partitioning and envelope (pure), appender (one
producer), follower (one consumer, with batches, pulse and offsets), backlog (lag), clients (how each is
configured), contact (why none can be had) and endings (hard stops).
"""
