"""Does the answer meet the checks that its case carries: `checks`."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import inf, isfinite
from typing import ClassVar, Literal, TypeAlias

from passmuster.errors import ConfigurationError
from passmuster.metrics.endings.graceful_failure import GracefulFailure
from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds, Metric, Summary, no_reference, shown
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case, CaseCheck, Expect
from passmuster.records.digest import canonical
from passmuster.records.outcomes import EndingKind
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

Builder: TypeAlias = Callable[[CaseCheck], Metric]
Standing: TypeAlias = Literal["met", "unmet", "unknown"]

BUILT = 1024
"""Metrics of checks that are kept made; each case may have its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Record):
    """One check of one reply: whether it is met, by which value, or why that is not known."""

    name: str
    weight: float
    standing: Standing
    value: float | None
    failure: ScoreFailure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks(Record):
    """1 where the reply meets the checks of its case, else 0, with the names of those that it does not meet.

    A case without checks that expects another ending than an answer is scored by `graceful_failure`, any other by
    `otherwise`.

    Args:
        otherwise: Checks of the cases that carry none, such as `[exact_match]`.
        share: The share of the weight that must be met; 1 is all of it.
        graded: Whether the value is the share that is met, rather than 1 or 0.
        accept: As for `graceful_failure`: which endings count for an expected one.
        patterns: As for `graceful_failure`: signs of endings of the task's own.

    Example:
        >>> case = Case(id="1", input="", reference="yes", checks=(CaseCheck(metric="exact_match"),))
        >>> Checks().score(case, Reply(text="no")).details["unmet"]
        ['exact_match']
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    summary: ClassVar[Summary] = "parts"

    name: str = "checks"
    otherwise: tuple[str | Mapping[str, Json], ...] = ()
    share: float = 1.0
    graded: bool = False
    accept: Mapping[Expect, tuple[EndingKind, ...]] = field(default_factory=dict)
    patterns: Mapping[EndingKind, tuple[str, ...]] = field(default_factory=dict)
    _build: Builder = field(
        init=False,
        repr=False,
        compare=False,
        default=lambda check: built(check),  # noqa: PLW0108 - it is defined below
    )
    _default: tuple[CaseCheck, ...] = field(init=False, repr=False, compare=False, default=())
    _graceful: GracefulFailure = field(init=False, repr=False, compare=False, default_factory=GracefulFailure)

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ConfigurationError(f"share: {self.share:g} is not above 0 and at most 1")
        graceful = GracefulFailure(accept=self.accept, patterns=self.patterns)
        object.__setattr__(self, "_graceful", graceful)
        object.__setattr__(self, "_default", tuple(map(_check, self.otherwise)))

    @property
    def binary(self) -> bool:
        """Whether each value is 0 or 1."""
        return not self.graded

    def verify(self) -> None:
        """Make the metrics of the checks of cases that carry none.

        Raises:
            ConfigurationError: for an unknown metric or option.
        """
        for check in self._default:
            self._build(check)

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """The metrics of `otherwise`."""
        return tuple(check.metric for check in self._default)

    def metric_of(self, check: CaseCheck) -> Metric:
        """Return the metric of a check.

        Raises:
            ConfigurationError: for an unknown metric or option.
        """
        return self._build(check)

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0 (or the share), with a 1 or 0 for each check and the names of those that are not met."""
        if not case.checks:
            ending = self._graceful.score(case, reply)
            if not isinstance(ending, ScoreFailure) or ending.kind != NOT_APPLICABLE:
                return ending
        checks = case.checks or self._default
        if not checks:
            return no_reference(case)
        if not (
            min(check.weight for check in checks) >= 0 and 0 < sum(check.weight for check in checks) < inf
        ):
            message = f"the weights of the checks of case {case.id!r} are no weights"
            return ScoreFailure(kind="wrong_check", message=message)
        alone = replace(case, checks=())  # a metric that reads the checks of a case is one of them here
        results = [self._checked(check, alone, reply) for check in checks]
        return self._together(_named(results))

    def _checked(self, check: CaseCheck, case: Case, reply: Reply) -> Checked:
        name = check.name or check.metric
        try:
            metric = self._build(check)
        except ConfigurationError as error:
            wrong = ScoreFailure(kind="wrong_check", message=f"check {shown(name)}: {error.message}")
            return Checked(name=name, weight=check.weight, standing="unknown", value=None, failure=wrong)
        own = case if check.reference is None else replace(case, reference=check.reference)
        outcome = metric.score(own, reply)
        standing, failure = _standing(check, metric, outcome)
        value = outcome.value if isinstance(outcome, Score) else None
        return Checked(name=name, weight=check.weight, standing=standing, value=value, failure=failure)

    def _together(self, results: Sequence[Checked]) -> ScoreOutcome:
        """Return the score, unless what is not known decides it."""
        whole = sum(result.weight for result in results)
        least = sum(result.weight for result in results if result.standing == "met") / whole
        unknown = [result.failure for result in results if result.failure is not None]
        most = least + sum(result.weight for result in results if result.failure is not None) / whole
        decided = least >= self.share - _ROUNDING or most < self.share - _ROUNDING
        if unknown and (self.graded or not decided):
            return unknown[0]
        value = least if self.graded else float(least >= self.share - _ROUNDING)
        return Score(
            value=min(1.0, value),
            details={
                "parts": {r.name: int(r.standing == "met") for r in results if r.failure is None},
                "unmet": [r.name for r in results if r.standing == "unmet"],
                "values": {r.name: r.value for r in results if r.value is not None},
                "share": least,
            },
        )


