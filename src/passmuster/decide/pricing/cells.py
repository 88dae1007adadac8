"""What every cell of one candidate costs, component by component; NaN is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from passmuster.decide.pricing.trial import TrialCost
from passmuster.records.costs import TOKEN_PARTS
from passmuster.stats.arrays import FloatArray

Reading: TypeAlias = Literal["expected", "best", "worst"]
"""What a reply whose correctness is not known counts for: the mean loss of the others, none, or a whole one."""

_NAN = float("nan")
_SPECIAL = TOKEN_PARTS[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a cell costs besides tokens, in US dollars.

    `calls` are further calls by name (NaN: unknown), `silent_failure` a wrong answer that nobody notices (None: no loss
    is stated), `review` all reviews that a trial can get, `labour` people's work. `volume` are tasks a month (None: not
    stated) and `peak` those of the busiest hour: machines and upkeep are shared by them.
    """

    calls: Mapping[str, float] = field(default_factory=dict)
    silent_failure: float | None = None
    review: float = 0.0
    labour: float = 0.0
    volume: int | None = None
    peak: float | None = None

    @property
    def event(self) -> float:
        """The most that what happens to some tasks only can add to one: reviews and an unnoticed wrong answer."""
        return self.review + (self.silent_failure or 0.0)


class TokenSheet:
    """The token part of the cells in the making, with what only some trials have."""

    def __init__(self, cells: int) -> None:
        self._tokens, self._input = np.full(cells, _NAN), np.full(cells, _NAN)
        # Nearly all stay 0, and memory that is never written to is never taken.
        self._some = {name: np.zeros(cells) for name in (*_SPECIAL, "retries", "review")}

    def enter(self, cell: int, cost: TrialCost) -> None:
        """Enter what a trial costs; its first entry counts."""
        if cost.review:
            self._some["review"][cell] = cost.review
        if cost.tokens is None:
            return
        self._tokens[cell] = cost.tokens
        if cost.retries:
            self._some["retries"][cell] = cost.retries
        if cost.parts is not None:
            self._input[cell] = cost.parts.input
            for name, value in zip(_SPECIAL, cost.parts[1:], strict=True):
                if value:
                    self._some[name][cell] = value

    def cells(self, shape: tuple[int, int], prices: Prices) -> "CostCells":
        """Return what was entered."""
        some = {name: values.reshape(shape) for name, values in self._some.items()}
        retries, review = some.pop("retries"), some.pop("review")
        return CostCells(
            tokens=self._tokens.reshape(shape),
            parts={"input": self._input.reshape(shape), **some},
            retries=retries,
            review=review,
            prices=prices,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCells:
    """US dollars of each case (rows) and repeat (columns).

    `parts` are those of the tokens, unknown where that of `input` is NaN; `retries` is a part of the tokens, too. `machine` is
    the share of the machines' time, `upkeep` that of what is paid whatever the volume; `silent` is 1 where a wrong answer goes unnoticed, 0 where not, NaN where that
    is not known; None where no loss is stated.
    """

    tokens: FloatArray
    parts: Mapping[str, FloatArray]
    retries: FloatArray
    review: FloatArray
    prices: Prices
    machine: FloatArray | float = 0.0
    upkeep: float = 0.0
    silent: FloatArray | None = None

    def components(self) -> dict[str, FloatArray]:
        """Return the components by name: they add up to the whole."""
        return {
            "tokens": self.tokens,
            "infrastructure": self._filled(self.machine),
            "calls": self._filled(sum(self.prices.calls.values())),
            "review": self.review,
            "labour": self._filled(self.prices.labour),
            "silent_failure": self.losses(),
            "upkeep": self._filled(self.upkeep),
        }

    def token_parts(self) -> dict[str, FloatArray]:
        """Return the parts of the tokens by name, NaN where only the sum is known."""
        known = np.where(np.isnan(self.parts["input"]), np.nan, 0.0)
        return {name: values + known for name, values in self.parts.items()}

    def marginal(self, reading: Reading = "expected") -> FloatArray:
        """Return what one more task costs, without machines and upkeep."""
        rest = self.tokens + self.review + (sum(self.prices.calls.values()) + self.prices.labour)
        return rest if self.silent is None else rest + self.losses(reading)

    def total(self, reading: Reading = "expected") -> FloatArray:
        """Return everything together; NaN as soon as one part is unknown."""
        return np.asarray(self.marginal(reading) + self.machine + self.upkeep)

    def events(self, reading: Reading = "expected") -> FloatArray:
        """Return the part that some tasks have and others not: reviews, and unnoticed wrong answers."""
        return self.review if self.silent is None else self.review + self.losses(reading)

    def losses(self, reading: Reading = "expected") -> FloatArray:
        """Return what wrong answers cost that nobody notices."""
        loss = self.prices.silent_failure
        if self.silent is None or loss is None:
            return self._filled(0.0)
        unknown = np.isnan(self.silent)
        if not unknown.any():
            return self.silent * loss
        share = {"best": 0.0, "worst": 1.0}.get(reading, _NAN)
        if reading == "expected" and not unknown.all():
            share = float(np.nanmean(self.silent))
        return np.where(unknown, share, self.silent) * loss

    def _filled(self, value: FloatArray | float) -> FloatArray:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), self.tokens.shape)
