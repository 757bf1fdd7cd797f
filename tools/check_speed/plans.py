"""How the database finds what one check asks for."""

from typing import Any

from sqlalchemy import event

from services.domain.city import City
from services.domain.sealing import Keyring
from services.intake.author import Author
from services.intake.check import known
from services.intake.desk import Desk
from services.intake.halfway import CheckIn, halfway
from services.intake.scribe import Scribe
from services.kernel.roles import Principal
from services.kernel.store import Looking, Store
from services.kernel.surroundings import real


def plans(look: Looking, store: Store, city: City, keyring: Keyring, form: CheckIn) -> list[str]:
    """EXPLAIN of every statement of the check of this form, with real values."""
    connection = look.connection()
    seen: list[tuple[str, Any]] = []

    def note(*args: object) -> None:
        seen.append((str(args[2]), args[3]))

    around = real()
    event.listen(connection, "before_cursor_execute", note)
    desk = Desk(store, Scribe(city, keyring, around))
    who = Principal("10543", "agent", "person", staff_number="10543")
    known(look, desk, halfway(form, city, Author("agent")), who, around.now())
    event.remove(connection, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS off) "
    return [
        str(row[-1])
        for number, (statement, values) in enumerate(seen, 1)
        for row in [(f"-- statement {number}",), *connection.exec_driver_sql(how + statement, values)]
    ]
