"""The rows of latency: a rise is blocked where it is there in most blocks of a run, and not in a single noisy one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from passmuster.decide.gate.drafts import Draft, fixed
from passmuster.decide.gate.levels import near_limit
from passmuster.decide.gate.load import Verdict, comparable, seconds_of, timed_cells
from passmuster.decide.gate.sides import Sides
from passmuster.decide.gate.words import moved
from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.phrases import counted
from passmuster.decide.rates import quantile_estimate
from passmuster.records.gate import GateLine, GatePolicy
from passmuster.records.score import Estimate
from passmuster.stats.arrays import IntArray
from passmuster.stats.clusters import student_tail
from passmuster.stats.quantiles import smallest_n
from passmuster.stats.student import student_quantile

QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
FIRST_TOKEN = {"first_token_p50": 0.5, "first_token_p95": 0.95}
FEWEST = 5
"""Times in each block from which its median is measurable."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The logs of new over old in the order of time: of each block, and of the `parts` (its halves) that are tested."""

    logs: FloatArray
    parts: FloatArray

    @property
    def ratios(self) -> tuple[float, ...]:
        """New over old of each block."""
        return tuple(float(np.exp(each)) for each in self.logs)

    def p_values(self, limit: float) -> tuple[float, float]:
        """Return the p-values of "it did not rise" and of "it rose by the limit or more", by t over the parts."""
        known = self.parts
        error, degrees = _error(known), np.array(known.size - 1.0)
        mean = float(known.mean())
        return tuple(  # type: ignore[return-value]  # two of them
            float(student_tail(np.array(_rounded(distance)), error, degrees))
            for distance in (mean, np.log1p(limit) - mean)
        )

    def change(self, cells: int) -> Estimate:
        """Return by which part it rose, on average over the blocks."""
        known = self.parts
        mean, error = float(known.mean()), float(_error(known))
        half = student_quantile(0.975, max(1, known.size - 1)) * error
        ends = (
            (None, None)
            if not np.isfinite(half)
            else tuple(float(np.expm1(mean + way * half)) for way in (-1, 1))
        )
        method = f"t over {known.size} parts of the log of the ratio"
        return Estimate(value=float(np.expm1(mean)), low=ends[0], high=ends[1], n=cells, method=method)


def _error(values: FloatArray) -> FloatArray:
    if values.size < 2:
        return np.array(np.inf)
    spread = float(values.std(ddof=1)) / values.size**0.5
    return np.array(spread if spread > _ROUNDING else 0.0)


def _rounded(distance: float) -> float:
    return 0.0 if abs(distance) < _ROUNDING else float(distance)


def latency_drafts(
    sides: Sides, policy: GatePolicy, alpha: float, *, changed: bool
) -> tuple[list[Draft], tuple[str, ...]]:
    """Return the rows of the times that can be measured, and what a reader must know of those that cannot.

    The replies that both versions have a time of are parted by the time at which the new version was asked into as many
    blocks as the policy says; the same replies of the old version are held against them. A rise is shown by t over the logs
    of the ratios of halves of blocks, corrected over all rows of the gate; see `docs/design/gate.md`.

    Args:
        sides: Both versions.
        policy: The limit, and the blocks.
        alpha: The level at which a rise is shown.
        changed: Whether what decides the replies is another, and not only the time at which they were asked.
    """
    some = [bool(((seconds_of(item) > 0) & item.asked).any()) for item in (sides.old, sides.new)]
    if not any(some):
        return [], ("Neither version has times: latency is not compared.",)
    names = {name: q for name, q in (QUANTILES | FIRST_TOKEN).items() if _has(sides, name)}
    if not all(some):
        which = "new" if some[0] else "old"
        return [fixed(_unknown(sides, "latency_p50", f"the {which} version has no times"))], ()
    verdict = comparable(sides, changed=changed)
    if verdict.level is not None:
        return [fixed(_refused(sides, name, q, verdict)) for name, q in names.items()], ()
    return _compared(sides, names, (policy, alpha), verdict.notes)


def _has(sides: Sides, name: str) -> bool:
    """Say whether a row is worth having: first tokens only where either version streamed."""
    if name in QUANTILES:
        return True
    return any(bool((~np.isnan(item.first_tokens())).any()) for item in (sides.old, sides.new))


def _compared(
    sides: Sides, names: dict[str, float], rule: tuple[GatePolicy, float], notes: Sequence[str]
) -> tuple[list[Draft], tuple[str, ...]]:
    told, drafts, policy = list(notes), [], rule[0]
    for name, q in names.items():
        cells = timed_cells(sides, first_token=name in FIRST_TOKEN)
        n, needed = int(cells.sum()), max(smallest_n(q), FEWEST * policy.blocks)
        if n >= needed:
            blocks = blocks_of(sides, cells, q, policy.blocks, first_token=name in FIRST_TOKEN)
            line = _line(sides, name, q, cells)
            p = blocks.p_values(policy.latency)[0]
            drafts.append(Draft(p=p, finish=partial(_levelled, line, blocks, rule)))
        elif name in ("latency_p50", "first_token_p50"):
            why = f"{counted(n, 'time')} of both versions, {needed:,} are needed for {policy.blocks} blocks"
            drafts.append(fixed(replace(_unknown(sides, name, why), more_cases=needed - n)))
        else:
            told.append(
                f"{name} is not measurable: {counted(n, 'time')} of both versions, {needed:,} are needed."
            )
    if drafts and not _times_known(sides):
        told.append("The new version did not record when it was asked: blocks are of cases in their order.")
    return drafts, tuple(told)


