"""Mine: traffic, cases, stored trials and a fitted baseline opened for the workflow."""

from collections.abc import Sequence
from dataclasses import replace

from passmuster.adapters.text_margins import fitted_margins
from passmuster.corpus.mining.mine import Dispute, Margins
from passmuster.errors import IncompleteError
from passmuster.project.api import compare_with_evidence
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.proposing import add_proposals, proposals_of
from passmuster.project.corpus.sample import unsplit_cases
from passmuster.project.corpus.streams import Watch, chosen_traffic, stream
from passmuster.records.case import Case
from passmuster.records.text import input_text
from passmuster.workflows.corpus.mine import Known, MineOrder, MineResult
from passmuster.workflows.corpus.mine import mine as mining

__all__ = ["MineOrder", "MineResult", "mine"]

MOST_DISPUTES = 300
"""Disputed cases that traffic is compared with."""
_MOST_LABELS = 500
"""Labels that a baseline tells apart; a reference that is a text of its own each time is no label."""


def mine(
    corpus: Corpus, order: MineOrder, sources: Sequence[str] = (), watch: Watch | None = None
) -> MineResult:
    """Propose edge and adversarial cases from the imported traffic.

    Args:
        corpus: An open corpus.
        order: What to look for.
        sources: The names of imports to look at; default: all.
        watch: Is told how many records have been gone through.

    Raises:
        UsageError: for an unknown reason, and where there is no traffic.
        CorpusError: where a file is wrong or cannot be written.
    """
    files = chosen_traffic(corpus, sources)
    cases = [*corpus.folder.open_cases(), *unsplit_cases(corpus.folder)]
    before = proposals_of(corpus)
    known = Known(
        cases=cases, proposals=before, margins=_margins(cases), disputes=_disputes(corpus) if cases else None
    )
    found = mining(lambda: stream(files, watch), known, order)
    return replace(found, proposals=tuple(add_proposals(corpus, before, found.proposals)))


def _margins(cases: Sequence[Case]) -> Margins | None:
    labelled = [
        (input_text(case.input), case.reference)
        for case in cases
        if isinstance(case.reference, str) and case.category == "typical"
    ]
    labels = [label for _, label in labelled]
    if len(set(labels)) > min(_MOST_LABELS, len(labels) // 2):
        return None
    return fitted_margins([text for text, _ in labelled], labels)


def _disputes(corpus: Corpus) -> list[Dispute] | None:
    """Return the cases that some stored candidates got right and some did not; None where nothing is stored."""
    if corpus.project is None:
        return None
    try:
        _, evidence = compare_with_evidence(corpus.project)
    except IncompleteError:
        return None
    return [
        Dispute(
            case=each.id,
            text=each.input,
            right=len(each.right),
            candidates=len({answer.candidate for answer in each.answers}),
        )
        for each in evidence.disputed(MOST_DISPUTES)
    ]
