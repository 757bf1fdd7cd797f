"""Stores for the whole journeys on PostgreSQL and Kafka."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.flow.stores import Stores
from tools.real.kafka import Cluster


@pytest.fixture
def stores(databases: Databases, kafka: Cluster) -> Iterator[Stores]:
    stores = Stores(databases, kafka)
    yield stores
    stores.close()
