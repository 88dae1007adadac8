"""The SQL of the SQLite store, written out."""

INSERT_TRIAL = """
INSERT INTO trials ("case", candidate, repeat, run, case_id, kind, text, rest, source, take)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, count(*) FROM trials
WHERE "case" = ?1 AND candidate = ?2 AND repeat = ?3
HAVING NOT coalesce(max(kind = 'reply'), 0)
"""

INSERT_ATTEMPT = (
    "INSERT INTO attempts (trial, number, started, seconds, first_token, status, error, message, retry_after,"
    " input_tokens, output_tokens, cached_tokens, reasoning_tokens, estimated, cost, in_flight)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

SELECT_DONE = (
    'SELECT "case", candidate, repeat FROM trials WHERE candidate IN (SELECT value FROM json_each(?))'
)

SELECT_ANSWERED = f"{SELECT_DONE} AND kind = 'reply'"

SELECT_TRIALS = """
SELECT trials.id, trials."case", candidate, repeat, case_id, kind, text, rest, source,
  trial, number, started, seconds, first_token, status, error, message, retry_after,
  input_tokens, output_tokens, cached_tokens, reasoning_tokens, estimated, cost, in_flight
FROM trials LEFT JOIN attempts ON attempts.trial = trials.id
WHERE candidate IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (
    SELECT 1 FROM trials AS later
    WHERE later.candidate = trials.candidate AND later."case" = trials."case"
      AND later.repeat = trials.repeat AND later.take > trials.take)
ORDER BY trials.id, number
"""

INSERT_CASE = "INSERT OR IGNORE INTO cases (digest, version, content) VALUES (?, ?, ?)"

SELECT_CASES = (
    "SELECT digest, content FROM cases WHERE digest IN (SELECT value FROM json_each(?)) ORDER BY id"
)

INSERT_RUN = "INSERT INTO runs (name, started, task, corpus, repeats, candidates) VALUES (?, ?, ?, ?, ?, ?)"

INSERT_RUN_CASE = (
    "INSERT INTO run_cases (run, position, case_id, digest, first_repeat) VALUES (?, ?, ?, ?, ?)"
)

INSERT_END = (
    "INSERT OR IGNORE INTO run_ends (ended, status, asked, reused, failed, spend, stopped, run)"
    " SELECT ?, ?, ?, ?, ?, ?, ?, id FROM runs WHERE name = ?"
)

SELECT_RUNS = """
SELECT id, name, started, task, corpus, repeats, candidates,
  ended, status, asked, reused, failed, spend, stopped
FROM runs LEFT JOIN run_ends ON run_ends.run = runs.id
ORDER BY id DESC
"""

SELECT_RUN_CASES = "SELECT run, case_id, digest, first_repeat FROM run_cases ORDER BY run, position"
