"""Build, fine-tune or buy: what candidates cost a month at any volume, and where one becomes cheaper than another."""

from collections.abc import Mapping
from dataclasses import dataclass

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffReport(Record):
    """What a candidate costs a month: `fixed` and `per_task` US dollars, and machines where it runs on its own.

    A machine costs `machine` US dollars a month and takes up to `tasks` tasks of it at the peak; at least `least` run.
    `low` and `high` are the 95% interval of `per_task`.
    """

    name: str
    per_task: float
    low: float | None
    high: float | None
    fixed: float
    machine: float = 0.0
    tasks: float | None = None
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven(Record):
    """From which volume, in tasks a month, `name` is cheaper than `than`; None where it is at none.

    `low` and `high` are the 95% interval of `volume` over the draws that have one, `share` is that of draws that do.
    Machines come whole, so it may become dearer again: it is cheaper at every volume from `settled` on. `jump` is
    whether the costs cross where a machine of `than` is added, and are not equal there.
    """

    name: str
    than: str
    volume: float | None
    low: float | None
    high: float | None
    share: float
    settled: float | None
    jump: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenReport(Record):
    """Cost a month over volume: `costs` and the probability to be `cheapest` of each candidate at each of `volumes`.

    `volume` is that of the project. Left out are candidates in `left_out`, each with why.
    """

    tariffs: tuple[TariffReport, ...]
    volume: float | None
    volumes: tuple[float, ...]
    costs: Mapping[str, tuple[float, ...]]
    cheapest: Mapping[str, tuple[float, ...]]
    points: tuple[BreakEven, ...]
    draws: int
    left_out: Mapping[str, str]
    sentence: str