_ROUNDING = 1e-12
_OF_CHECKS = ("name", "reference", "weight", "at_least", "at_most", "negate")
"""What an entry says of the check, not of its metric."""


def built(check: CaseCheck) -> Metric:
    """Return the metric of a check; one is made for each set of options.

    Raises:
        ConfigurationError: for an unknown metric or option.
    """
    try:
        options = canonical(check.options)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"check {check.metric}: {error}") from error
    return _built(check.metric, options)


def with_builder(checks: Checks, build: Builder) -> Checks:
    """Return the metric with what makes the metrics of checks; a project also knows its own ones."""
    made = replace(checks)
    object.__setattr__(made, "_build", build)
    return made


@lru_cache(maxsize=BUILT)
def _built(metric: str, options: bytes) -> Metric:
    return build_metric(MetricSpec(name=metric, kind=metric, options=json.loads(options)))


def _check(value: str | Mapping[str, Json]) -> CaseCheck:
    """Return the check that an entry of `otherwise` stands for."""
    if isinstance(value, str):
        return CaseCheck(metric=value)
    metric = value.get("metric")
    if not isinstance(metric, str):
        raise ConfigurationError(
            "an entry of otherwise names no metric", hint="otherwise: [{metric: token_f1, at_least: 0.5}]"
        )
    numbers: dict[str, float] = {}
    for name in ("at_least", "at_most", "weight"):
        found = value.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool):
            numbers[name] = float(found)
        elif found is not None:
            raise ConfigurationError(f"otherwise, {metric}: {name} is no number")
    if not 0 < numbers.get("weight", 1.0) < inf:
        raise ConfigurationError(f"otherwise, {metric}: weight {numbers['weight']:g} is not above 0")
    called, negate = value.get("name"), value.get("negate", False)
    if not isinstance(called, str | None) or not isinstance(negate, bool):
        raise ConfigurationError(f"otherwise, {metric}: name is a text, and negate true or false")
    nested = value.get("options")
    options = (
        nested if isinstance(nested, Mapping) else {}
    )  # as a case has them; `choice` has a list of this name
    own = {"metric", *_OF_CHECKS, *(["options"] if isinstance(nested, Mapping) else [])}
    return CaseCheck(
        metric=metric,
        options={**options, **{key: item for key, item in value.items() if key not in own}},
        reference=value.get("reference"),
        name=called or None,
        weight=numbers.get("weight", 1.0),
        at_least=numbers.get("at_least"),
        at_most=numbers.get("at_most"),
        negate=negate,
    )


def _standing(
    check: CaseCheck, metric: Metric, outcome: ScoreOutcome
) -> tuple[Standing, ScoreFailure | None]:
    if isinstance(outcome, ScoreFailure):
        return "unknown", outcome
    low, high = check.at_least, check.at_most
    if low is None and high is None:
        best = metric.bounds[1] if metric.direction == "higher" else metric.bounds[0]
        if not isfinite(best):
            message = f"check {shown(check.name or check.metric)}: say at_least or at_most"
            return "unknown", ScoreFailure(kind="wrong_check", message=message)
        low = best if metric.direction == "higher" else None
        high = None if metric.direction == "higher" else best
    met = (low is None or outcome.value >= low - _ROUNDING) and (
        high is None or outcome.value <= high + _ROUNDING
    )
    return ("met" if met is not check.negate else "unmet"), None


def _named(results: Sequence[Checked]) -> list[Checked]:
    """Return the results with names of their own: the second `contains` of a case is `contains 2`."""
    seen: dict[str, int] = {}
    taken = {result.name for result in results}
    named = []
    for result in results:
        count = seen[result.name] = seen.get(result.name, 0) + 1
        while count > 1 and f"{result.name} {count}" in taken:
            count = seen[result.name] = count + 1
        name = result.name if count == 1 else f"{result.name} {count}"
        taken.add(name)
        named.append(replace(result, name=name))
    return named
