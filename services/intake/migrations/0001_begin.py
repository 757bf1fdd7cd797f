"""Begin."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import Big, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "intake_callback",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.Column("last_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("intake_callback_due", "intake_callback", ["state", "next_at"], unique=False)
    op.create_table(
        "intake_case",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("report_type", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.Column("staff_number", sa.String(), nullable=True),
        sa.Column("client", sa.String(), nullable=True),
        sa.Column("work_district", sa.String(), nullable=True),
        sa.Column("work_street", sa.String(), nullable=True),
        sa.Column("employer_district", sa.String(), nullable=True),
        sa.Column("residence_district", sa.String(), nullable=True),
        sa.Column("employer_name", sa.String(), nullable=True),
        sa.Column("uscc", sa.String(), nullable=True),
        sa.Column("amount_owed_fen", Big, nullable=True),
        sa.Column("workers_affected", sa.Integer(), nullable=True),
        sa.Column("tags", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("phone_index", sa.String(), nullable=True),
        sa.Column("identity", sa.String(), nullable=True),
        sa.Column("record", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("unit_name", sa.String(), nullable=True),
        sa.Column("unit_district", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("amount_recovered_fen", Big, nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("informed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("intake_case_mine", "intake_case", ["created_by", "case_id"], unique=False)
    op.create_index("intake_case_status", "intake_case", ["status", "case_id"], unique=False)
    op.create_index("intake_case_unit", "intake_case", ["unit", "case_id"], unique=False)
    op.create_index(op.f("ix_intake_case_phone_index"), "intake_case", ["phone_index"], unique=False)
    op.create_table(
        "intake_idempotency",
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client", "key"),
    )
    op.create_index(
        op.f("ix_intake_idempotency_created_at"), "intake_idempotency", ["created_at"], unique=False
    )
    op.create_table(
        "intake_timeline",
        sa.Column("id", Big, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("details", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("intake_timeline_case", "intake_timeline", ["case_id", "id"], unique=False)
