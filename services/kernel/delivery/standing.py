"""Where the deliveries of a transaction stand: the columns of the ledger that an answer changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.kernel.delivery.models import DeliveryRow
from services.kernel.kept import Kept


@dataclass(slots=True)
class Standing:
    """As `models.DeliveryRow` explains them."""

    id: UUID
    state: str
    fence: int
    attempts: int
    refusals: int
    due_at: datetime
    lease_until: datetime
    give_up_at: datetime
    watch_at: datetime
    raised_at: datetime | None
    unknown_since: datetime | None
    settled_at: datetime | None
    status: int | None
    reason: str | None


LEDGER: Final = Kept(DeliveryRow, Standing, key="id")
