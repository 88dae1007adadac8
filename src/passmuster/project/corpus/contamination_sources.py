"""What candidates are given and learn from, as texts; and which cases stand in it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from passmuster.adapters.ingest.texts import passages
from passmuster.corpus.contamination.passages import Passage
from passmuster.project.corpus.opening import Corpus
from passmuster.project.entries import CommandSettings, PythonSettings
from passmuster.project.load import Project
from passmuster.project.told import told
from passmuster.records.case import Case
from passmuster.records.contamination import Overlap
from passmuster.records.text import input_text
from passmuster.workflows.corpus.contamination import Source, overlap


def overlap_of(corpus: Corpus, learned: Sequence[Path] = ()) -> Overlap:
    """Return which cases of eval and the pools stand in prompts, programs, train, and files that were learned from.

    Args:
        corpus: An open corpus; `learned_from` of its project names files.
        learned: More of them.

    Raises:
        CorpusError: where a file is wrong or cannot be read.
    """
    train = corpus.folder.split("train")
    cases = [
        *corpus.folder.split("eval"),
        *(case for pool in corpus.folder.pools().values() for case in pool),
    ]
    return overlap(cases, sources(corpus, learned), train)


def sources(corpus: Corpus, learned: Sequence[Path] = ()) -> Iterator[Source]:
    """Yield all that candidates are given or learn from; each is read as it is gone through.

    Raises:
        CorpusError: where a file cannot be read, as it is gone through.
    """
    if corpus.project is not None:
        prompts = [Passage(each.place, each.text) for each in told(corpus.project)]
        if prompts:
            yield Source("prompts", prompts)
        programs = _programs(corpus.project)
        if programs:
            yield Source("programs", (passage for path in programs for passage in passages(path)))
    train = corpus.folder.split("train")
    if train:
        yield Source("train", _of_cases(train))
    for name in corpus.settings.learned_from:
        yield Source(name, passages(corpus.beside(name)))
    for path in learned:
        yield Source(str(path), passages(path))


def _programs(project: Project) -> list[Path]:
    """Return the files of candidates that are programs: their prompts stand in them."""
    found: dict[Path, None] = {}
    for entry in project.settings.candidates:
        if isinstance(entry, PythonSettings | CommandSettings):
            own = [entry.function.rpartition(":")[0]] if isinstance(entry, PythonSettings) else entry.command
            paths = (project.folder / name for name in (*own, *entry.files))
            found |= dict.fromkeys(path for path in paths if path.is_file())
    return list(found)


def _of_cases(cases: Iterable[Case]) -> Iterator[Passage]:
    return (Passage(f"case {case.id}", input_text(case.input)) for case in cases)
