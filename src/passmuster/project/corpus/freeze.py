"""Freeze a corpus: its folder opened for the workflow."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.ingest.folder import POOLS
from passmuster.adapters.ingest.marks import mark_file
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.corpus.contamination.canary import canary_text
from passmuster.corpus.versions.frozen import Moment, State
from passmuster.errors import CorpusError, Place
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.digest import DIGEST_LENGTH
from passmuster.records.version import PartName
from passmuster.workflows.corpus.freeze import Frozen
from passmuster.workflows.corpus.freeze import freeze as freezing

CANARY_FILE = "canary.txt"
"""Where the canary of the newest version stands beside the cases."""
_CANARY_NOTE = (
    "Whoever collects training data: leave out every file that holds the line above, and this folder.",
    "passmuster corpus contamination asks models to complete it: one that can has read these files.",
)

__all__ = ["Frozen", "freeze", "state_of"]


def freeze(corpus: Corpus, note: str = "", *, mark: bool = False) -> Frozen:
    """Freeze the corpus as it is now; the same state twice is one version.

    The newest canary stands in `canary.txt` beside the cases, so that it goes wherever the folder goes.

    Args:
        corpus: An open corpus.
        note: Why, in a few words.
        mark: Whether the files of the cases get it too, as a first line.

    Raises:
        CorpusError: where there are no cases, a file is wrong or cannot be written, or the file of a version
            was altered.
    """
    moment = Moment(time=corpus.clock.now(), canary=str(uuid.uuid4()), note=note)
    frozen = freezing(state_of(corpus), VersionFiles(corpus.folder), moment)
    text = canary_text(frozen.version.canary)
    note_file = corpus.folder.path / CANARY_FILE
    lines = (text, *_CANARY_NOTE)
    if not note_file.is_file() or note_file.read_text(encoding="utf-8").splitlines() != list(lines):
        write_lines(note_file, lines)
    for path in _marked(corpus) if mark else ():
        mark_file(path, text)
    return frozen


def _marked(corpus: Corpus) -> Iterator[Path]:
    """Yield the plain files that a line can be put into: a CSV file has no place for one."""
    splits = (corpus.folder.split_file(name) for name in ("train", "eval"))
    pools = (corpus.folder.pool_file(name) for name in POOLS)
    for path in (*splits, *pools):
        if path is not None and path.is_file() and not path.name.lower().endswith((".csv", ".csv.gz")):
            yield path


def state_of(corpus: Corpus) -> State:
    """Return what there is to freeze now: train, eval and the pools, and digests of topics and holdout.

    Raises:
        CorpusError: where a file is wrong.
    """
    parts: dict[PartName, Sequence[Case]] = {
        "train": corpus.folder.split("train"),
        "eval": corpus.folder.split("eval"),
    }
    parts.update({name: cases for name, cases in corpus.folder.pools().items()})  # noqa: C416
    return State(
        parts={name: cases for name, cases in parts.items() if cases},
        topics=_file_digest(corpus.folder.topics),
        holdout=_root(corpus.folder.lock),
    )


def _file_digest(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:DIGEST_LENGTH]


def _root(path: Path) -> str | None:
    """Return the Merkle root that stands in the lock of a sealed holdout."""
    if not path.is_file():
        return None
    try:
        lock = json.loads(path.read_bytes())
    except ValueError:
        lock = None
    root = lock.get("root") if isinstance(lock, Mapping) else None
    if not isinstance(root, str):
        raise CorpusError(
            "the lock of the holdout is no lock",
            place=Place(str(path)),
            hint="See what is wrong: passmuster corpus verify",
        )
    return root
