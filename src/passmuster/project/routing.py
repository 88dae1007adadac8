"""Routes of a project, from Python: who is asked for which cases, and what that gains; no model is called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from passmuster.errors import IncompleteError, UsageError
from passmuster.project.api import generated, question_of, stored_trials
from passmuster.project.entries import (
    ANTHROPIC_KEY,
    ANTHROPIC_URL,
    OPENAI_KEY,
    OPENAI_URL,
    AnthropicSettings,
    LiteLLMSettings,
    OpenAISettings,
)
from passmuster.project.load import Project
from passmuster.project.names import asked_candidates
from passmuster.project.pasted import refuse_pasted
from passmuster.project.routing_policy import cascade_trouble, signal_trouble
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate
from passmuster.records.record import Record
from passmuster.records.routing import RouteReport, RoutingReport
from passmuster.records.routing_policy import RoutingPolicy, SliceBy
from passmuster.records.trial import Trial
from passmuster.report.route_litellm import Deployment, render_route_litellm, unfit
from passmuster.report.route_python import render_route_python
from passmuster.workflows import route as routing

__all__ = ["RouteWish", "exported", "route", "write_litellm", "write_python"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteWish(Record):
    """What is said beside the key `routing` of a project; None and () are what that says.

    `only` are the candidates that a route may ask (none: all).
    """

    slices: SliceBy | None = None
    cascades: tuple[tuple[str, ...], ...] = ()
    signal: str | None = None
    metric: str | None = None
    margin: float | None = None
    only: tuple[str, ...] = ()


def route(project: Project, wish: RouteWish | None = None) -> RoutingReport:
    """Look for the best candidate of each slice and for cascades, and return what each gains; no model is called.

    Args:
        project: The project; its key `routing` says what is not said here.
        wish: What is wanted.

    Raises:
        IncompleteError: where no candidate has a trial yet.
        NotAvailableError: where too few cases are known of two candidates.
        UsageError: for a name that is not there.

    Example:
        >>> route(project, RouteWish(slices="stratum")).sentence  # doctest: +SKIP
    """
    wish = wish or RouteWish()
    refuse_pasted(project)
    chosen = asked_candidates(project, wish.only)
    policy = _policy(project, wish, [candidate.name for candidate in chosen])
    question = replace(question_of(project), candidates=chosen)
    return routing.route(question, _trials(project, chosen), policy, generated=generated(project))


def _policy(project: Project, wish: RouteWish, candidates: Sequence[str]) -> RoutingPolicy:
    policy, task = project.task.routing, project.task
    metrics = [spec.name for spec in task.metrics]
    if wish.metric is not None and wish.metric not in metrics:
        raise UsageError(f"there is no metric {wish.metric!r}", hint=closest(wish.metric, metrics))
    for names in wish.cascades:
        trouble = cascade_trouble(names, candidates)
        if trouble is not None:
            raise UsageError(trouble[0], hint=trouble[1])
    if wish.signal is not None:
        trouble = signal_trouble(wish.signal, task.escalation)
        if trouble is not None:
            raise UsageError(trouble[0], hint=trouble[1])
    return RoutingPolicy(
        slices=wish.slices or policy.slices,
        cascades=wish.cascades or policy.cascades,
        signal=wish.signal or policy.signal,
        metric=wish.metric or policy.metric,
        margin=policy.margin if wish.margin is None else wish.margin,
    )


def _trials(project: Project, candidates: Sequence[Candidate]) -> Iterator[Trial]:
    trials = stored_trials(project, candidates)(())
    first = next(trials, None)
    if first is None:
        raise IncompleteError("no trials are stored for these candidates yet", hint="Next: passmuster run")
    return chain([first], trials)


def exported(report: RoutingReport, name: str | None = None) -> RouteReport:
    """Return the route that is written out: the one of this name, else the recommended one.

    Raises:
        UsageError: for an unknown name, or where none is recommended and none is named.
    """
    rows = {row.name: row for row in (report.best, report.cheapest, *report.routes) if row is not None}
    wanted = name or report.recommended
    if wanted is None:
        raise UsageError(
            "no route is recommended, so none is written", hint=f"Name one: --of NAME, of {', '.join(rows)}."
        )
    if wanted not in rows:
        raise UsageError(f"there is no route {wanted!r}", hint=closest(wanted, rows))
    return rows[wanted]


def write_python(report: RoutingReport, row: RouteReport, path: Path) -> None:
    """Write a route as a Python file of its own.

    Raises:
        UsageError: where it cannot be written.
    """
    _write(path, render_route_python(report, row))


def write_litellm(project: Project, report: RoutingReport, row: RouteReport, path: Path) -> None:
    """Write a route as the configuration of a LiteLLM proxy; keys stay in the environment.

    Raises:
        UsageError: where LiteLLM cannot ask one of its candidates, or the file cannot be written.
    """
    slice_name = unfit(row)
    if slice_name is not None:
        raise UsageError(
            f"the slice {slice_name!r} is no tag of LiteLLM, which reads default, !... and &... in its own way",
            hint="Rename the slice, or write the route as a Python function: --python PATH.",
        )
    names = dict.fromkeys(stage.candidate for rule in row.rules for stage in rule.stages)
    found = {name: _deployment(project, name) for name in names}
    _write(path, render_route_litellm(report, row, found))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the file {path} cannot be written: {error.strerror}") from None


def _deployment(project: Project, name: str) -> Deployment:
    entry = project.entry_of(name)
    if isinstance(entry, OpenAISettings):
        own = entry.base_url == OPENAI_URL
        key = entry.api_key_env or (OPENAI_KEY if own else None)
        base = None if own else entry.base_url
        return Deployment(model=f"openai/{entry.model}", api_base=base, key_variable=key)
    if isinstance(entry, AnthropicSettings):
        key = entry.api_key_env or ANTHROPIC_KEY
        base = None if entry.base_url == ANTHROPIC_URL else entry.base_url
        return Deployment(model=f"anthropic/{entry.model}", api_base=base, key_variable=key)
    if isinstance(entry, LiteLLMSettings):
        return Deployment(model=entry.model, api_base=entry.base_url, key_variable=entry.api_key_env)
    raise UsageError(
        f"LiteLLM cannot ask {name}: it is no model behind an address of its own",
        hint="Write the route as a Python function: --python PATH.",
    )
