"""Add stages, workers, documents and looks at identities."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import Big, UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "task_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", Big, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_document_of_task", "task_document", ["task"], unique=False)
    op.create_table(
        "task_payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("worker", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", Big, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_payment_of_worker", "task_payment", ["worker"], unique=False)
    op.create_table(
        "task_reveal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_reveal_of_task", "task_reveal", ["task", "by", "at"], unique=False)
    op.create_table(
        "task_worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owed_fen", Big, nullable=False),
        sa.Column("recovered_fen", Big, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("task_worker_of_task", "task_worker", ["task"], unique=False)
    op.add_column("task", sa.Column("stage", sa.String(), nullable=True))
    op.add_column("task", sa.Column("officers", sa.String(), server_default="[]", nullable=False))
    op.add_column("task", sa.Column("recused", sa.String(), server_default="[]", nullable=False))
