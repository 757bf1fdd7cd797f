"""Find what was seen before and count clusters."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import Big, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "intake_band",
        sa.Column("band", Big, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("band", "case_id"),
    )
    op.create_index("intake_band_case", "intake_band", ["case_id"], unique=False)
    op.create_table(
        "intake_cluster",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("raised", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "intake_cluster_case",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=True),
        sa.Column("amount_owed_fen", Big, nullable=True),
        sa.PrimaryKeyConstraint("key", "case_id"),
    )
    op.create_index("intake_cluster_of_case", "intake_cluster_case", ["case_id"], unique=False)
    op.create_index(
        "intake_cluster_window",
        "intake_cluster_case",
        ["key", "at", "caller", "workers", "amount_owed_fen", "case_id"],
        unique=False,
    )
    op.add_column("intake_case", sa.Column("employer_core", sa.String(), nullable=True))
    op.drop_index(op.f("ix_intake_case_phone_index"), table_name="intake_case")
    op.create_index(
        "intake_case_employer", "intake_case", ["employer_core", "closed_at", "case_id"], unique=False
    )
    op.create_index("intake_case_phone", "intake_case", ["phone_index", "closed_at", "case_id"], unique=False)
    op.create_index("intake_case_uscc", "intake_case", ["uscc", "closed_at", "case_id"], unique=False)
