"""Which corpus a verb works on: that of a project, or a folder that is named."""

from dataclasses import dataclass
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.errors import Place, UsageError
from passmuster.ports import Clock
from passmuster.project.load import FILE_NAME, Project, load_project
from passmuster.project.settings import CorpusSettings

USUAL = ("eval/datasets", "datasets")
"""Where a corpus lies that nobody has named, if one of them exists; else the first is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """An open corpus: its folder, and the project and settings that it belongs to, if any."""

    folder: CorpusFolder
    settings: CorpusSettings
    clock: Clock
    project: Project | None = None

    def beside(self, name: str) -> Path:
        """Return a path that the settings name: relative to the project file, else to the current folder."""
        return (Path() if self.project is None else self.project.folder) / Path(name).expanduser()

    def need_project(self, purpose: str) -> Project:
        """Return the project.

        Raises:
            UsageError: where there is none, with what it is needed for.
        """
        if self.project is None:
            raise UsageError(
                f"{purpose} needs a project file, and there is no {FILE_NAME} here",
                hint="Name it: --project FILE. Or make a project that works: passmuster init",
            )
        return self.project


def open_corpus(
    project: str | Path | None = None, datasets: str | Path | None = None, clock: Clock | None = None
) -> Corpus:
    """Open the corpus of a project, or that in a folder.

    Args:
        project: A project file or its folder; default: passmuster.yaml in the current folder, if it is there.
        datasets: The folder of the corpus; default: that of the project, else eval/datasets or datasets.
        clock: Where times come from; default: that of the project.

    Raises:
        UsageError: where the project's corpus is a single file.
        ConfigurationError: for a slip in the project file.
    """
    named = project is not None or Path(FILE_NAME).is_file()
    found = load_project(Path(project or ".")) if named else None
    settings = CorpusSettings(path=str(datasets or "")) if found is None else found.settings.corpus
    path = (
        Path(datasets)
        if datasets is not None
        else (_usual() if found is None else found.folder / Path(settings.path).expanduser())
    )
    if path.is_file():
        raise UsageError(
            "the corpus is a single file, and this verb works on a folder",
            place=Place(str(path)),
            hint="Make a folder of it: passmuster corpus split FILE --datasets eval/datasets. "
            "Then name that in the project file: corpus: eval/datasets",
        )
    own = clock or (MonotonicClock() if found is None else found.clock)
    folder = CorpusFolder(path, settings.columns if datasets is None else None)
    return Corpus(folder=folder, settings=settings, clock=own, project=found)


def _usual() -> Path:
    return next((Path(name) for name in USUAL if Path(name).is_dir()), Path(USUAL[0]))
