"""Does a query find the right rows: `sql_result`."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from passmuster.errors import ConfigurationError
from passmuster.metrics.code.answer import Which, read_code
from passmuster.metrics.code.outcomes import NOT_RUN, check_limits, code_score, found, no_code, told
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.two_steps import not_scored
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.program import Execution, Limits, Program
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

HARNESS = 1
"""The version of what runs inside: another one runs everything again."""
LANGUAGES = ("sql", "sqlite", "sqlite3", "sqlite-sql")
KEYS = frozenset({"query", "rows", "ordered", "setup", "database"})
DIGITS = 12
"""Significant digits to which numbers are compared."""
PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
SHOWN_ROWS = 5
APART = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^\]]*(?:\]|\Z)""", re.DOTALL
)
"""Comments, texts and names in quotes, of a query."""
ORDERED = re.compile(r"(?i)\border\s+by\b")


class Right(NamedTuple):
    """What the rows must be: those of a query, or given; in this order or in any."""

    query: str | None
    rows: Sequence[Json] | None
    ordered: bool
    setup: str
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlResult(Record):
    """1 where the query in a reply gives the rows that the right query gives on the same SQLite database, else 0.

    `database` is the path of a file, in which `{name}` stands for the `database` of a case's reference. The
    reference is the right query, or an object with `query` or `rows`, and `ordered`, `setup` (a script that makes
    the tables, where there is no file) and `database`. By default the order counts where the right query has an
    `order by`. Columns are compared by place, their names never; numbers to twelve digits.

    Example:
        >>> case = Case(id="1", input="How many?", reference={"setup": "create table t(a);", "rows": [[0]]})
        >>> program = SqlResult().program(case, Reply(text="select count(*) from t"))
        >>> isinstance(program, Program) and program.harness
        'sql'
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "sql_result"
    database: str | None = None
    ordered: bool | None = None
    which: Which = "first"
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        check_limits(self.limits, self.name)
        if self.database is not None and (not self.database.strip() or "\0" in self.database):
            raise ConfigurationError(f"{self.name}: `database` is the path of a SQLite file, or left out")

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return what is known before the query is run: the score of a reply without any, or `not_scored`."""
        program = self.program(case, reply)
        return not_scored(self.name, runs=True) if isinstance(program, Program) else program

    def program(self, case: Case, reply: Reply) -> Program | ScoreOutcome:
        """Return both queries as a program."""
        right = self._right(case)
        if isinstance(right, ScoreFailure):
            return right
        query = read_code(reply.text, LANGUAGES, self.which)
        if isinstance(query, Unreadable):
            return no_code(query)
        name = "database.sqlite"
        job = {
            "version": HARNESS,
            "database": f"inputs/{name}" if right.database else None,
            "setup": right.setup,
            "queries": {"answer": query} if right.query is None else {"right": right.query, "answer": query},
            "seconds": self.limits.seconds / 3,
        }
        inputs = {name: right.database} if right.database else {}
        return Program(harness="sql", job=json.dumps(job), inputs=inputs, limits=self.limits)

    def read(self, case: Case, reply: Reply, execution: Execution) -> ScoreOutcome:
        """Return whether the rows are the right ones."""
        right, query = self._right(case), read_code(reply.text, LANGUAGES, self.which)
        if isinstance(query, Unreadable) or isinstance(right, ScoreFailure):
            return self.score(case, reply)
        result: Any = found(execution, query, self.name)
        if isinstance(result, Score | ScoreFailure):
            return result
        return told(lambda: self._judged(case, query, right, result), query)

    def _judged(self, case: Case, query: str, right: Right, result: Mapping[str, Any]) -> ScoreOutcome:
        if "database" in result:
            message = f"{self.name}: the database of case {case.id!r} cannot be read: {result['database']}"
            return ScoreFailure(kind=NOT_RUN, message=shown(message))
        wanted: Any = {"outcome": "rows", "rows": right.rows} if right.query is None else result["right"]
        if wanted["outcome"] != "rows":
            message = f"the right query of case {case.id!r} fails: {wanted.get('message')}"
            return ScoreFailure(kind="wrong_reference", message=shown(message))
        answer = result["answer"]
        if answer["outcome"] != "rows":
            return code_score(answer["outcome"], query, str(answer.get("message")))
        return compared(query, answer["rows"], wanted["rows"], ordered=right.ordered)

    def _right(self, case: Case) -> Right | ScoreFailure:
        reference: Any = case.reference
        if reference is None:
            return no_reference(case)
        whole: Any = reference if isinstance(reference, Mapping) else {"query": reference}
        problem = _problem(whole)
        if problem is not None:
            return ScoreFailure(
                kind="wrong_reference", message=f"the reference of case {case.id!r}: {problem}"
            )
        query = whole.get("query")
        ordered = whole.get("ordered", self.ordered)
        if ordered is None:
            ordered = query is not None and ORDERED.search(outermost(query)) is not None
        path = (self.database or "").replace("{name}", whole.get("database", ""))
        setup = whole.get("setup", "")
        if not path and not setup:
            message = (
                f"case {case.id!r} has no database: give `database` as an option, or `setup` in its reference"
            )
            return ScoreFailure(kind="wrong_reference", message=message)
        return Right(query=query, rows=whole.get("rows"), ordered=ordered, setup=setup, database=path)


