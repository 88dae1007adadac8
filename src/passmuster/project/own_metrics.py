"""Metrics that users bring: a function, a class or a metric, from the project's folder or from a package."""

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from passmuster.errors import ConfigurationError, Place
from passmuster.metrics.building import built, function_option_names, function_options, refuse_uncallable
from passmuster.metrics.function import function_metric
from passmuster.metrics.guarded import guarded, promises_broken
from passmuster.metrics.metric import UNIT, Bounds, Metric
from passmuster.metrics.registry import METRICS, build_metric, metric_names
from passmuster.project.plugins import announced, is_plugin, load_announced, load_function, names_in
from passmuster.project.validate import closest
from passmuster.records.task import MetricSpec

FOLDERS = ("metrics", "eval/metrics")
"""Folders of a project in which a metric is found by its bare name."""

GROUP = "passmuster.metrics"
"""The entry-point group under which a package announces its metrics."""

_FUNCTION_OPTIONS = ("version", "direction", "binary", "bounds")


def is_own(kind: str) -> bool:
    """Return whether a metric of this kind is a user's: none of the built-in ones.

    Example:
        >>> is_own("mine.py:short"), is_own("politeness"), is_own("exact_match")
        (True, True, False)
    """
    return kind not in METRICS


def open_metric(spec: MetricSpec, folder: Path, place: Place) -> Metric:
    """Return the metric that a spec asks for: a built-in one, or a user's behind a guard.

    `path.py:name` is taken from that file. A bare name is that of a built-in metric, of a function or class in
    the project's folders of metrics, or of an installed plug-in, in this order.

    Args:
        spec: The metric with its options.
        folder: The project folder; no other Python file is loaded.
        place: Where the metric is named, for errors.

    Raises:
        ConfigurationError: for an unknown metric, one that cannot be loaded or is none, and a wrong option.
    """
    if is_plugin(spec.kind):
        return _made(load_function(spec.kind, folder, place), spec)
    own = names_in(folder, FOLDERS)
    files = own.get(spec.kind, [])
    if len(files) > 1 or (files and spec.kind in METRICS):
        also = " and is built in" if spec.kind in METRICS else ""
        raise ConfigurationError(
            f"the metric {spec.kind!r} stands in {' and in '.join(files)}{also}",
            hint=f"say which one: {{name: {spec.name}, metric: {files[0]}}}, or give it a name of its own",
        )
    if files:
        return _made(load_function(files[0], folder, place), spec)
    if spec.kind in METRICS:
        return build_metric(spec)
    return _announced(spec, place, own)


def code_of(kind: str, folder: Path) -> Path | str | None:
    """Return the file that a user's metric stands in, or its package with the version; None for a built-in one.

    Example:
        >>> code_of("exact_match", Path()), code_of("metrics/mine.py:short", Path("eval")).as_posix()
        (None, 'eval/metrics/mine.py')
    """
    if is_plugin(kind):
        return folder / kind.rpartition(":")[0]
    files = names_in(folder, FOLDERS).get(kind, [])
    if files:
        return folder / files[0].rpartition(":")[0]
    for point in announced(GROUP).get(kind, []):
        return point.value if point.dist is None else f"{point.dist.name} {point.dist.version}"
    return None


def _announced(spec: MetricSpec, place: Place, own: Iterable[str]) -> Metric:
    found = announced(GROUP)
    points = found.get(spec.kind, [])
    if not points:
        names = [*metric_names(), *own, *found]
        raise ConfigurationError(
            f"there is no metric {spec.kind!r}",
            hint=f"{closest(spec.kind, names)} Your own: a function or class in metrics/, or path.py:name.",
        )
    if len(points) > 1:
        packages = " and ".join(sorted("?" if each.dist is None else each.dist.name for each in points))
        raise ConfigurationError(
            f"the metric {spec.kind!r} is announced by several packages: {packages}",
            hint="uninstall one, or write a file in metrics/ that takes the right one from its package",
        )
    return _made(load_announced(points[0], place), spec)


def _made(found: Any, spec: MetricSpec) -> Metric:
    if not isinstance(found, type) and not hasattr(found, "score"):
        return _function(found, spec)
    try:
        metric: Metric = built(found, spec) if isinstance(found, type) else _ready(found, spec)
        refuse_uncallable(spec, metric.score, {})
        wrong = promises_broken(metric)
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:
        told = f"metric {spec.name} cannot be made: {type(error).__name__}: {error}"
        raise ConfigurationError(told) from error
    if wrong is not None:
        raise ConfigurationError(
            f"metric {spec.name}: {wrong}", hint="docs/metrics/your-own.md says what is meant"
        )
    return guarded(metric, spec.name)


def _ready(metric: Metric, spec: MetricSpec) -> Metric:
    for option in spec.options:
        raise ConfigurationError(
            f"metric {spec.kind} has no option {option!r}",
            hint="it is a metric already: name its class instead, and its options are those of the class",
        )
    return metric


def _function(function: Any, spec: MetricSpec) -> Metric:
    of_metric = {name: value for name, value in spec.options.items() if name in _FUNCTION_OPTIONS}
    own = {name: value for name, value in spec.options.items() if name not in of_metric}
    names = function_option_names(function)
    known = (*_FUNCTION_OPTIONS, *names)
    for option in of_metric:
        if option in names:
            raise ConfigurationError(
                f"the metric {spec.kind} has a parameter {option!r}, which is said of every function",
                hint="call the parameter otherwise",
            )
    for option in own:
        if option not in known:
            raise ConfigurationError(
                f"the metric {spec.kind} has no option {option!r}", hint=closest(option, known)
            )
    options = function_options(function, replace(spec, options=own))
    version, direction = of_metric.get("version", 1), of_metric.get("direction", "higher")
    binary = of_metric.get("binary")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ConfigurationError(f"version: expected a whole number from 1, found {version!r}")
    if direction not in {"higher", "lower"}:
        raise ConfigurationError(f"direction: {direction!r} is neither higher nor lower")
    if binary is not None and not isinstance(binary, bool):
        raise ConfigurationError(f"binary: expected true or false, found {binary!r}")
    metric = function_metric(
        spec.name,
        function,
        version,
        direction="lower" if direction == "lower" else "higher",
        binary=binary,
        bounds=_bounds(of_metric.get("bounds", list(UNIT))),
    )
    return replace(metric, options=options)


def _bounds(value: object) -> Bounds:
    """Return the bounds that a list of two says; null is none at this end."""
    ends = list(value) if isinstance(value, list | tuple) else []
    numbers = [each for each in ends if each is None or type(each) in {int, float}]
    if len(ends) == 2 and len(numbers) == 2:
        low = -inf if numbers[0] is None else float(numbers[0])
        high = inf if numbers[1] is None else float(numbers[1])
        if low < high:
            return low, high
    raise ConfigurationError(
        f"bounds: expected the least and the greatest value, found {value!r}",
        hint="for example [0, 10], or [0, null] where there is no greatest",
    )
