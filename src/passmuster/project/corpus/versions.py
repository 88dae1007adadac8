"""The frozen versions of a corpus: by name, as a list, and back out of the freezer."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from passmuster.adapters.ingest.cases import write_cases
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.ingest.marks import mark_file
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.corpus.contamination.canary import canary_text
from passmuster.corpus.versions.frozen import SHORT, State, find_version
from passmuster.errors import Place, UsageError
from passmuster.project.corpus.freeze import state_of
from passmuster.project.corpus.opening import Corpus
from passmuster.records.version import FrozenVersion, PartName
from passmuster.workflows.corpus.versions import Listed, listed

NOW = "now"
"""The state of the corpus as it is, frozen or not."""
LATEST = "latest"
"""The newest frozen version."""


def versions(corpus: Corpus, *, check: bool = False) -> tuple[Listed, ...]:
    """Return all frozen versions, newest first; with `check` the file of each is proved.

    Raises:
        CorpusError: where `versions.jsonl` is wrong.
    """
    return listed(VersionFiles(corpus.folder), check=check)


def version(corpus: Corpus, name: str) -> FrozenVersion:
    """Return the version whose digest begins so, or whose scored cases' digest does; `latest` is the newest.

    Raises:
        UsageError: where none does, or more than one.
    """
    found = VersionFiles(corpus.folder).versions()
    return found[-1] if name == LATEST and found else find_version(found, name)


def state(corpus: Corpus, name: str) -> tuple[str, State]:
    """Return a state and its name for people: of a version, of another folder, or of `now`.

    Raises:
        UsageError: for a name that is none of these.
        CorpusError: where a file is wrong, or a frozen one was altered.
    """
    if name == NOW:
        return NOW, state_of(corpus)
    if name != LATEST and Path(name).is_dir():
        return name, _of_folder(corpus, name)
    found = version(corpus, name)
    return found.version[:SHORT], VersionFiles(corpus.folder).state(found)


def _of_folder(corpus: Corpus, name: str) -> State:
    folder = CorpusFolder(Path(name), corpus.settings.columns or None)
    found = state_of(Corpus(folder=folder, settings=corpus.settings, clock=corpus.clock))
    if not found.parts:
        raise UsageError(
            "the folder holds no cases: neither train, eval nor a pool has any",
            place=Place(name or "."),
            hint="Name the folder of a corpus, such as eval/datasets.",
        )
    return found


def export(corpus: Corpus, name: str, path: Path, parts: Sequence[PartName] = ()) -> int:
    """Write the cases of a frozen version to a file that begins with its canary, and return how many they are.

    Args:
        corpus: An open corpus.
        name: The version.
        path: A `.jsonl` or `.jsonl.gz` file.
        parts: Only these parts; none is all.

    Raises:
        UsageError: where there is no such version, or it has no such cases.
        CorpusError: where the frozen file was altered, or the file cannot be written.
    """
    found = version(corpus, name)
    held = VersionFiles(corpus.folder).state(found).parts
    cases = [case for part, own in held.items() if not parts or part in parts for case in own]
    if not cases:
        have = ", ".join(f"{part} {count}" for part, count in found.parts.items())
        raise UsageError(
            f"version {found.version[:SHORT]} has no {' or '.join(parts)} cases", hint=f"It has: {have}."
        )
    twice = next((name for name, count in Counter(case.id for case in cases).items() if count > 1), None)
    if twice is not None:
        raise UsageError(
            f"the id {twice!r} stands in more than one part, and a file of cases has each id once",
            hint="Export them one by one: --part eval, then --part regression, ...",
        )
    write_cases(path, cases)
    mark_file(path, canary_text(found.canary))
    return len(cases)
