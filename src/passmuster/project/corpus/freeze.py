"""Freeze a corpus: its folder opened for the workflow."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.corpus.frozen import Moment, State
from passmuster.errors import CorpusError, Place
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.digest import DIGEST_LENGTH
from passmuster.records.version import PartName
from passmuster.workflows.corpus.freeze import Frozen
from passmuster.workflows.corpus.freeze import freeze as freezing

__all__ = ["Frozen", "freeze", "state_of"]


def freeze(corpus: Corpus, note: str = "") -> Frozen:
    """Freeze the corpus as it is now; the same state twice is one version.

    Args:
        corpus: An open corpus.
        note: Why, in a few words.

    Raises:
        CorpusError: where there are no cases, a file is wrong or cannot be written, or the file of a version
            was altered.
    """
    moment = Moment(time=corpus.clock.now(), canary=str(uuid.uuid4()), note=note)
    return freezing(state_of(corpus), VersionFiles(corpus.folder), moment)


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
