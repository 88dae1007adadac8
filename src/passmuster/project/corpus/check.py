"""Check a corpus: what it can show, and what to do next."""

from collections.abc import Sequence
from typing import Literal

from passmuster.adapters.duplicates import near_duplicates
from passmuster.adapters.ingest.proposals import read_proposals
from passmuster.adapters.ingest.traffic import traffic_files
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.adapters.seal.lock import read_lock
from passmuster.corpus.versions.frozen import state_digest
from passmuster.project.corpus.copies import copies
from passmuster.project.corpus.freeze import state_of
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.sample import unsplit_cases
from passmuster.records.case import Case
from passmuster.records.description import Readiness
from passmuster.workflows.corpus.check import CheckOrder, Held
from passmuster.workflows.corpus.check import check as checking

__all__ = ["CheckOrder", "check"]


def check(corpus: Corpus, order: CheckOrder | None = None) -> Readiness:
    """Say what a corpus can show, and what to collect, label or mend next; nothing is written and no model is called.

    Args:
        corpus: An open corpus.
        order: What it is to come to.

    Raises:
        CorpusError: where a file of it is wrong.
    """
    folder = corpus.folder
    scored, train, waiting = folder.split("eval"), folder.split("train"), unsplit_cases(folder)
    split = bool(scored or train)
    return checking(
        Held(
            path=str(folder.path),
            scored=scored,
            train=train,
            waiting=waiting,
            pools={str(name): cases for name, cases in folder.pools().items()},
            holdout=_holdout(corpus),
            sealed=read_lock(folder.lock).cases if folder.lock.is_file() else 0,
            overlap=_overlap(corpus, scored if split else waiting, train),
            proposals=sum(each.status == "proposed" for each in read_proposals(folder.proposals)),
            frozen=split and _is_frozen(corpus),
            traffic=bool(traffic_files(folder.traffic)),
            now=corpus.clock.now(),
        ),
        order or CheckOrder(),
        near_duplicates,
    )


def _holdout(corpus: Corpus) -> Literal["none", "unsealed", "sealed"]:
    if corpus.folder.sealed.is_file():
        return "sealed"
    return "none" if corpus.folder.split_file("holdout") is None else "unsealed"


def _overlap(corpus: Corpus, scored: Sequence[Case], train: Sequence[Case]) -> dict[str, int]:
    return copies(corpus, scored, {"train": train}) if scored else {}


def _is_frozen(corpus: Corpus) -> bool:
    name = state_digest(state_of(corpus))
    return any(each.version == name for each in VersionFiles(corpus.folder).versions())
