"""Is the reply a table with the columns that were asked for: `table`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Step, normalise
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.structure.tables import Form, Table, in_fence, read_csv, read_markdown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumns(Record):
    r"""1 where the reply is a table whose required columns stand in order and whose rows fit them, else 0.

    `form` is `csv` or `markdown`; of `columns` none may be missing, and others may stand between them unless
    `only` these are allowed. `normalise` says what does not count in the names of columns. `rows` is the least
    number of rows. `fenced` also takes a table in a ``` fence, `among_words` a Markdown table with words around.

    Example:
        >>> metric = TableColumns(form="csv", columns=("name", "price"))
        >>> metric.score(Case(id="1", input=""), Reply(text="price,name\n3,tea")).details["parts"]
        {'table': 1, 'columns': 1, 'order': 0, 'rows': 1}
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "table"
    form: Form
    columns: tuple[str, ...] = ()
    only: bool = False
    normalise: tuple[Step, ...] = ()
    rows: int = 1
    delimiter: str = ","
    fenced: bool = False
    among_words: bool = False

    def __post_init__(self) -> None:
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\\ ':
            raise ConfigurationError(
                f"{self.delimiter!r} is no delimiter", hint='one character, such as ";" or a tab'
            )
        if self.among_words and self.form == "csv":
            raise ConfigurationError("among_words is for Markdown: CSV has no end", hint="fenced: true")

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with a part for the table, its columns, their order and its rows."""
        del case
        table = self._table(reply.text)
        if isinstance(table, Unreadable):
            parts = {"table": 0, "columns": 0, "order": 0, "rows": 0}
            return Score(
                value=0.0, details={"parts": parts, "unreadable": True, "reason": shown(table.reason)}
            )
        asked = [normalise(name, self.normalise) for name in self.columns]
        there = [normalise(name, self.normalise) for name in table.columns]
        missing = [name for name in asked if name not in there]
        others = [name for name in there if name not in asked]
        repeated = [name for name, times in Counter(there).items() if times > 1]
        uneven = [number for number, row in enumerate(table.rows, start=1) if len(row) != len(there)]
        parts = {
            "table": 1,
            "columns": int(not missing and not (self.only and others) and not repeated),
            "order": int(_in_order(asked, there)),
            "rows": int(not uneven and len(table.rows) >= self.rows),
        }
        details: dict[str, Json] = {
            "parts": parts,
            "columns": [shown(name) for name in table.columns[:SHOWN]],
        }
        if missing:
            details["missing"] = [shown(name) for name in missing[:SHOWN]]
        if self.only and others:
            details["others"] = [shown(name) for name in others[:SHOWN]]
        if repeated:
            details["repeated"] = [shown(name) for name in repeated[:SHOWN]]
        if not parts["rows"]:
            details |= {"row_count": len(table.rows), "uneven_rows": uneven[:SHOWN]}
        return Score(value=float(all(parts.values())), details=details)

    def _table(self, text: str) -> Table | Unreadable:
        inside = in_fence(text) if self.fenced else None
        body = text if inside is None else inside
        table = read_csv(body, self.delimiter) if self.form == "csv" else read_markdown(body)
        if isinstance(table, Table) and table.words and not self.among_words:
            return Unreadable(reason="words stand around the table")
        return table


def _in_order(asked: Sequence[str], there: Sequence[str]) -> bool:
    """Return whether the first column of each asked name stands behind that of the name before."""
    places = {name: place for place, name in reversed(list(enumerate(there)))}
    found = [places.get(name, -1) for name in asked]
    return -1 not in found and found == sorted(found)
