"""Trace texts a moment later."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "intake_untraced", sa.Column("case_id", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("case_id")
    )
