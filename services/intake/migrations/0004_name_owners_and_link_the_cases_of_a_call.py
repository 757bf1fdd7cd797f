"""Name owners, and link the cases of a call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("intake_case", sa.Column("call_id", sa.Uuid(), nullable=True))
    op.add_column("intake_case", sa.Column("owner", sa.String(), nullable=True))
    op.create_index(
        "intake_case_call",
        "intake_case",
        ["call_id"],
        unique=False,
        sqlite_where=sa.text("call_id IS NOT NULL"),
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )
    op.create_index(
        "intake_case_voicemail",
        "intake_case",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("channel = 'voicemail' AND closed_at IS NULL"),
        postgresql_where=sa.text("channel = 'voicemail' AND closed_at IS NULL"),
    )
