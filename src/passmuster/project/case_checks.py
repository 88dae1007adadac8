"""The checks that cases carry: each is built once, with the project's own metrics, before anything is asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from passmuster.errors import ConfigurationError, Place
from passmuster.metrics.checks import Builder, Checks, with_builder
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import AskingMetric, ComparingMetric, RunningMetric
from passmuster.project.own_metrics import FOLDERS, open_metric
from passmuster.project.plugins import is_plugin
from passmuster.records.case import Case, CaseCheck
from passmuster.records.digest import canonical
from passmuster.records.record import Json
from passmuster.records.task import MetricSpec

CHECKS = "checks"


def with_defaults(specs: Sequence[MetricSpec], opened: Mapping[int, Metric]) -> list[MetricSpec]:
    """Return the specs, those of `checks` with the task's first other metric for the cases that carry none.

    A metric that asks a model or runs a program is passed over, because no check does; where there is no other one,
    cases without checks have no score.

    Args:
        specs: The metrics of a task.
        opened: Those of them that are not `checks`, made, by their place in the task.

    Example:
        >>> from passmuster.metrics.registry import build_metric
        >>> specs = [MetricSpec(name=kind, kind=kind) for kind in ("checks", "python_tests", "exact_match")]
        >>> with_defaults(specs, {place: build_metric(specs[place]) for place in (1, 2)})[0].options
        {'otherwise': [{'metric': 'exact_match', 'name': 'exact_match'}]}
    """
    able = (specs[place] for place in sorted(opened) if not _takes_a_step(opened[place]))
    first = next(able, None)
    if first is None:
        return list(specs)
    # apart, because a metric may have an option that is called like one of a check
    options = {"options": first.options} if first.options else {}
    entry: dict[str, Json] = {"metric": first.kind, "name": first.name, **options}
    return [
        MetricSpec(name=spec.name, kind=spec.kind, options={"otherwise": [entry], **spec.options})
        if spec.kind == CHECKS
        else spec
        for spec in specs
    ]


def opened_checks(checks: Checks, folder: Path, place: Place, named: Iterable[str]) -> Checks:
    """Return the metric `checks` so that it also knows the metrics of the project and of plug-ins.

    A corpus is data, and data must not choose which of a project's files are run: a case may name a Python file only
    in the folders of metrics, or one that the project file names itself.

    Args:
        checks: The metric.
        folder: The project folder.
        place: Where the metric is named, for errors.
        named: The metrics that the project file names.
    """
    return with_builder(checks, _builder(folder, place, frozenset((*named, *checks.stand_ins))))


def verify_checks(cases: Sequence[Case], build: Callable[[CaseCheck], Metric]) -> None:
    """Build the metric of every check that a case carries.

    Raises:
        ConfigurationError: for one that cannot be built, with the id of the first case that has it.
    """
    for case in cases:
        for check in case.checks:
            try:
                build(check)
            except ConfigurationError as error:
                message = f"case {case.id!r}, its check {check.name or check.metric!r}: {error.message}"
                raise ConfigurationError(message, place=error.place, hint=error.hint) from error


def _takes_a_step(metric: Metric) -> bool:
    """Return whether a metric asks a model or runs a program before it can score."""
    return isinstance(metric, AskingMetric | ComparingMetric | RunningMetric)


def _refuse_foreign(metric: str, folder: Path, place: Place) -> None:
    """Raise for a Python file that only a case names, unless it lies in a folder of metrics."""
    file = (folder / metric.rpartition(":")[0]).resolve()
    if not any(file.is_relative_to((folder / each).resolve()) for each in FOLDERS):
        raise ConfigurationError(
            f"a case names the Python file {metric.rpartition(':')[0]}",
            place=place,
            hint=f"cases may only name metrics in {' and '.join(FOLDERS)}, and those that the project file names",
        )


def _builder(folder: Path, place: Place, named: frozenset[str]) -> Builder:
    made: dict[tuple[str, bytes], Metric] = {}

    def build(check: CaseCheck) -> Metric:
        try:
            key = (check.metric, canonical(check.options))
        except (TypeError, ValueError) as error:
            raise ConfigurationError(str(error), hint="options are JSON values") from error
        if key not in made:
            if is_plugin(check.metric) and check.metric not in named:
                _refuse_foreign(check.metric, folder, place)
            spec = MetricSpec(name=check.metric, kind=check.metric, options=check.options)
            metric = open_metric(spec, folder, place)
            if _takes_a_step(metric):
                raise ConfigurationError(
                    f"{check.metric} asks a model or runs a program, which no check of a case does",
                    hint="list it under `metrics` of the task",
                )
            made[key] = metric
        return made[key]

    return build
