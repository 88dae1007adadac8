"""The tables of `schema` as SQLite takes them, written out: a new file is made without SQLAlchemy and Alembic.

Tests compare this with `schema` and with what the migrations make of an empty file.
"""

CREATE = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
    """
CREATE TABLE cases (
  id INTEGER NOT NULL,
  digest VARCHAR(32) NOT NULL,
  version VARCHAR(32) NOT NULL,
  content TEXT NOT NULL,
  CONSTRAINT pk_cases PRIMARY KEY (id),
  CONSTRAINT uq_cases_version UNIQUE (version)
)
""",
    "CREATE INDEX ix_cases_digest ON cases (digest)",
    """
CREATE TABLE claimants (
  id INTEGER NOT NULL,
  run TEXT NOT NULL,
  process TEXT NOT NULL,
  expires FLOAT NOT NULL,
  CONSTRAINT pk_claimants PRIMARY KEY (id),
  CONSTRAINT uq_claimants_run UNIQUE (run)
)
""",
    """
CREATE TABLE claims (
  "case" VARCHAR(32) NOT NULL,
  candidate VARCHAR(32) NOT NULL,
  repeat INTEGER NOT NULL,
  claimant INTEGER NOT NULL,
  reserved FLOAT,
  CONSTRAINT pk_claims PRIMARY KEY ("case", candidate, repeat, claimant),
  CONSTRAINT fk_claims_claimant FOREIGN KEY(claimant) REFERENCES claimants (id)
) WITHOUT ROWID
""",
    """
CREATE TABLE executions (
  id INTEGER NOT NULL,
  program VARCHAR(32) NOT NULL,
  sandbox TEXT NOT NULL,
  content TEXT NOT NULL,
  CONSTRAINT pk_executions PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_executions_program ON executions (program)",
    """
CREATE TABLE runs (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  started FLOAT NOT NULL,
  task TEXT NOT NULL,
  corpus TEXT NOT NULL,
  repeats INTEGER NOT NULL,
  candidates TEXT NOT NULL,
  budget FLOAT,
  more TEXT,
  CONSTRAINT pk_runs PRIMARY KEY (id),
  CONSTRAINT uq_runs_name UNIQUE (name)
)
""",
    """
CREATE TABLE trials (
  id INTEGER NOT NULL,
  candidate VARCHAR(32) NOT NULL,
  "case" VARCHAR(32) NOT NULL,
  repeat INTEGER NOT NULL,
  take INTEGER DEFAULT '0' NOT NULL,
  run TEXT NOT NULL,
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  rest TEXT,
  source TEXT NOT NULL,
  request TEXT,
  CONSTRAINT pk_trials PRIMARY KEY (id),
  CONSTRAINT uq_trials_candidate_case_repeat_take UNIQUE (candidate, "case", repeat, take)
)
""",
    "CREATE INDEX ix_trials_run ON trials (run)",
    """
CREATE TABLE attempts (
  trial INTEGER NOT NULL,
  number INTEGER NOT NULL,
  started FLOAT NOT NULL,
  seconds FLOAT,
  first_token FLOAT,
  status INTEGER,
  error TEXT,
  message TEXT,
  retry_after FLOAT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  cached_tokens INTEGER,
  reasoning_tokens INTEGER,
  estimated BOOLEAN,
  cost FLOAT,
  in_flight INTEGER,
  gaps BLOB,
  cache_write_tokens INTEGER,
  other_tokens TEXT,
  within INTEGER,
  model TEXT,
  at_risk FLOAT,
  CONSTRAINT pk_attempts PRIMARY KEY (trial, number),
  CONSTRAINT fk_attempts_trial FOREIGN KEY(trial) REFERENCES trials (id)
) WITHOUT ROWID
""",
    """
CREATE TABLE cache (
  request TEXT NOT NULL,
  repeat INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  stored FLOAT NOT NULL,
  CONSTRAINT pk_cache PRIMARY KEY (request, repeat),
  CONSTRAINT fk_cache_trial FOREIGN KEY(trial) REFERENCES trials (id)
) WITHOUT ROWID
""",
    """
CREATE TABLE cache_mark (
  id INTEGER NOT NULL,
  trial INTEGER NOT NULL,
  CONSTRAINT pk_cache_mark PRIMARY KEY (id)
)
""",
    """
CREATE TABLE run_cases (
  run INTEGER NOT NULL,
  position INTEGER NOT NULL,
  case_id TEXT NOT NULL,
  digest VARCHAR(32) NOT NULL,
  first_repeat INTEGER NOT NULL,
  CONSTRAINT pk_run_cases PRIMARY KEY (run, position),
  CONSTRAINT fk_run_cases_run FOREIGN KEY(run) REFERENCES runs (id)
) WITHOUT ROWID
""",
    """
CREATE TABLE run_ends (
  run INTEGER NOT NULL,
  ended FLOAT NOT NULL,
  status TEXT NOT NULL,
  asked INTEGER NOT NULL,
  reused INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  spend FLOAT,
  stopped TEXT NOT NULL,
  more TEXT,
  CONSTRAINT pk_run_ends PRIMARY KEY (run),
  CONSTRAINT fk_run_ends_run FOREIGN KEY(run) REFERENCES runs (id)
)
""",
)
"""All statements, in the order in which they can be given; the version is written by the caller."""
