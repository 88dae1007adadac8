"""The key `leaderboards` of a project file: public tables, and what their names do not tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from passmuster.project.fields import Name
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardSettings(Record):
    """Public tables of scores: a filter before, and held against the own task after; never part of a verdict."""

    tables: Annotated[
        tuple[Name, ...], Field(description="files of public tables: *.csv, *.jsonl, *.json, *.yml")
    ] = ()
    names: Annotated[
        Mapping[str, tuple[str, ...]],
        Field(description="candidate -> its name in tables, or a list of them; null: it is in none"),
    ] = field(default_factory=dict)
    columns: Annotated[
        Mapping[str, Literal["higher", "lower", "ignore"]],
        Field(description="column -> which end is better, or `ignore`"),
    ] = field(default_factory=dict)
