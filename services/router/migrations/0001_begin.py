"""Begin."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import Big, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "router_case",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("tried", sa.String(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("hold_facts", sa.String(), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("proposed_unit", sa.String(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "router_case_held", "router_case", ["state", "urgent", "held_at", "case_id"], unique=False
    )
    op.create_table(
        "router_decision",
        sa.Column("id", Big, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "router_decision_by_hand",
        "router_decision",
        ["at"],
        unique=False,
        sqlite_where=sa.text('"by" IS NOT NULL'),
        postgresql_where=sa.text('"by" IS NOT NULL'),
    )
    op.create_index("router_decision_case", "router_decision", ["case_id", "id"], unique=False)
