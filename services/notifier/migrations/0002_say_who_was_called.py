"""Say who was called."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "notifier_alert",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("notifier_alert_alarm", "notifier_alert", ["alert"], unique=False)
    op.create_index("notifier_alert_staff", "notifier_alert", ["staff", "sent_at"], unique=False)
