"""Begin."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import Big, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rank", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("history", sa.String(), nullable=False),
        sa.Column("routed_at", UtcDateTime(), nullable=False),
        sa.Column("accept_by", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("officer", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("amount_recovered_fen", Big, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("task_of_case", "task", ["case_id"], unique=False)
    op.create_index("task_of_unit", "task", ["unit", "key"], unique=False)
    op.create_index(
        "task_unfinished",
        "task",
        ["unit", "rank"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "task_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_message_age", "task_message", ["at"], unique=False)
