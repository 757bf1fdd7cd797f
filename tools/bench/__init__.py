"""`python -m tools.bench`: the scaled-out system in one run, Kafka and PostgreSQL on the same machine."""
