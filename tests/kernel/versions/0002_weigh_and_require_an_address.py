"""Weigh, and require an address."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("UPDATE parcel SET address = '' WHERE address IS NULL")
    with op.batch_alter_table("parcel") as parcel:
        parcel.add_column(sa.Column("grams", sa.BigInteger(), nullable=True))
        parcel.alter_column("address", existing_type=sa.String(), nullable=False)
