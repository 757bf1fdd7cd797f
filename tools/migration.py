"""Writes the next version of a history: `python -m tools.migration intake "add the street"`.

Alembic compares the tables in the code with an empty SQLite database that the scripts so far have made. Read
what it wrote: it does not see a renamed column, and knows nothing of what the rows mean.
"""

import re
import sys
import tempfile

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from services.commands.migrate import HISTORIES
from services.kernel.columns import table
from services.kernel.database.schema import History
from services.kernel.database.versions import upgrade

SCRIPT = '''"""{said}"""

import sqlalchemy as sa
from alembic import op
{imports}
revision = "{revision}"
down_revision = {before}


def upgrade() -> None:
{body}
'''


SHORT = {
    "sqlmodel.sql.sqltypes.AutoString()": "sa.String()",
    "services.kernel.columns.UtcDateTime(timezone=True)": "UtcDateTime()",
    "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')": "Big",
}


def operations(connection: Connection, history: History) -> UpgradeOps:
    """What leads from the database's tables to those in the code."""
    mine = {table(model).name for model in history.tables}

    def is_mine(_item: object, name: str | None, kind: str, _found: bool, _other: object) -> bool:
        return kind != "table" or name in mine

    options = {"include_object": is_mine, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    found = produce_migrations(context, SQLModel.metadata).upgrade_ops
    if found is None:
        raise SystemExit("Alembic compares nothing.")
    return found


def main(name: str, said: str) -> None:
    history = next(one for one in HISTORIES if one.name == name)
    if history.folder is None:
        raise SystemExit(f"{name} has no versions")
    history.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/old.db")
        with engine.begin() as connection:
            if history.head:
                upgrade(connection, history.folder, history.version_table)
            body = render_python_code(operations(connection, history))
        engine.dispose()
    body = re.sub(r"# ### .*\n?", "", body).strip() or "pass"
    for long, short in SHORT.items():
        body = body.replace(long, short)
    used = [word for word in ("Big", "UtcDateTime") if word in body]
    line = f"\nfrom services.kernel.columns import {', '.join(used)}\n" if used else ""
    revision = f"{int(history.head or 0) + 1:04}"
    before = f'"{history.head}"' if history.head else "None"
    path = history.folder / f"{revision}_{re.sub(r'[^a-z0-9]+', '_', said.lower()).strip('_')}.py"
    text = SCRIPT.format(
        said=said.capitalize() + ".", imports=line, revision=revision, before=before, body="    " + body
    )
    path.write_text(text, "utf-8")
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
