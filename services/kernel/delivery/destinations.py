"""The destination rows of a transaction: read once, written once at the end if they changed.

A success is only noted. What all successes of a group change is worked out together, when the group ends or
somebody looks: one that is well and stays well costs its share of one SELECT.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import cast

from sqlalchemy import bindparam, event, insert, select, update

from services.kernel.among import among
from services.kernel.columns import table
from services.kernel.delivery import circuit
from services.kernel.delivery.circuit import Destination
from services.kernel.delivery.models import DestinationRow
from services.kernel.store import Tx

_TABLE = table(DestinationRow)
_FIELDS = [name for name in Destination.__dataclass_fields__ if name != "id"]
_SOME = select(*(_TABLE.c[name] for name in Destination.__dataclass_fields__)).where(
    among(_TABLE.c.id, "names")
)
_INSERT, _UPDATE = insert(_TABLE), update(_TABLE).where(_TABLE.c.id == bindparam("row"))
_KEY = "kernel.delivery.destinations"


@dataclass(slots=True)
class _Known:
    stored: dict[str, Destination] = field(default_factory=dict)  # as the table has them
    current: dict[str, Destination] = field(default_factory=dict)
    successes: list[tuple[str, bool]] = field(default_factory=list)  # destination, whether it was a retry


def _known(tx: Tx) -> _Known:
    if (known := cast("_Known | None", tx.info.get(_KEY))) is None:
        known = tx.info[_KEY] = _Known()
    return known


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


def learn(tx: Tx, stored: Iterable[Destination], new: Iterable[Destination]) -> None:
    """What was just read from the table, after `write`, and what it does not have yet."""
    known = _known(tx)
    known.stored.update({one.id: one for one in stored})
    known.current.update(known.stored)
    known.current.update({one.id: one for one in new})


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
    for row in tx.connection().execute(_SOME, {"names": names}):
        known.stored[row.id] = known.current[row.id] = Destination(*row)
    for name in names - known.stored.keys():
        known.current[name] = Destination(id=name, tokens_at=tx.now)


def write(tx: Tx) -> None:
    """Write what changed: one INSERT for new ones and one UPDATE for the others."""
    known = _known(tx)
    _count_successes(tx, known)
    changed = [one for one in known.current.values() if known.stored.get(one.id) != one]
    if new := [asdict(one) for one in changed if one.id not in known.stored]:
        tx.connection().execute(_INSERT, new)
    if old := [one for one in changed if one.id in known.stored]:
        tx.connection().execute(
            _UPDATE, [{"row": one.id, **{name: getattr(one, name) for name in _FIELDS}} for one in old]
        )
    known.stored.update({one.id: one for one in changed})


@event.listens_for(Tx, "before_commit")
def _write_last(tx: Tx) -> None:
    if _KEY in tx.info:
        write(tx)
