"""Alembic, driven from here: no ini file and no environment script, one line of versions at a time."""

from collections.abc import Iterable
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, folder: Path, version_table: str) -> None:
    """Run the scripts in `folder` that this database has not seen, in its own transaction."""
    scripts = scripts_in(folder)

    def to_head(now: object, _context: MigrationContext) -> Iterable[RevisionStep]:
        return scripts._upgrade_revs("head", now)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), scripts, fn=to_head) as environment:
        # SQLite cannot change a column: Alembic then makes the table anew and copies it.
        environment.configure(connection=connection, version_table=version_table, render_as_batch=True)
        environment.run_migrations()


def scripts_in(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder.parent), version_locations=[str(folder)])
