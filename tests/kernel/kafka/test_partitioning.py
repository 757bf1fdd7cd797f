"""The partition of a case never changes: not with a release, and not between our clients and Kafka's own."""

from uuid import UUID

import pytest

from services.kernel.kafka.partitioning import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "signed"),  # from Kafka's own test, org.apache.kafka.common.utils.UtilsTest
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_that_of_kafkas_own_clients(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF


def test_a_case_stays_where_it_is() -> None:
    places = [partition_of(UUID(int=n), 12) for n in range(12)]
    assert places == [9, 2, 5, 7, 0, 3, 11, 8, 4, 3, 9, 0]


def test_cases_are_spread_evenly() -> None:
    counts = [0] * 12
    for n in range(12_000):
        counts[partition_of(UUID(int=n), 12)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150
