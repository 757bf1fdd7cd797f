"""The destination rows of a transaction: read once, written once at the end if they changed.

A success is only noted. What all successes of a group change is worked out together, when the group ends or
somebody looks: one that is well and stays well costs its share of one SELECT.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from sqlalchemy import bindparam, select, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import circuit
from services.kernel.delivery.circuit import Destination
from services.kernel.delivery.models import DestinationRow
from services.kernel.delivery.outlook import Outlook
from services.kernel.sql import Sql
from services.kernel.tx import Tx

_TABLE: Final = table(DestinationRow)
_FIELDS: Final = [name for name in Destination.__dataclass_fields__ if name != "id"]
_SOME: Final = Sql(
    select(*(_TABLE.c[name] for name in Destination.__dataclass_fields__))
    .where(among(_TABLE.c.id, "names"))
    .order_by(_TABLE.c.id)
    .with_for_update(),
    Destination,
)
_UPDATE: Final = Sql(update(_TABLE).where(_TABLE.c.id == bindparam("row")))  # sets the columns given


@dataclass(slots=True)
class _Known:
    stored: dict[str, Destination] = field(default_factory=dict)  # as the table has them
    current: dict[str, Destination] = field(default_factory=dict)
    successes: list[tuple[str, bool]] = field(default_factory=list)  # destination, whether it was a retry


def _known(tx: Tx) -> _Known:
    return tx.note(_Known, _begin)


def _begin(tx: Tx) -> _Known:
    tx.at_end(write)
    return _Known()


def destination_of(tx: Tx, name: str) -> Destination:
    """The destination as this transaction sees it; one that was never used has a fresh state."""
    known = _known(tx)
    _count_successes(tx, known)
    if name not in known.current:
        _read(tx, known, {name})
    return known.current[name]


def succeeded(tx: Tx, name: str, *, retry: bool) -> None:
    """Count a success for this destination; a retry's token is given back."""
    _known(tx).successes.append((name, retry))


def keep(tx: Tx, destination: Destination) -> None:
    """Have this state written when the transaction commits."""
    if destination is not destination_of(tx, destination.id):
        _known(tx).current[destination.id] = destination


def learn(tx: Tx, outlooks: Sequence[Outlook]) -> list[Outlook]:
    """Keep the destinations that were looked at, after `write`; where others may change them, locked."""
    known = _known(tx)
    if tx.instance:
        locked = {one.id: one for one in tx.all(_SOME, names=[outlook.id for outlook in outlooks])}
        outlooks = [
            replace(one, destination=locked.get(one.id, one.destination), is_new=one.id not in locked)
            for one in outlooks
        ]
    known.stored.update({one.id: one.destination for one in outlooks if not one.is_new})
    known.current.update({one.id: one.destination for one in outlooks})
    return list(outlooks)


def _count_successes(tx: Tx, known: _Known) -> None:
    if not known.successes:
        return
    successes, known.successes = known.successes, []
    _read(tx, known, {name for name, _ in successes if name not in known.current})
    for name, retry in successes:
        seen = circuit.after_success(known.current[name])
        known.current[name] = circuit.give_back(seen) if retry else seen


def _read(tx: Tx, known: _Known, names: set[str]) -> None:
    if not names:
        return
    for one in tx.all(_SOME, names=names):
        known.stored[one.id] = known.current[one.id] = one
    for name in names - known.stored.keys():
        known.current[name] = Destination(id=name, tokens_at=tx.now)


def write(tx: Tx) -> None:
    """Have what changed written with the transaction."""
    known = _known(tx)
    _count_successes(tx, known)
    for one in known.current.values():
        before = known.stored.get(one.id)
        if before is None:
            tx.insert(DestinationRow, **asdict(one))
        elif before != one:
            tx.later(_UPDATE, row=one.id, **{name: getattr(one, name) for name in _FIELDS})
    known.stored.update(known.current)
