"""Claims name the run and its process by a number: they come and go with every trial, and are kept short."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give each run that has claims a row of its own, and make its claims anew."""
    op.rename_table("claims", "claims_before")
    _tables()
    op.execute(
        "INSERT INTO claimants (run, process, expires)"
        " SELECT run, max(process), max(expires) FROM claims_before GROUP BY run ORDER BY run"
    )
    op.execute(
        'INSERT INTO claims ("case", candidate, repeat, claimant, reserved)'
        ' SELECT "case", candidate, repeat, claimants.id, reserved FROM claims_before JOIN claimants USING (run)'
    )
    op.drop_table("claims_before")


def _tables() -> None:
    op.create_table(
        "claimants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_claimants"),
        sa.UniqueConstraint("run", name="uq_claimants_run"),
    )
    op.create_table(
        "claims",
        sa.Column("case", sa.String(32), nullable=False),
        sa.Column("candidate", sa.String(32), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("claimant", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("case", "candidate", "repeat", "claimant", name="pk_claims"),
        sa.ForeignKeyConstraint(["claimant"], ["claimants.id"], name="fk_claims_claimant"),
        sqlite_with_rowid=False,
    )
