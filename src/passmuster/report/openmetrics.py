"""The gate as OpenMetrics text, for GitLab's metrics report or a Prometheus that reads files.

The text follows OpenMetrics 1.0: families that begin with their type and unit, escaped labels, `# EOF` at the end. What
was not measured has no sample.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, get_args

from passmuster.records.gate import GateLine, GateReport, Level
from passmuster.records.score import Estimate
from passmuster.report.escape import visible
from passmuster.report.gate_entries import lasting
from passmuster.report.gate_words import regressed_count

_LONGEST = 200

_Sample: TypeAlias = tuple[Mapping[str, str], float | None]
"""The labels of a sample, and its value."""


def gate_metrics(report: GateReport) -> str:
    """Return the figures of the gate as OpenMetrics text; labels stay the same from run to run.

    Times are in seconds, costs in US dollars, changes of latency and cost and all shares are parts of one.

    Example:
        >>> from passmuster.records.gate import GatePolicy, GateReport, GateSide
        >>> side = GateSide(name="a", digest="0")
        >>> found = GateReport(schema_version=1, task="t", generated="", old=side, new=side, corpus="", cases=3,
        ...     level="pass", finding="noise", sentence="", policy=GatePolicy())
        >>> 'passmuster_gate_level{task="t",passmuster_gate_level="pass"} 1' in gate_metrics(found)
        True
    """
    task = {"task": _one_line(report.task)}
    lines: list[str] = []
    lines += _family(
        "passmuster_gate_level",
        "What the gate says of the change",
        _levels("passmuster_gate_level", task, report.level),
        kind="stateset",
    )
    lines += _family(
        "passmuster_gate_line_level",
        "What the gate says of each figure",
        [
            sample
            for row in _rows(report)
            if not row.sanity  # it is shown, and has no level
            for sample in _levels("passmuster_gate_line_level", {**task, **_labels(row)}, row.level)
        ],
        kind="stateset",
    )
    for name, text, samples in _figures(report, task):
        lines += _family(name, text, samples)
    for name, text, value, unit in _facts(report):
        lines += _family(name, text, [(task, value)], unit=unit)
    counted = [({**task, "change": change}, float(count)) for change, count in report.changes.items()]
    lines += _family("passmuster_gate_changed_cases", "Cases whose result changed", counted)
    return "\n".join([*lines, "# EOF"]) + "\n"


def _figures(report: GateReport, task: Mapping[str, str]) -> Iterator[tuple[str, str, list[_Sample]]]:
    """Yield the families of the rows; a unit in the name of one would be wrong for some of them."""
    sides: list[_Sample] = []
    changes: list[_Sample] = []
    for row in _rows(report):
        labels = {**task, **_labels(row)}
        sides += [
            ({**labels, "side": "old"}, row.old.value),
            ({**labels, "side": "new"}, row.new.value),
        ]
        changes += [({**labels, "bound": bound}, value) for bound, value in _bounds(row.change)]
    yield "passmuster_gate_figure", "A figure of the old and of the new version", sides
    yield "passmuster_gate_change", "By how much a figure changed, with its 95% interval", changes


def _facts(report: GateReport) -> Iterator[tuple[str, str, float | None, str]]:
    floor = report.floor
    yield "passmuster_gate_cases", "Cases that both versions answered", float(report.cases), ""
    lost = regressed_count(report)
    yield "passmuster_gate_regressed_cases", "Cases that the new version fails for good", _number(lost), ""
    known = bool(report.modes) and not any(mode.untested for mode in report.modes)
    failed = sum(len(mode.failed) for mode in report.modes) if known else None
    yield "passmuster_gate_failed_regression_cases", "Regression cases that fail", _number(failed), ""
    days = report.old.age_days
    age = None if days is None else days * 86_400
    yield "passmuster_gate_baseline_age_seconds", "Age of the old results", age, "seconds"
    rate = None if floor is None else floor.flip_rate.value
    yield "passmuster_gate_noise_ratio", "Cases that flip without any change", rate, "ratio"
    churn = None if floor is None else floor.churn.value
    yield "passmuster_gate_churn_ratio", "Cases that flipped beyond the noise", churn, "ratio"


def _number(count: int | None) -> float | None:
    return None if count is None else float(count)


def _rows(report: GateReport) -> tuple[GateLine, ...]:
    """Return the rows, each under labels of its own: a sample must not stand twice."""
    unique = {tuple(_labels(row).items()): row for row in reversed((*report.lines, *report.slices))}
    return tuple(reversed(unique.values()))


def _labels(row: GateLine) -> dict[str, str]:
    named = {"kind": row.kind, "figure": _one_line(row.name)}
    return named if row.slice is None else {**named, "slice": _one_line(row.slice)}


def _one_line(text: str) -> str:
    """Return a label's value, harmless; two long ones that begin alike stay two."""
    shown = visible(text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown} {lasting(text)[:8]}"


def _levels(name: str, labels: Mapping[str, str], level: Level) -> list[_Sample]:
    return [({**labels, name: each}, 1.0 if each == level else 0.0) for each in get_args(Level)]


def _bounds(figure: Estimate) -> Iterator[tuple[str, float | None]]:
    yield "value", figure.value
    yield "low", figure.low
    yield "high", figure.high


def _family(
    name: str, text: str, samples: Sequence[_Sample], *, kind: str = "gauge", unit: str = ""
) -> list[str]:
    """Return the lines of a family; none where there is no sample."""
    known = [(labels, value) for labels, value in samples if value is not None and math.isfinite(value)]
    if not known:
        return []
    lines = [f"# TYPE {name} {kind}"]
    lines += [f"# UNIT {name} {unit}"] if unit else []
    lines.append(f"# HELP {name} {text}.")
    return lines + [f"{name}{_braced(labels)} {value:.10g}" for labels, value in known]


def _braced(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items()) + "}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
