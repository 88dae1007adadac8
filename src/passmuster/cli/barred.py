"""What `run` and `check` say of candidates that they do not ask."""

from collections.abc import Sequence

from passmuster.cli.options import Common
from passmuster.project.load import Project
from passmuster.project.names import barred_candidates


def say_barred(common: Common, project: Project, only: Sequence[str]) -> None:
    """Say who is not asked because it misses a requirement of the task, and which."""
    for name, missed in barred_candidates(project).items():
        if not only or name in only:
            common.say(f"{name} is not asked: it misses {' and '.join(missed)}.")
