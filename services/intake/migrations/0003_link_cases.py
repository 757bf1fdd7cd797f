"""Link cases."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("intake_case", sa.Column("parent", sa.Uuid(), nullable=True))
    op.add_column("intake_case", sa.Column("open_parts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("intake_case", sa.Column("closes_as", sa.String(), nullable=True))
    op.add_column("intake_case", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_intake_case_parent"), "intake_case", ["parent"], unique=False)