def _problem(whole: Mapping[str, Any]) -> str | None:
    if set(whole) - KEYS or ("query" in whole) == ("rows" in whole):
        return "it is a query, or has either `query` or `rows`, and may have `ordered`, `setup`, `database`"
    texts = [whole[name] for name in ("query", "setup", "database") if name in whole]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        return "`query`, `setup` and `database` are texts"
    if "database" in whole and PLAIN_NAME.fullmatch(whole["database"]) is None:
        return f"`database` is a plain name of letters, digits, `_`, `.` and `-`, not {shown(whole['database'])!r}"
    rows = whole.get("rows", [])
    if not isinstance(rows, list | tuple) or not all(isinstance(row, list | tuple) for row in rows):
        return "`rows` is a list of lists"
    return "`ordered` is true or false" if not isinstance(whole.get("ordered", True), bool) else None


def outermost(query: str) -> str:
    """Return a query without what stands in its brackets, quotes and comments.

    Example:
        >>> outermost("select ')' from (select a from t order by a) -- it's all")
        'select   from   '
    """
    kept: list[str] = []
    depth = 0
    for letter in APART.sub(" ", query):
        if letter == ")":
            depth = max(0, depth - 1)
        elif letter == "(":
            depth += 1
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)


def compared(query: str, rows: Sequence[Any], wanted: Sequence[Any], *, ordered: bool) -> Score:
    """Return whether these are the wanted rows, and which are missing and which too many."""
    found_rows, right_rows = [row_key(row) for row in rows], [row_key(row) for row in wanted]
    missing = list((Counter(right_rows) - Counter(found_rows)).elements())
    extra = list((Counter(found_rows) - Counter(right_rows)).elements())
    details: dict[str, Json] = {
        "rows": len(rows),
        "rows_wanted": len(wanted),
        "missing": [shown(row) for row in missing[:SHOWN_ROWS]],
        "extra": [shown(row) for row in extra[:SHOWN_ROWS]],
    }
    if missing or extra:
        reason = f"rows that are missing: {len(missing)}, rows too many: {len(extra)}"
        return code_score("wrong", query, reason, details)
    if ordered and found_rows != right_rows:
        return code_score("wrong", query, "the rows are right, their order is not", details)
    return code_score("passed", query, "", details)


def row_key(row: Sequence[Any]) -> str:
    """Return a row as text by which rows are compared: 1, 1.0 and true are one value, the text 1 another.

    Example:
        >>> row_key([1.0, "a", None]), row_key([0.1 + 0.2])
        ('[1, "a", null]', '[0.3]')
    """
    return json.dumps([_cell(cell) for cell in row], ensure_ascii=True, default=str)


def _cell(cell: Any) -> Any:
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, float) and math.isfinite(cell):
        # Beyond twelve digits numbers are compared as whole ones, or 1700000000123.0 would not be 1700000000123.
        rounded = float(f"{cell:.{DIGITS}g}") if abs(cell) < 10**DIGITS else float(round(cell))
        return int(rounded) if rounded.is_integer() else rounded
    return cell
