"""The tables, once for every database: what the migrations lead to, and what `ddl` writes out for SQLite.

Rows are appended, never changed, but those of `claimants`, `claims`, `cache` and `cache_mark`. Text is stored by
`columns.to_column`, so it is plain text in every database; numbers are NULL where they are unknown.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(32), nullable=False, index=True),  # of the input: what a model is given
    Column("version", String(32), nullable=False, unique=True),  # of the whole case, reference and all
    Column("content", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("started", Float, nullable=False),
    Column("task", Text, nullable=False),
    Column("corpus", Text, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("candidates", Text, nullable=False),
    Column("budget", Float),
    Column("more", Text),  # what else the run has, as JSON
)

run_cases = Table(
    "run_cases",
    metadata,
    Column("run", Integer, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("case_id", Text, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("first_repeat", Integer, nullable=False),
    sqlite_with_rowid=False,
)

run_ends = Table(
    "run_ends",
    metadata,
    Column("run", Integer, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("ended", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("reused", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("spend", Float),
    Column("stopped", Text, nullable=False),
    Column("more", Text),  # what else the end has, as JSON
)

trials = Table(
    "trials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("candidate", String(32), nullable=False),
    Column("case", String(32), nullable=False),
    Column("repeat", Integer, nullable=False),
    # A trial that is made again gets the next take; the newest take is the one that is read.
    Column("take", Integer, nullable=False, server_default="0"),
    Column("run", Text, nullable=False, index=True),
    Column("case_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # "reply", or the kind of failure
    Column("text", Text, nullable=False),  # of the reply, or the failure's message
    Column("rest", Text),  # what else the reply has, as JSON
    Column("source", Text, nullable=False),
    Column("request", Text),
    UniqueConstraint("candidate", "case", "repeat", "take"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("trial", Integer, ForeignKey("trials.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("started", Float, nullable=False),
    Column("seconds", Float),
    Column("first_token", Float),
    Column("status", Integer),
    Column("error", Text),
    Column("message", Text),
    Column("retry_after", Float),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("estimated", Boolean),  # NULL where there is no usage at all
    Column("cost", Float),
    Column("in_flight", Integer),
    Column("gaps", LargeBinary),  # doubles, little-endian: a stream may have thousands
    Column("cache_write_tokens", Integer),
    Column("other_tokens", Text),  # as JSON
    Column("within", Integer),
    Column("model", Text),
    Column("at_risk", Float),
    sqlite_with_rowid=False,
)

executions = Table(
    "executions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("program", String(32), nullable=False, index=True),  # the digest of all that was run
    Column("sandbox", Text, nullable=False),  # what kept it in
    Column("content", Text, nullable=False),  # how it ended, as JSON; the newest row of a program is read
)

claimants = Table(
    "claimants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False, unique=True),
    Column("process", Text, nullable=False),  # "" once the run is over
    Column("expires", Float, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    # Cases differ where candidates mostly do not: the first column that is compared tells.
    Column("case", String(32), primary_key=True),
    Column("candidate", String(32), primary_key=True),
    Column("repeat", Integer, primary_key=True, autoincrement=False),
    # What a dead process had claimed stays, so two runs may have a claim on one key.
    Column("claimant", Integer, ForeignKey("claimants.id"), primary_key=True, autoincrement=False),
    Column("reserved", Float),
    sqlite_with_rowid=False,
)

cache = Table(
    "cache",
    metadata,
    Column("request", Text, primary_key=True),
    Column("repeat", Integer, primary_key=True, autoincrement=False),
    Column("trial", Integer, ForeignKey("trials.id"), nullable=False),
    Column("stored", Float, nullable=False),  # when the call was made, in seconds since the epoch
    sqlite_with_rowid=False,
)

cache_mark = Table(
    "cache_mark",
    metadata,
    Column("id", Integer, primary_key=True),  # 1: there is one row, or none
    # The last trial that was looked at for the cache: what is forgotten must not be taken in again.
    Column("trial", Integer, nullable=False),
)
