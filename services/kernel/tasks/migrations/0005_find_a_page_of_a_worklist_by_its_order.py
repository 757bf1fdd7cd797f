"""Find a page of a worklist by its order."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.drop_index("task_unfinished", table_name="task")
    op.create_index(
        "task_unfinished", "task", ["unit", "state", "rank"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("task_by_rank", "task", ["rank", "state"], sqlite_where=OPEN, postgresql_where=OPEN)
