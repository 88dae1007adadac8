"""Several judges of one reply: how their values become one, and how far they agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.records.record import Json, Record
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome

PanelRule: TypeAlias = Literal["mean", "median", "majority"]

PANEL_SPLIT = "panel_split"
"""The kind of score failure of a panel in which no value has a majority."""

MOST_JUDGES = 20


def members(asks: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the judges."""
    return (asks,) if isinstance(asks, str) else asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Record):
    """One judge or several, and how their values become one.

    Of `at_least` judges the verdict must have been readable; default: of more than half. `split` is the value where none
    has a majority; None: there is no value.

    Raises:
        ConfigurationError: for nobody, somebody twice, and for more readable judges than there are.

    Example:
        >>> panel = Panel(judges=("a", "b", "c"), rule="majority")
        >>> panel.together([1.0, 0.0, 1.0]).value
        1.0
    """

    judges: tuple[str, ...]
    rule: PanelRule
    at_least: int | None = None
    split: float | None = None

    def __post_init__(self) -> None:
        names = self.judges
        if not names or len(names) > MOST_JUDGES or not all(names):
            raise ConfigurationError(f"asks: 1 to {MOST_JUDGES} scorers judge a reply, not {len(names)}")
        if len(set(names)) < len(names):
            raise ConfigurationError(f"asks: a scorer is named twice: {', '.join(names)}")
        if self.at_least is not None and not 1 <= self.at_least <= len(names):
            raise ConfigurationError(f"at_least: {self.at_least} of {len(names)} judges cannot be readable")

    @property
    def whole(self) -> bool:
        """Whether its value is always one that a judge gave."""
        return len(self.judges) == 1 or self.rule == "majority"

    def together(self, values: Sequence[float | ScoreFailure]) -> ScoreOutcome:
        """Return the one value, with what each judge said in its details; what failed where too few were readable."""
        said = dict(zip(self.judges, values, strict=False))
        read = {name: value for name, value in said.items() if not isinstance(value, ScoreFailure)}
        failed = {name: value for name, value in said.items() if isinstance(value, ScoreFailure)}
        needed = self.at_least or len(self.judges) // 2 + 1
        if len(read) < needed:
            return self._failure(failed, needed)
        if len(self.judges) == 1:
            return Score(value=next(iter(read.values())))
        value = self._one(list(read.values()))
        if value is None:
            told = ", ".join(f"{name} {each:g}" for name, each in read.items())
            return ScoreFailure(kind=PANEL_SPLIT, message=f"no value has a majority: {told}")
        return Score(value=value, details=_details(read, failed))

    def _one(self, values: Sequence[float]) -> float | None:
        if self.rule == "mean":
            return sum(values) / len(values)
        if self.rule == "median":
            return median(values)
        value, times = Counter(values).most_common(1)[0]
        return value if 2 * times > len(values) else self.split

    def _failure(self, failed: dict[str, ScoreFailure], needed: int) -> ScoreFailure:
        first = next(iter(failed.values()), None)
        if first is None:
            return ScoreFailure(kind="error", message=f"no answer came from {', '.join(self.judges)}")
        if len(self.judges) == 1:
            return first
        told = "; ".join(f"{name}: {each.kind}" for name, each in failed.items())
        left = len(self.judges) - len(failed)
        message = (
            f"{left} of {len(self.judges)} judges could be read, {needed} are needed; {told}; {first.message}"
        )
        return ScoreFailure(kind=first.kind, message=message)


def _details(read: dict[str, float], failed: dict[str, ScoreFailure]) -> dict[str, Json]:
    values = list(read.values())
    pairs = list(combinations(values, 2))
    details: dict[str, Json] = {"panel": dict(read)}
    if pairs:
        details["agreement"] = sum(one == other for one, other in pairs) / len(pairs)
        details["spread"] = max(values) - min(values)
    if failed:
        details["unread"] = {name: f"{each.kind}: {each.message}" for name, each in failed.items()}
    return details
