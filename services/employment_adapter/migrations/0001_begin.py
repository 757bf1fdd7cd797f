"""Begin."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "vacancy",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("pay_min", sa.Integer(), nullable=False),
        sa.Column("pay_max", sa.Integer(), nullable=False),
        sa.Column("age_min", sa.Integer(), nullable=False),
        sa.Column("age_max", sa.Integer(), nullable=False),
        sa.Column("nights", sa.Boolean(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("requirements", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("vacancy_match", "vacancy", ["occupation", "district", "pay_max"], unique=False)
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
        sa.Column("wish", sa.String(), nullable=True),
        sa.Column("bring", sa.String(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("task"),
    )
    op.create_index(
        "visit_due",
        "visit",
        ["assistant", "follow_up_at"],
        unique=False,
        sqlite_where=sa.text("follow_up_at IS NOT NULL AND followed_up_at IS NULL"),
        postgresql_where=sa.text("follow_up_at IS NOT NULL AND followed_up_at IS NULL"),
    )
    op.create_index(
        "visit_of_unit_due",
        "visit",
        ["unit", "follow_up_at"],
        unique=False,
        sqlite_where=sa.text("follow_up_at IS NOT NULL AND followed_up_at IS NULL"),
        postgresql_where=sa.text("follow_up_at IS NOT NULL AND followed_up_at IS NULL"),
    )
    op.create_index(
        "visit_of_unit_planned",
        "visit",
        ["unit", "starts_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL AND starts_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND starts_at IS NOT NULL"),
    )
    op.create_index(
        "visit_of_unit_waiting",
        "visit",
        ["unit", "opened_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL AND starts_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND starts_at IS NULL"),
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
    op.create_index(
        "visit_waiting",
        "visit",
        ["assistant", "opened_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL AND starts_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL AND starts_at IS NULL"),
    )
    op.create_table(
        "visit_feed",
        sa.Column("assistant", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("assistant"),
        sa.UniqueConstraint("digest"),
    )
