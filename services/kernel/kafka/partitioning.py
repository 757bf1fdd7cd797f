"""Which partition a case lives in: fixed here, because a case must keep its one order for ever.

murmur2 of the case id, as Kafka's own Java clients compute it (org.apache.kafka.common.utils.Utils), so that
their tools find a case too. The count is configured, not read from the broker: a topic that somebody has
enlarged keeps its cases where they are.
"""

from struct import unpack_from
from typing import Final
from uuid import UUID

_M: Final = 0x5BD1E995
_32: Final = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """The unsigned 32-bit hash."""
    length = len(key)
    whole = length // 4
    h = 0x9747B28C ^ length
    for k in unpack_from(f"<{whole}I", key):
        k = k * _M & _32
        h = (h * _M & _32) ^ ((k ^ k >> 24) * _M & _32)
    if rest := key[whole * 4 :]:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _32
    h = (h ^ h >> 13) * _M & _32
    return h ^ h >> 15


def partition_of(case_id: UUID, partitions: int) -> int:
    return (murmur2(str(case_id).encode()) & 0x7FFFFFFF) % partitions
