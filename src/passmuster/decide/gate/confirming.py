"""Alarms that fresh answers must confirm: a row that was chosen because its cases flipped says too much."""

from collections.abc import Sequence
from dataclasses import replace

from passmuster.decide.gate.again import CONFIRM, fresh_p
from passmuster.decide.gate.compared import Compared
from passmuster.decide.gate.levels import Evidence, drop_level
from passmuster.decide.gate.sides import Sides
from passmuster.decide.gate.slices import slices_of
from passmuster.decide.success import success_rule
from passmuster.records.gate import GateLine


def confirmed(
    compared: Compared, main: Sides, lines: Sequence[GateLine], slices: Sequence[GateLine]
) -> tuple[tuple[GateLine, ...], tuple[GateLine, ...]]:
    """Return the rows of quality, those on the metric that tells a success only as far as fresh answers confirm them.

    Where every flip was asked again of both versions, a drop counts as shown where what was said first shows it (corrected for
    how many rows were looked at) and the fresh answers to the flips among these cases lean to worse as well. An alarm
    needs both, so that there are never more false ones than the first has. Rows of other metrics, and slices of cases that are measured apart, stay as they are.

    Args:
        compared: Both versions.
        main: The same on the cases that the figures are of.
        lines: The rows of all cases.
        slices: The rows of slices.
    """
    fresh = compared.triage.fresh
    if not fresh:
        return tuple(lines), tuple(slices)
    name, cases, groups = success_rule(compared.task).metric, compared.main.cases, compared.main.old.groups
    whole = fresh_p(fresh, cases, None, groups)
    members = {each.name: each.members for each in slices_of(compared, main) if each.sides is main}
    found = [line if line.name != name else _line(line, whole, compared) for line in lines]
    parts = [
        line
        if line.name != name or line.slice not in members
        else _slice(line, fresh_p(fresh, cases, members[line.slice], groups), compared)
        for line in slices
    ]
    return tuple(found), tuple(parts)


def _line(line: GateLine, p_fresh: float | None, compared: Compared) -> GateLine:
    alpha = compared.task.alpha
    if line.sanity or p_fresh is None or p_fresh <= CONFIRM or not _shown(line, alpha):
        return line
    adjusted = _raised(p_fresh, alpha)
    evidence = Evidence(adjusted=adjusted, investigate=line.p_investigate, block=line.p_block)
    return replace(line, level=drop_level(evidence, alpha), adjusted_p=adjusted, reason=_told(line, p_fresh))


def _slice(line: GateLine, p_fresh: float | None, compared: Compared) -> GateLine:
    level = compared.task.gate.false_discovery
    if p_fresh is None or p_fresh <= CONFIRM or not _shown(line, level):
        return line
    missing = (
        line.old.value is None or line.new.value is None
    )  # fresh answers are no scores of the run itself
    return replace(
        line,
        level="undecided" if missing else "pass",
        adjusted_p=_raised(p_fresh, level),
        reason=_told(line, p_fresh),
    )


def _shown(line: GateLine, level: float) -> bool:
    return line.adjusted_p is not None and line.adjusted_p <= level


def _raised(p_fresh: float, level: float) -> float:
    """Return a p-value above the level: the one of the fresh answers, on the scale on which `CONFIRM` is the level."""
    return min(1.0, p_fresh * level / CONFIRM)


def _told(line: GateLine, p_fresh: float) -> str:
    return f"{line.reason}; asked again, the cases that flipped do not confirm it (p = {p_fresh:.2g})"
