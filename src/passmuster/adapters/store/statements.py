"""The SQL of the SQLite store, written out; `{rows}` is filled by `batches`."""

SELECT_LAST_TRIAL = "SELECT coalesce(max(id), 0) FROM trials"

# For "OR IGNORE" and "OR FAIL" SQLite keeps no copy of each page that a statement of many rows changes, as it does
# where it may have to undo one statement alone; here an error always undoes the whole transaction.
INSERT_TRIALS = """
INSERT OR IGNORE INTO trials ("case", candidate, repeat, case_id, kind, text, rest, source, request, run)
VALUES {rows}
"""

SELECT_NEW_TRIALS = 'SELECT id, "case", candidate, repeat FROM trials WHERE id > ?'

INSERT_NEXT_TAKE = """
INSERT INTO trials
  ("case", candidate, repeat, case_id, kind, text, rest, source, request, run, take)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, stored.takes FROM (
  SELECT count(*) AS takes, coalesce(max(kind = 'reply'), 0) AS answered FROM trials
  WHERE "case" = ?1 AND candidate = ?2 AND repeat = ?3) AS stored
WHERE NOT stored.answered
"""

INSERT_ATTEMPTS = """
INSERT OR FAIL INTO attempts
  (trial, number, started, seconds, first_token, status, cost, in_flight,
  estimated, input_tokens, output_tokens, cached_tokens, reasoning_tokens,
  cache_write_tokens, other_tokens, error, message, retry_after, gaps, "within", model, at_risk)
VALUES {rows}
"""

INSERT_USUAL_ATTEMPTS = """
INSERT OR FAIL INTO attempts
  (trial, number, started, seconds, first_token, status, cost, in_flight,
  estimated, input_tokens, output_tokens, cached_tokens, reasoning_tokens)
VALUES {rows}
"""

SELECT_DONE = (
    'SELECT "case", candidate, repeat FROM trials WHERE candidate IN (SELECT value FROM json_each(?))'
)

SELECT_ANSWERED = f"{SELECT_DONE} AND kind = 'reply'"

_TRIALS = """
SELECT trials.id, trials."case", candidate, trials.repeat, case_id, kind, text, rest, source, trials.request,
  number, started, seconds, first_token, status, error, message, retry_after, cost, in_flight,
  gaps, "within", model, at_risk,
  estimated, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cache_write_tokens, other_tokens
FROM trials LEFT JOIN attempts ON attempts.trial = trials.id
WHERE +candidate IN (SELECT value FROM json_each(?))
  AND trials.id NOT IN (
    SELECT earlier.id FROM trials AS later CROSS JOIN trials AS earlier
    WHERE later.take > 0
      AND earlier.candidate = later.candidate AND earlier."case" = later."case"
      AND earlier.repeat = later.repeat AND earlier.take < later.take)
"""

SELECT_TRIALS = f"{_TRIALS} ORDER BY trials.id, number"

SELECT_TRIALS_NEWEST_FIRST = f"{_TRIALS} ORDER BY trials.id DESC, number"

SELECT_CACHE_MARK = """
SELECT (SELECT coalesce(max(trial), 0) FROM cache_mark), (SELECT coalesce(max(id), 0) FROM trials)
"""

SELECT_TRIAL = """
SELECT trials.id, trials."case", candidate, trials.repeat, case_id, kind, text, rest, source, trials.request,
  number, started, seconds, first_token, status, error, message, retry_after, cost, in_flight,
  gaps, "within", model, at_risk,
  estimated, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cache_write_tokens, other_tokens
FROM trials LEFT JOIN attempts ON attempts.trial = trials.id
WHERE trials.id = (
  SELECT id FROM trials WHERE "case" = ?1 AND candidate = ?2 AND repeat = ?3 ORDER BY take DESC LIMIT 1)
ORDER BY number
"""

SELECT_EXECUTION = "SELECT sandbox, content FROM executions WHERE program = ? ORDER BY id DESC LIMIT 1"

INSERT_EXECUTIONS = "INSERT INTO executions (program, sandbox, content) VALUES {rows}"

INSERT_CACHED = """
INSERT OR REPLACE INTO cache (request, repeat, trial, stored)
SELECT request, repeat, newest, coalesce(
  (SELECT started FROM attempts WHERE attempts.trial = newest ORDER BY number DESC LIMIT 1), 0.0)
FROM (
  SELECT request, repeat, max(id) AS newest FROM trials
  WHERE id > ?1 AND id <= ?2 AND kind = 'reply' AND source = 'measured' AND request IS NOT NULL
  GROUP BY request, repeat)
"""

INSERT_CACHE_MARK = "INSERT OR REPLACE INTO cache_mark (id, trial) VALUES (1, ?)"

SELECT_ANY_CACHED = "SELECT 1 FROM cache LIMIT 1"

