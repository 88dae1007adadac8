"""Slices that nobody named: a small tree finds them on one half of the cases, and the other half tests them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.gate.again import CONFIRM, fresh_p
from passmuster.decide.gate.attributes import Question, questions
from passmuster.decide.gate.compared import Laid
from passmuster.decide.gate.flips import result
from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.phrases import points
from passmuster.decide.rates import rate_estimate
from passmuster.decide.seed import SEED
from passmuster.records.gate import GateLine
from passmuster.records.score import Estimate
from passmuster.records.task import Success
from passmuster.stats.families import benjamini_hochberg
from passmuster.stats.paired import paired_mean_interval, tango_interval
from passmuster.stats.signs import sign_flip_p

DEPTH = 3
MOST = 20_000
"""Cases that are searched; of more, so many are drawn: they find whatever matters, and all of them would take minutes to read."""
NO_FRESH: Mapping[str, float] = MappingProxyType({})
LEAF = 20
"""Cases that a leaf has at least, of those that the tree is fitted on; as many must test it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A slice that the tree made of what is known of cases, as a rule and as the cases that it holds for."""

    rule: str
    members: BoolArray


def discovered(
    main: Laid,
    rule: Success,
    false_discovery: float,
    fresh: Mapping[str, float] = NO_FRESH,
    seed: int = SEED,
) -> tuple[GateLine, ...]:
    """Return the slices on which the new version is worse that nobody named, the clearest first; often there is none.

    A tree of depth 3 with at least 20 cases a leaf is fitted to the change of each case on half of the cases, groups
    whole. Its leaves that got worse are tested on the other half by themselves, with groups, under Benjamini and Hochberg; the
    figures of a slice are of that half alone, so that they are not those that it was chosen by. Where its flips were asked
    again, the fresh answers must lean to worse as well. A found slice is to be looked
    into: it blocks nothing, as nobody said beforehand that it matters.

    Args:
        main: The cases that the figures are of.
        rule: When a trial is a success.
        false_discovery: The share of found slices that may be false; where nothing changed, the chance of any.
        fresh: Id of a flipped case -> how many more of its fresh answers are right; empty where none were asked for.
        seed: Which half is which.
    """
    old, new = result(main.old, rule), result(main.new, rule)
    change = new - old
    known = _drawn(~np.isnan(change), main.old.groups, seed)
    if known.sum() < 4 * LEAF or not (change[known] < 0).any():
        return ()
    fitted = _half(known, main.old.groups, seed)
    tested = known & ~fitted
    slices = [
        each
        for each in leaves(questions(main.cases, fitted, LEAF, known), change, fitted)
        if change[fitted & each.members].mean() < 0 and int((tested & each.members).sum()) >= LEAF
    ]
    groups = main.old.groups
    p_values = [_p(change, tested & each.members, groups) for each in slices]
    lines = [
        _line(each.rule, main, (old, new), tested & each.members, (p, adjusted))
        for each, p, adjusted in zip(slices, p_values, benjamini_hochberg(p_values), strict=True)
        if adjusted <= false_discovery and _lasts(fresh, main, each.members)
    ]
    return tuple(sorted(lines, key=lambda line: line.p or 0.0))


def _lasts(fresh: Mapping[str, float], main: Laid, members: BoolArray) -> bool:
    """Say whether the flips of a slice are not shown to be luck."""
    found = fresh_p(fresh, main.cases, members, main.old.groups)
    return found is None or found <= CONFIRM


def leaves(asked: Sequence[Question], change: FloatArray, fitted: BoolArray) -> list[Found]:
    """Return the leaves of the tree that tells best where results changed; none where it has only one.

    Args:
        asked: What the tree may ask.
        change: Of each case.
        fitted: The cases that it is fitted on.
    """
    from sklearn.tree import DecisionTreeRegressor  # noqa: PLC0415 - it takes a second to load

    if not asked:
        return []
    table = np.column_stack([each.holds for each in asked]).astype(np.float32)
    model = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=LEAF, random_state=0)
    model.fit(table[fitted], change[fitted])
    tree = model.tree_
    every = np.ones(len(change), dtype=np.bool_)
    return list(_leaves(asked, (tree.feature, tree.children_left, tree.children_right), every))


def _leaves(
    asked: Sequence[Question], tree: tuple[NDArray[np.int64], ...], members: BoolArray
) -> Iterator[Found]:
    feature, left, right = tree
    waiting: list[tuple[int, tuple[str, ...], BoolArray]] = [(0, (), members)]
    while waiting:
        node, path, inside = waiting.pop()
        if left[node] < 0:
            if path:
                yield Found(rule=" and ".join(path), members=inside)
            continue
        question = asked[feature[node]]
        waiting.append((int(left[node]), (*path, question.no), inside & ~question.holds))
        waiting.append((int(right[node]), (*path, question.yes), inside & question.holds))


def _drawn(known: BoolArray, groups: NDArray[np.int64] | None, seed: int) -> BoolArray:
    """Return as many of the cases as are searched, groups whole."""
    size = int(known.sum())
    if size <= MOST:
        return known
    generator = np.random.default_rng(seed + 1)
    units = np.arange(known.size) if groups is None else groups
    names = np.unique(units[known])
    chosen = generator.permutation(names)[: max(1, len(names) * MOST // size)]
    return known & np.isin(units, chosen)


def _half(known: BoolArray, groups: NDArray[np.int64] | None, seed: int) -> BoolArray:
    """Return half of the cases, groups whole."""
    generator = np.random.default_rng(seed)
    units = np.arange(known.size) if groups is None else groups
    names = np.unique(units[known])
    chosen = generator.permutation(names)[: len(names) // 2]
    return known & np.isin(units, chosen)


def _p(change: FloatArray, inside: BoolArray, groups: NDArray[np.int64] | None) -> float:
    found = sign_flip_p(change[inside], None if groups is None else groups[inside])
    return 1.0 if found is None else found


def _line(
    rule: str,
    main: Laid,
    both: tuple[FloatArray, FloatArray],
    inside: BoolArray,
    tests: tuple[float, float],
) -> GateLine:
    old, new = (np.where(inside, each, np.nan) for each in both)
    change = _change(main.old, new - old, inside)
    moved = "?" if change.value is None else points(change.value)
    return GateLine(
        name="success",
        kind="quality",
        level="investigate",
        old=rate_estimate(old, main.old, 0),
        new=rate_estimate(new, main.new, 0),
        change=change,
        slice=rule,
        role="edge",
        p=tests[0],
        adjusted_p=tests[1],
        reason=f"found by a tree: {moved} points on {change.n:,} cases that it was not fitted on ({rule})",
        discovered=True,
    )


def _change(measured: Measured, change: FloatArray, inside: BoolArray) -> Estimate:
    own = change[inside]
    groups = None if measured.groups is None else measured.groups[inside]
    weights = None if measured.weights is None else measured.weights[inside]
    if groups is None and weights is None:
        ends, method = tango_interval(int((own > 0).sum()), int((own < 0).sum()), own.size), "Tango interval"
    else:
        ends = paired_mean_interval(own, clusters=groups, weights=weights) or (-1.0, 1.0)
        method = "paired t" + (", clustered by group" if groups is not None else "")
    return Estimate(
        value=float(np.average(own, weights=weights)),
        low=float(ends[0]),
        high=float(ends[1]),
        n=own.size,
        method=method,
    )
