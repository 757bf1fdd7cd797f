"""What waits where: every destination with open deliveries, in one statement, past what is settled.

The names are found by jumping through the index from one destination to the next, so that the cost follows
the number of destinations with work, not the number of rows.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Boolean, Float, Integer, String, bindparam, literal_column, select, text
from sqlalchemy.types import TypeEngine

from services.kernel.columns import UtcDateTime
from services.kernel.delivery import circuit
from services.kernel.delivery.circuit import Destination
from services.kernel.delivery.models import DeliveryRow, DestinationRow
from services.kernel.sql import Look, Sql

_COLUMNS: Final[dict[str, TypeEngine[Any]]] = {
    "id": String(), "tokens_at": UtcDateTime(), "max_inflight": Integer(), "failures": Integer(),
    "recent": String(), "open_until": UtcDateTime(), "open_seconds": Float(), "disabled": String(),
    "tokens": Float(), "inflight": Integer(), "lease": UtcDateTime(), "urgent": UtcDateTime(),
    "normal": UtcDateTime(), "urgent_later": UtcDateTime(), "normal_later": UtcDateTime(),
    "question": UtcDateTime(), "watch_at": UtcDateTime(),
}  # fmt: skip
_FOUND: Final = text("""(
WITH RECURSIVE busy(id) AS (
  SELECT min(destination) FROM delivery WHERE settled_at IS NULL
  UNION ALL
  SELECT (SELECT min(destination) FROM delivery WHERE settled_at IS NULL AND destination > busy.id)
    FROM busy WHERE busy.id IS NOT NULL)
SELECT busy.id AS id, t.tokens_at, t.max_inflight, t.failures, t.recent, t.open_until, t.open_seconds,
  t.disabled, t.tokens,
  (SELECT count(*) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state IN ('sending', 'unknown') AND v.lease_until > :now) AS inflight,
  (SELECT min(v.lease_until) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state = 'sending') AS lease,
  (SELECT min(v.due_at) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state = 'pending' AND v.urgent = :yes) AS urgent,
  (SELECT min(v.due_at) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state = 'pending' AND v.urgent = :no) AS normal,
  (SELECT min(v.due_at) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state = 'pending' AND v.urgent = :yes AND v.due_at > :now) AS urgent_later,
  (SELECT min(v.due_at) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state = 'pending' AND v.urgent = :no AND v.due_at > :now) AS normal_later,
  (SELECT min(v.due_at) FROM delivery v WHERE v.settled_at IS NULL AND v.destination = busy.id
      AND v.state = 'unknown') AS question,
  (SELECT min(watch_at) FROM delivery WHERE settled_at IS NULL AND watch_at IS NOT NULL) AS watch_at
FROM busy LEFT JOIN destination t ON t.id = busy.id WHERE busy.id IS NOT NULL
) AS found""").bindparams(
    bindparam("now", type_=UtcDateTime),
    bindparam("yes", True, type_=Boolean), bindparam("no", False, type_=Boolean),
)  # fmt: skip
_STATEMENT: Final = Sql(
    select(*(literal_column(name, kind) for name, kind in _COLUMNS.items())).select_from(_FOUND)
).of(DeliveryRow, DestinationRow)


@dataclass(frozen=True, slots=True)
class Outlook:
    """One destination's open deliveries.

    `due`: the earliest pending one's time, past or future; `later`: the earliest in the future; `question`:
    when the next unknown one is to be asked about; `lease`: the first lease to end. `is_new`: has no row yet.
    """

    destination: Destination
    is_new: bool
    inflight: int
    lease: datetime | None
    due: datetime | None
    later: datetime | None
    question: datetime | None

    @property
    def id(self) -> str:
        return self.destination.id

    def has_work(self, now: datetime) -> bool:
        return _past(self.due, now) or _past(self.question, now)

    def waiting_since(self) -> datetime:
        """The oldest of what waits; it must have something that waits."""
        return min(at for at in (self.due, self.question) if at is not None)

    def may_send_at(self, now: datetime) -> datetime | None:
        """From when on the circuit lets something through; None: only an operator can say."""
        if self.destination.disabled is not None:
            return None
        return max(now, self.destination.open_until or now)

    def later_at(self, now: datetime) -> datetime | None:
        """The next time that time alone brings: a lease ends, a try or a question falls due."""
        opens = self.may_send_at(now)
        times = [max(at, opens) for at in (self.later, self.question) if opens and at and at > now]
        return earliest(self.lease, *times)

    def wakes_at(self, now: datetime, most: int) -> datetime | None:
        """When this destination can next be served, if nothing under way comes back before."""
        opens = self.may_send_at(now)
        if opens is None or not self.has_work(now):
            return self.later_at(now)
        served = opens > now or circuit.room(self.destination, self.inflight, most, now) > 0
        return earliest(self.later_at(now), opens if served else None)


def look(at: Look, now: datetime) -> tuple[list[Outlook], datetime | None]:
    """Every destination that has something open, and when the first of all these has to be looked at."""
    found: list[Outlook] = []
    watch_at: datetime | None = None
    for row in at.all(_STATEMENT, now=now):
        *kept, inflight, lease, urgent, normal, urgent_later, normal_later, question, watch_at = row
        name, tokens_at, *_ = kept
        is_new = tokens_at is None
        found.append(
            Outlook(
                Destination(id=name, tokens_at=now) if is_new else Destination(*kept),
                is_new,
                inflight,
                lease,
                _sooner(urgent, normal),
                _sooner(urgent_later, normal_later),
                question,
            )
        )
    return found, watch_at


def next_due(at: Look, now: datetime, most: int = 4) -> datetime | None:
    """When something is to be done next; None: nothing waits for a time. `most`: in flight at each."""
    outlooks, watch_at = look(at, now)
    return earliest(watch_at, *(outlook.wakes_at(now, most) for outlook in outlooks))


def earliest(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