SELECT_CACHED = """
SELECT trials.id, trials."case", candidate, trials.repeat, case_id, kind, text, rest, source, trials.request,
  number, started, seconds, first_token, status, error, message, retry_after, cost, in_flight,
  gaps, "within", model, at_risk,
  estimated, input_tokens, output_tokens, cached_tokens, reasoning_tokens, cache_write_tokens, other_tokens
FROM cache JOIN trials ON trials.id = cache.trial LEFT JOIN attempts ON attempts.trial = trials.id
WHERE cache.request = ? AND cache.repeat = ? AND run <> ?
ORDER BY number
"""

DELETE_CACHED = "DELETE FROM cache WHERE stored < ?"

DELETE_CACHE = "DELETE FROM cache"

INSERT_CLAIMANT = """
INSERT INTO claimants (run, process, expires) VALUES (?, ?, ?)
ON CONFLICT (run) DO UPDATE SET process = excluded.process, expires = excluded.expires
"""

SELECT_CLAIMANT = "SELECT id FROM claimants WHERE run = ?"

SELECT_OTHER_CLAIMANTS = "SELECT id, process, expires FROM claimants WHERE run <> ? AND process <> ''"

# SQLite writes all rows of a SELECT aside that reads the very table which they go to, so this reads no claims.
INSERT_CLAIMS = """
INSERT OR REPLACE INTO claims ("case", candidate, repeat, claimant, reserved)
SELECT column1, column2, column3, ?1, column4 FROM (VALUES {rows})
WHERE NOT EXISTS (
  SELECT 1 FROM trials
  WHERE candidate = column2 AND "case" = column1 AND repeat = column3 AND (?2 OR kind = 'reply'))
"""

SELECT_STORED = """
SELECT 1 FROM trials WHERE "case" = ?1 AND candidate = ?2 AND repeat = ?3 AND (?4 OR kind = 'reply') LIMIT 1
"""

SELECT_CLAIMED = """
SELECT 1 FROM (VALUES {rows}) CROSS JOIN claims
WHERE "case" = column1 AND candidate = column2 AND repeat = column3
  AND claimant IN (SELECT value FROM json_each(?1))
LIMIT 1
"""

RENEW_CLAIMANT = "UPDATE claimants SET expires = ? WHERE run = ? AND process <> ''"

# A list of single values is looked up far faster than one of whole keys.
DELETE_CLAIMS = """
DELETE FROM claims WHERE "case" IN (VALUES {rows}) AND candidate = ?1 AND repeat = ?2 AND claimant = ?3
"""

DELETE_FREE_CLAIMS = "DELETE FROM claims WHERE claimant = ? AND coalesce(reserved, 0.0) <= 0.0"

DELETE_FREE_CLAIMANT = (
    "DELETE FROM claimants WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM claims WHERE claimant = ?1)"
)

END_CLAIMANT = "UPDATE claimants SET process = '', expires = 0.0 WHERE id = ?"

SELECT_PAID = """
SELECT coalesce(sum(cost), 0.0), coalesce(sum(at_risk), 0.0)
FROM trials JOIN attempts ON attempts.trial = trials.id
WHERE run IN (SELECT value FROM json_each(?1)) AND source = 'measured' AND (?2 IS NULL OR candidate = ?2)
"""

SELECT_CLAIMANTS = """
SELECT run, process, expires FROM claimants
WHERE run IN (SELECT value FROM json_each(?1)) AND process <> ''
  AND EXISTS (SELECT 1 FROM claims WHERE claimant = claimants.id)
"""

SELECT_LEFT_OVER = """
SELECT process, coalesce(sum(reserved), 0.0) FROM claims JOIN claimants ON claimants.id = claimant
WHERE run IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR candidate = ?2) GROUP BY process
"""

SELECT_CASE_KNOWN = "SELECT 1 FROM cases WHERE version = ?"

INSERT_CASES = "INSERT OR IGNORE INTO cases (digest, version, content) VALUES {rows}"

SELECT_CASES = (
    "SELECT digest, content FROM cases WHERE digest IN (SELECT value FROM json_each(?)) ORDER BY id"
)

INSERT_RUN = """
INSERT INTO runs (name, started, task, corpus, repeats, candidates, budget, more)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""

INSERT_RUN_CASES = """
INSERT OR FAIL INTO run_cases (run, position, case_id, digest, first_repeat) VALUES {rows}
"""

INSERT_END = (
    "INSERT OR IGNORE INTO run_ends (ended, status, asked, reused, failed, spend, stopped, more, run)"
    " SELECT ?, ?, ?, ?, ?, ?, ?, ?, id FROM runs WHERE name = ?"
)

SELECT_RUNS = """
SELECT id, (SELECT coalesce(max(position) + 1, 0) FROM run_cases WHERE run_cases.run = runs.id),
  name, started, task, corpus, repeats, candidates, budget, runs.more,
  ended, status, asked, reused, failed, spend, stopped, run_ends.more
FROM runs LEFT JOIN run_ends ON run_ends.run = runs.id
ORDER BY id DESC
"""

SELECT_RUN_CASES = """
SELECT case_id, digest, first_repeat FROM run_cases WHERE run = ? AND position >= ? ORDER BY position
"""
