"""How large clusters are: counted from their cases whenever somebody asks, so that nothing can drift."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, cast, func, select

from services.domain.clusters import ClustersFile, Size, Sizes
from services.intake.membership import Membership
from services.intake.models import ClusterCaseRow
from services.kernel.among import among
from services.kernel.columns import Big, table
from services.kernel.sql import Look, Sql

_OF: Final = table(ClusterCaseRow)
_CALLERS: Final = (
    select(
        _OF.c.key, _OF.c.caller, func.max(_OF.c.workers).label("workers"),
        func.max(_OF.c.amount_owed_fen).label("amount"),
    )
    .where(among(_OF.c.key, "keys"), _OF.c.at > bindparam("since"))
    .group_by(_OF.c.key, _OF.c.caller)
    .subquery()
)  # fmt: skip
_SIZES: Final = Sql(
    select(
        _CALLERS.c.key, func.count().label("callers"), func.max(_CALLERS.c.workers).label("workers"),
        cast(func.coalesce(func.sum(_CALLERS.c.amount), 0), Big).label("amount"),
    ).group_by(_CALLERS.c.key)
)  # fmt: skip


def size_alone(of: Membership, at: datetime, clusters: ClustersFile, now: datetime) -> Sizes:
    """As `sizes_of` would count this one case, written down at `at`."""
    size = Size(1, max(of.workers or 0, 1), of.amount_owed_fen or 0)
    return {days: size for days in clusters.windows if at > now - timedelta(days=days)}


def sizes_of(look: Look, keys: Collection[str], clusters: ClustersFile, now: datetime) -> dict[str, Sizes]:
    """By key, the size in each of the city's windows; one statement for each window."""
    found: dict[str, Sizes] = {key: {} for key in keys}
    if not keys:
        return found
    for days in clusters.windows:
        for row in look.all(_SIZES, keys=sorted(keys), since=now - timedelta(days=days)):
            found[row.key][days] = Size(row.callers, max(row.workers or 0, row.callers), row.amount)
    return found
