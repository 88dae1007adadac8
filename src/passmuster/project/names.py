"""Candidates by name."""

from collections.abc import Sequence
from datetime import UTC, datetime

from passmuster.decide.requirements import requirement_checks
from passmuster.errors import UsageError
from passmuster.project.load import Project
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate


def asked_candidates(
    project: Project, only: Sequence[str] = (), *, everybody: bool = False
) -> tuple[Candidate, ...]:
    """Return the candidates that answer cases, or those of them that are named.

    Who misses a requirement of the task is left out, unless `everybody` says otherwise.

    Raises:
        UsageError: for a name that is no candidate, or one of which the file only states figures; where all that are
            left miss a requirement.
    """
    check_names(project, only)
    asked = [candidate.name for candidate in project.asked]
    for name in only:
        if name not in asked:
            raise UsageError(
                f"{name} is not asked: its figures are stated in the project file",
                hint=f"Candidates that are asked: {', '.join(asked) or 'none'}.",
            )
    barred = {} if everybody else barred_candidates(project)
    chosen = tuple(candidate for candidate in project.asked if not only or candidate.name in only)
    left = tuple(candidate for candidate in chosen if candidate.name not in barred)
    if chosen and not left:
        name = chosen[0].name
        raise UsageError(
            f"nobody is left to ask: {name} misses {' and '.join(barred[name])}"
            + (f", and {len(chosen) - 1} more miss a requirement" if len(chosen) > 1 else ""),
            hint="See `requires` in the project file; `passmuster run --all` asks all the same.",
        )
    return left


def barred_candidates(project: Project) -> dict[str, tuple[str, ...]]:
    """Return who misses a requirement of the task, with the requirements that it misses, in words: it is not to be asked."""
    today = datetime.fromtimestamp(project.clock.now(), UTC).date().isoformat()
    found = {}
    for candidate in project.asked:
        checks = requirement_checks(candidate, project.task.requires, today)
        missed = tuple(f"{check.requirement} ({check.note})" for check in checks if check.status == "misses")
        if missed:
            found[candidate.name] = missed
    return found


def check_names(project: Project, only: Sequence[str]) -> None:
    """Refuse names that no candidate has.

    Raises:
        UsageError: for an unknown candidate, with the closest one.
    """
    names = [candidate.name for candidate in project.candidates]
    for name in only:
        if name not in names:
            raise UsageError(f"no candidate is called {name!r}", hint=closest(name, names))
