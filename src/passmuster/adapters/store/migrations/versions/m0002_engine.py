"""What the engine needs: gaps, inner calls and money at risk of attempts, claims, and the cache."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns, all of them NULL in the rows that are there, and three tables."""
    op.add_column("runs", sa.Column("budget", sa.Float(), nullable=True))
    op.add_column("runs", sa.Column("more", sa.Text(), nullable=True))
    op.add_column("run_ends", sa.Column("more", sa.Text(), nullable=True))
    op.add_column("trials", sa.Column("request", sa.Text(), nullable=True))
    op.create_index("ix_trials_run", "trials", ["run"])
    _attempts()
    _claims()
    _cache()


def _attempts() -> None:
    op.add_column("attempts", sa.Column("gaps", sa.LargeBinary(), nullable=True))
    op.add_column("attempts", sa.Column("cache_write_tokens", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("other_tokens", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("within", sa.Integer(), nullable=True))
    op.add_column("attempts", sa.Column("model", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("at_risk", sa.Float(), nullable=True))


def _claims() -> None:
    op.create_table(
        "claims",
        sa.Column("candidate", sa.String(32), nullable=False),
        sa.Column("case", sa.String(32), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("reserved", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("candidate", "case", "repeat", "run", name="pk_claims"),
        sqlite_with_rowid=False,
    )


def _cache() -> None:
    op.create_table(
        "cache",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("trial", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["trial"], ["trials.id"], name="fk_cache_trial"),
        sa.PrimaryKeyConstraint("request", "repeat", name="pk_cache"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cache_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cache_mark"),
    )