def blocks_of(sides: Sides, cells: BoolArray, q: float, blocks: int, *, first_token: bool = False) -> Blocks:
    """Return new over old of a quantile in each of so many blocks of the same replies, in the order of time.

    Args:
        sides: Both versions.
        cells: The cells with a time of both.
        q: The quantile.
        blocks: How many blocks, of as equal a size as can be.
        first_token: Whether times are those to the first token.
    """
    old, new = (seconds_of(item, first_token=first_token)[cells] for item in (sides.old, sides.new))
    loads = sides.new.columns.loads
    order = np.arange(old.size) if loads is None else np.argsort(loads.started[cells], kind="stable")
    weights = sides.new.weights
    own = None if weights is None else np.broadcast_to(weights[:, None], cells.shape)[cells]

    def ratio(part: IntArray) -> float:
        """Return the log of new over old."""
        return float(np.log(_quantile(new[part], q, own, part)) - np.log(_quantile(old[part], q, own, part)))

    whole = np.array_split(order, blocks)
    halves = [half for part in whole for half in np.array_split(part, 2)]
    logs = np.array([ratio(part) for part in whole])
    parts = np.array([ratio(part) for part in halves]) if len(order) >= 2 * FEWEST * blocks else logs
    return Blocks(logs=logs, parts=parts)


def _quantile(times: FloatArray, q: float, weights: FloatArray | None, part: IntArray) -> float:
    """Return the quantile of a block's times, between two of them where it falls so."""
    if weights is None:
        return float(np.quantile(times, q))
    order = np.argsort(times)
    own = weights[part][order]
    places = (np.cumsum(own) - own / 2) / own.sum()
    return float(np.interp(q, places, times[order]))


def _times_known(sides: Sides) -> bool:
    loads = sides.new.columns.loads
    return loads is not None and bool((~np.isnan(loads.started)).any())


def _levelled(
    line: GateLine, blocks: Blocks, rule: tuple[GatePolicy, float], adjusted: float | None
) -> GateLine:
    policy, alpha = rule
    p, p_block = blocks.p_values(policy.latency)
    change = blocks.change(line.change.n)
    risen = [each for each in blocks.ratios if near_limit(each - 1, policy.latency)]
    shown, excluded = adjusted is not None and adjusted <= alpha, p_block <= alpha
    sustained = len(risen) >= policy.sustained
    line = replace(
        line, change=change, p=p, adjusted_p=adjusted, p_block=p_block, blocks=blocks.ratios, level="pass"
    )
    where = f"in {len(risen)} of {len(blocks.ratios)} blocks"
    by = f"{policy.latency:.0%}"
    if excluded:
        told = f"a rise of {by} is excluded" + (", though a rise is shown" if shown else "")
    elif shown and sustained:
        line = replace(line, level="block")
        told = f"a rise is shown, it is there {where}, and one of {by} is not excluded"
    elif shown or (sustained and near_limit(change.value or 0.0, policy.latency)):
        line = replace(line, level="investigate")
        told = f"a rise is there {where}" + ("" if sustained else ", which is not sustained")
        told += ", and shown" if shown else "; it is not shown, and may be chance"
    else:
        told = f"no rise is shown; it is there {where}"
    return replace(line, reason=f"{moved(line, share=False)}: {told}")


def _line(sides: Sides, name: str, q: float, cells: BoolArray) -> GateLine:
    old, new = (_estimate(sides, name, q, side, cells) for side in ("old", "new"))
    return GateLine(
        name=name,
        kind="latency",
        level="undecided",
        old=old,
        new=new,
        change=Estimate(value=None, n=int(cells.sum()), method="not compared"),
        direction="lower",
    )


def _estimate(sides: Sides, name: str, q: float, side: str, cells: BoolArray | None) -> Estimate:
    item = sides.old if side == "old" else sides.new
    seconds = item.first_tokens() if name in FIRST_TOKEN else item.latencies()
    if cells is not None:
        seconds = np.where(cells.any(axis=1), seconds, np.nan)
    found = quantile_estimate(seconds, q, item)
    return replace(found, n_missing=max(0, sides.cases - found.n))


def _refused(sides: Sides, name: str, q: float, verdict: Verdict) -> GateLine:
    line = _line(sides, name, q, timed_cells(sides))
    level = verdict.level or "refused"
    old, new = (_estimate(sides, name, q, side, None) for side in ("old", "new"))
    return replace(line, old=old, new=new, level=level, counts_as=verdict.counts_as, reason=verdict.reason)


def _unknown(sides: Sides, name: str, why: str) -> GateLine:
    q = (QUANTILES | FIRST_TOKEN)[name]
    old, new = (_estimate(sides, name, q, side, None) for side in ("old", "new"))
    line = _line(sides, name, q, timed_cells(sides))
    return replace(line, old=old, new=new, reason=why)
