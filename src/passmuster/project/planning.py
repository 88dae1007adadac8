"""What is known before a run, from Python: its cost, what its cases can show, and the chance of a decision."""

from collections.abc import Iterator, Sequence

from passmuster.decide.planning.advice import chance_line as line_of
from passmuster.project.api import generated, question_of
from passmuster.project.asking import Estimate, estimate
from passmuster.project.load import Project
from passmuster.project.names import check_names
from passmuster.records.candidate import candidate_digest
from passmuster.records.plan import Plan
from passmuster.records.trial import Trial
from passmuster.workflows import plan as planning

__all__ = ["chance_line", "plan"]

MOST_READ = 50_000
"""Stored trials up to which `run` looks through them for its one line."""


def plan(project: Project, *, cases: int | None = None, finalists: Sequence[str] = ()) -> Plan:
    """Return what is known before a run; no model is called.

    Args:
        project: The project.
        cases: What so many cases of the same kind would show; default: those of the corpus.
        finalists: Who would be named; default: those that are the likeliest to pass.

    Raises:
        UsageError: for an unknown candidate.
        StoreError: where the store cannot be read.
        ConfigurationError: for a metric that cannot be loaded.
    """
    check_names(project, finalists)
    return _plan(project, estimate(project), cases, finalists)


def chance_line(
    project: Project, expected: Estimate | None = None, *, cases: int | None = None
) -> str | None:
    """Return the chance of a decision in one line, None where nothing can be said or too much would have to be read.

    Args:
        project: The project.
        expected: What the run that is about to start will cost; None where nothing is asked yet.
        cases: How many of the corpus's cases will be asked; None is all.
    """
    every = len(project.corpus().cases)
    whole = every * len(project.asked) * project.task.repeats
    if not project.task.bars or (expected is not None and whole - expected.trials > MOST_READ):
        return None
    wanted = None if cases is None or cases >= every else cases
    return line_of(_plan(project, expected or Estimate(candidates=()), wanted, ()))


def _plan(project: Project, expected: Estimate, cases: int | None, finalists: Sequence[str]) -> Plan:
    question = question_of(project)
    contenders = planning.contenders_of(question, _stored(project), generated(project))
    asked = planning.Asked(
        task=question.task,
        metrics=question.metrics,
        corpus=question.corpus,
        contenders=contenders,
        estimate=expected,
        cases=cases,
        finalists=tuple(finalists),
    )
    return planning.make_plan(asked)


def _stored(project: Project) -> Iterator[Trial]:
    """Yield the stored trials; a store that is not there yet is not made for that."""
    if project.store_path.is_file():
        with project.store() as store:
            yield from store.trials([candidate_digest(candidate) for candidate in project.candidates])
