"""Keep the rule book."""

import sqlalchemy as sa
from alembic import op

from services.kernel.columns import Big, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "router_closure",
        sa.Column("id", Big, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("successor", sa.String(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("router_closure_open", "router_closure", ["ended_at", "id"], unique=False)
    op.create_table(
        "router_dry_run",
        sa.Column("id", Big, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("moves", sa.String(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("last_case", sa.Uuid(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_router_dry_run_edition"), "router_dry_run", ["edition"], unique=False)
    op.create_index("router_dry_run_course", "router_dry_run", ["course", "id"], unique=False)
    op.create_table(
        "router_dry_run_case",
        sa.Column("run", Big, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=False),
        sa.Column("was_rule", sa.String(), nullable=True),
        sa.Column("now", sa.String(), nullable=False),
        sa.Column("now_rule", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("run", "place"),
    )
    op.create_index(
        "router_dry_run_case_move", "router_dry_run_case", ["run", "was", "now", "place"], unique=False
    )
    op.create_table(
        "router_edition",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("units", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.String(), nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("activated_by", sa.String(), nullable=True),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        sa.Column("effective_at", UtcDateTime(), nullable=True),
        sa.Column("in_force_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("router_edition_turn", "router_edition", ["turn", "effective_at"], unique=False)
    op.add_column("router_case", sa.Column("received_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE router_case SET received_at = updated_at")  # the nearest that is known
    with op.batch_alter_table("router_case") as cases:
        cases.alter_column("received_at", nullable=False)
    op.create_index("router_case_at_unit", "router_case", ["state", "unit", "updated_at"], unique=False)
    op.create_index("router_case_received", "router_case", ["received_at", "case_id"], unique=False)
