"""A town for the whole journeys on PostgreSQL and Kafka."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.flow.town import Town
from tools.real.kafka import Cluster


@pytest.fixture
def town(databases: Databases, kafka: Cluster) -> Iterator[Town]:
    town = Town(databases, kafka)
    yield town
    town.close()
