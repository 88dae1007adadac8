"""Opens the sandbox of a project: where programs that replies hold are run."""

from pathlib import Path

from passmuster.adapters.sandbox.opening import open_room
from passmuster.ports import Sandbox
from passmuster.project.settings import ProjectSettings


def open_sandbox(settings: ProjectSettings, choice: str | None, folder: Path) -> Sandbox:
    """Return a sandbox that was tried and holds.

    Args:
        settings: What the project file says under `sandbox`.
        choice: `auto`, `namespaces`, `bubblewrap`, `podman`, `docker` or `plain`; None takes that of the file.
        folder: The project's folder, which paths are relative to.

    Raises:
        ConfigurationError: where no way to keep programs in is there, or the one that was chosen does not hold.
            Only `plain`, which keeps nothing in, is never tried.

    Example:
        >>> from passmuster.project.load import open_project
        >>> project = open_project("passmuster.yaml")  # doctest: +SKIP
        >>> open_sandbox(project.settings, "bubblewrap", project.folder).name  # doctest: +SKIP
        'bubblewrap'
    """
    wanted = settings.sandbox
    return open_room(
        folder,
        wanted.use if choice is None else choice,
        python=None if wanted.python is None else (folder / wanted.python),
        read=tuple((folder / path).resolve() for path in wanted.read),
        image=wanted.image,
    )
