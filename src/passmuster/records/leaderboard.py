"""Public leaderboards: tables of other people's scores of models, on other people's tasks.

They filter candidates before anything is asked, and are held against the own task afterwards. They are no measurement
of the own task, so their role is `sanity`: shown, and no part of a verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Direction

MatchHow: TypeAlias = Literal["stated", "exact", "normalised", "ambiguous", "proposed", "none"]
"""How a candidate was found in a table.

`stated` by the project file, `exact` by its name or model, `normalised` whatever upper and lower case, separators and
the company before it; `ambiguous` with several models so, `proposed` with one that is near: neither of the two is taken.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicColumn(Record):
    """A column of numbers: `direction` says which end is better, None where nobody knows; it is for sanity only.

    `n` of its cells hold a number; `unrecorded` of them were 0 where 0 means "not recorded", and count as missing.
    `share` is whether its values are shares, in percent or not.
    """

    name: str
    direction: Direction | None
    n: int
    unrecorded: int = 0
    share: bool = False
    role: Literal["sanity"] = "sanity"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigure(Record):
    """A public score, with the table's own 95% interval where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRow(Record):
    """A model of a table: its figures by column, its texts by column, and on how many cases it was scored."""

    model: str
    figures: Mapping[str, PublicFigure]
    texts: Mapping[str, str] = field(default_factory=dict)
    cases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTable(Record):
    """A leaderboard: one row for each model, the first column that counts as `lead`.

    `rows_read` is how many the file has; `notes` say what was done with it.
    """

    name: str
    path: str
    columns: tuple[PublicColumn, ...]
    rows: tuple[PublicRow, ...]
    lead: str | None
    rows_read: int
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> PublicColumn | None:
        """Return a column of numbers by its name; None where there is none."""
        return next((each for each in self.columns if each.name == name), None)

    def values(self, column: str) -> dict[str, float]:
        """Return the figures of a column by model."""
        return {row.model: row.figures[column].value for row in self.rows if column in row.figures}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMatch(Record):
    """Who a candidate is in a table: `model` where that is settled, else the `possible` ones."""

    candidate: str
    table: str
    how: MatchHow
    model: str | None = None
    possible: tuple[str, ...] = ()
