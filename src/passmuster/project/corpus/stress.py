"""Stress: the cases of a split opened for the workflow, and what it proposes written."""

from dataclasses import replace
from typing import Literal

from passmuster.adapters.ingest.cases import read_cases
from passmuster.adapters.ingest.folder import OpenSplit
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.proposing import add_proposals, known_ids, proposals_of
from passmuster.records.case import Case
from passmuster.workflows.corpus.stress import StressOrder, StressResult, propose_stress

__all__ = ["StressOrder", "StressResult", "stress"]

UNSPLIT = "cases"
"""The file of cases that no split has parted yet."""


def stress(corpus: Corpus, order: StressOrder, split: OpenSplit = "eval") -> StressResult:
    """Propose adversarial cases made out of the cases of a split.

    Where the corpus is not split yet, those of `cases.jsonl` are taken.

    Args:
        corpus: An open corpus.
        order: What to make.
        split: Whose cases are the parents; what is made of them stays on their side.

    Raises:
        UsageError: for an unknown transform or case, and where there are no cases.
        CorpusError: where a file is wrong or cannot be written.
    """
    cases, own = _parents(corpus, split)
    known = proposals_of(corpus)
    found = propose_stress(cases, order, known_ids(known, corpus.folder.open_cases()), own)
    return replace(found, proposals=tuple(add_proposals(corpus, known, found.proposals)))


def _parents(corpus: Corpus, split: OpenSplit) -> tuple[list[Case], Literal["train", "eval"] | None]:
    if corpus.folder.split_file(split) is not None:
        return list(corpus.folder.split(split)), split
    unsplit = corpus.folder.split_file(UNSPLIT)
    return ([], None) if unsplit is None else (list(read_cases(unsplit)), None)
