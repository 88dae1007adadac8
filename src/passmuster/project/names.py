"""Candidates by name."""

from collections.abc import Sequence

from passmuster.errors import UsageError
from passmuster.project.load import Project
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate


def asked_candidates(project: Project, only: Sequence[str] = ()) -> tuple[Candidate, ...]:
    """Return the candidates that answer cases, or those of them that are named.

    Raises:
        UsageError: for a name that is no candidate, or one of which the file only states figures.
    """
    check_names(project, only)
    asked = [candidate.name for candidate in project.asked]
    for name in only:
        if name not in asked:
            raise UsageError(
                f"{name} is not asked: its figures are stated in the project file",
                hint=f"Candidates that are asked: {', '.join(asked) or 'none'}.",
            )
    return tuple(candidate for candidate in project.asked if not only or candidate.name in only)


def check_names(project: Project, only: Sequence[str]) -> None:
    """Refuse names that no candidate has.

    Raises:
        UsageError: for an unknown candidate, with the closest one.
    """
    names = [candidate.name for candidate in project.candidates]
    for name in only:
        if name not in names:
            raise UsageError(f"no candidate is called {name!r}", hint=closest(name, names))
