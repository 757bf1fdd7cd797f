"""Begin."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("assistant", sa.String(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("safety", sa.String(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("follow_up_at", UtcDateTime(), nullable=True),
        sa.Column("followed_up_at", UtcDateTime(), nullable=True),
        sa.Column("follow_up", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index(
        "visit_due",
        "visit",
        ["unit", "follow_up_at"],
        unique=False,
        sqlite_where=sa.text("follow_up_at IS NOT NULL AND followed_up_at IS NULL"),
        postgresql_where=sa.text("follow_up_at IS NOT NULL AND followed_up_at IS NULL"),
    )
    op.create_index(
        "visit_open",
        "visit",
        ["unit", "assistant"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "visit_slot",
        "visit",
        ["assistant", "starts_at"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
