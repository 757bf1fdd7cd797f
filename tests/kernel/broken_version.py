"""Breaks off when half is done."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("parcel", sa.Column("grams", sa.BigInteger(), nullable=True))
    op.execute("DELETE FROM nowhere")
