"""What happens when cases against one employer or site become a cluster, said by intake."""

from services.domain.clusters import Over
from services.domain.event import Code, Event


class ClusterAlarmed(Event):
    """A cluster crossed a threshold with this case (劳动保障监察条例 art 14). Once for each level.

    `cluster` tells clusters apart and nothing else; the other fields as in clusters.Cluster.
    """

    cluster: str
    level: Code
    over: Over
    callers: int
    workers: int
    amount_owed_fen: int | None = None
    days: int


class ClusterJoined(Event):
    """An open case belongs to a cluster that has crossed a threshold: whoever acts on it should know.

    Every caller is still told of his own case.
    """

    cluster: str
    level: Code
    over: Over
    callers: int
    workers: int
    amount_owed_fen: int | None = None
    days: int
