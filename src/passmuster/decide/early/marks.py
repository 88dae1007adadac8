"""The caveat on every figure of a candidate that was asked only a part of its cases."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from passmuster.records.comparison import CandidateReport, PopulationReport
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.records.stopped import STOPPED_EARLY

R = TypeVar("R", bound=Record)


def with_caveat(report: CandidateReport, note: str) -> CandidateReport:
    """Return a row whose times, failures, costs and parts of scores say on which cases they rest.

    Their intervals stay those for a number of cases fixed beforehand: only those of scores hold at every look.
    """
    return replace(
        report,
        latency=_noted(report.latency, note),
        cost=_noted(report.cost, note),
        failures=_noted(report.failures, note),
        parts=_noted_value(report.parts, note),
        counts=_noted_value(report.counts, note),
        judged=_noted_value(report.judged, note),
    )


def apart_with_caveat(report: PopulationReport, cut: Collection[str]) -> PopulationReport:
    """Return the figures of cases measured apart, those of a candidate that was stopped among them with their caveat."""
    return replace(
        report,
        candidates=tuple(
            replace(
                _noted(row, f"{STOPPED_EARLY}: {row.failures.n:,} of {report.cases:,} cases"), outcomes=None
            )
            if row.candidate in cut and row.failures.n_missing
            else row
            for row in report.candidates
        ),
    )


def _noted(record: R, note: str) -> R:
    names = [each.name for each in fields(record)]  # type: ignore[arg-type]  # every subclass of Record is a dataclass
    found = {name: getattr(record, name) for name in names}
    changed = {name: _noted_value(value, note) for name, value in found.items()}
    return replace(record, **changed)  # type: ignore[type-var]  # as above


def _noted_value(value: Any, note: str) -> Any:
    if isinstance(value, Estimate):
        said = note if value.note is None else f"{note}; {value.note}"
        return value if value.value is None else replace(value, note=said)
    if isinstance(value, Record):
        return _noted(value, note)
    if isinstance(value, Mapping):
        return {name: _noted_value(each, note) for name, each in value.items()}
    return tuple(_noted_value(each, note) for each in value) if isinstance(value, tuple) else value
