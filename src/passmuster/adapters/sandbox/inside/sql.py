"""Runs queries on one SQLite database that none of them can change, and tells their rows."""

import json
import os
import sqlite3
import time
from typing import Any

JOB, RESULT = 3, 4
READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, 33}
"""What a query may do; 33 is SQLITE_RECURSIVE."""
FORBIDDEN = {"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"}
INSTRUCTIONS = 1_000
LIMIT = {"rows": 10_000, "bytes": 4_000_000}


def allowed(action: int, _one: str | None, two: str | None, *_: str | None) -> int:
    """Allow reading, and functions that stay inside."""
    reads = action in READS and not (action == sqlite3.SQLITE_FUNCTION and str(two).lower() in FORBIDDEN)
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


def opened(job: dict[str, Any]) -> sqlite3.Connection:
    """Open the database of the job, or make one in memory; `setup` is the case's own script."""
    if job["database"] is None:
        connection = sqlite3.connect(":memory:")
    else:
        connection = sqlite3.connect(f"file:{job['database']}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    if job["setup"]:
        connection.executescript(job["setup"])
    connection.set_authorizer(allowed)
    return connection


def asked(connection: sqlite3.Connection, query: str, seconds: float) -> dict[str, Any]:
    """Run one query; returns its rows, or which way it ended."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), INSTRUCTIONS)
    try:
        cursor = connection.execute(query)
        rows: list[list[object]] = []
        size = 0
        for row in cursor:
            cells = [as_json(cell) for cell in row]
            size += len(json.dumps(cells))
            if len(rows) >= LIMIT["rows"] or size > LIMIT["bytes"]:
                return {"outcome": "output", "message": f"more than {LIMIT['rows']:,} rows or 4 MB"}
            rows.append(cells)
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
        return failed(error, late=time.monotonic() > deadline)
    except MemoryError:
        return {"outcome": "memory", "message": "it asked for more memory than it may use"}
    return {"outcome": "rows", "rows": rows, "columns": len(cursor.description or ())}


def as_json(cell: object) -> object:
    """Return a value of a row as JSON: bytes in hexadecimal digits, an infinity by its name."""
    if isinstance(cell, bytes):
        return f"x'{cell.hex()}'"
    if isinstance(cell, float) and cell in {float("inf"), float("-inf")}:
        return str(cell)
    return cell


def failed(error: Exception, *, late: bool) -> dict[str, Any]:
    """Return which way a query failed."""
    text = str(error)
    if late and "interrupted" in text:
        return {"outcome": "timeout", "message": "it ran out of time"}
    if "not authorized" in text or "prohibited" in text or "not an error" in text:
        return {"outcome": "refused", "message": text}
    broken = (
        "null character",
        "syntax error",
        "incomplete input",
        "unrecognized token",
        "one statement at a time",
    )
    wrong = isinstance(error, ValueError | OverflowError) or any(part in text for part in broken)
    return {"outcome": "syntax_error" if wrong else "error", "message": text[:300]}


def main() -> None:
    """Read the job, run the right query and the answer's, and tell."""
    with open(JOB, "r+", encoding="ascii") as file:
        nonce, text = json.load(file)
        file.truncate(0)
    job = json.loads(text)
    result: dict[str, Any] = {}
    try:
        connection = opened(job)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        result["database"] = str(error)[:300]
    else:
        for name, query in job["queries"].items():
            result[name] = asked(connection, query, job["seconds"])
    os.write(RESULT, f"{nonce}{json.dumps(result)}\n".encode())


if __name__ == "__main__":
    main()
