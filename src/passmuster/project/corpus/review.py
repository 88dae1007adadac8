"""Review: the proposals and pools of a corpus opened for the workflow."""

from collections.abc import Mapping, Sequence

from passmuster.adapters.ingest.proposals import write_proposals
from passmuster.project.corpus.clean import scrubber
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.proposing import proposals_of
from passmuster.project.corpus.seal import actor
from passmuster.records.case import Case, Expect
from passmuster.records.proposal import Proposal
from passmuster.workflows.corpus.review import (
    Decider,
    Decision,
    Place,
    Reviewed,
    arrivals,
    check_ids,
    decide,
    waiting,
)

__all__ = ["Reviewed", "check_ids", "open_review", "parents_of", "review", "waiting"]


def open_review(corpus: Corpus) -> list[Proposal]:
    """Return all proposals of a corpus.

    Raises:
        CorpusError: where their file is wrong.
    """
    return proposals_of(corpus)


def parents_of(corpus: Corpus) -> dict[str, Case]:
    """Return the cases of a corpus by id, to show beside what was made of them."""
    return {case.id: case for case in corpus.folder.open_cases()}


def review(
    corpus: Corpus,
    decisions: Mapping[str, Decision],
    *,
    by: str | None = None,
    expect: Expect | None = None,
) -> Reviewed:
    """Accept and drop proposals by id; accepted cases go to the pool of their category.

    Cases made of train cases go to the train split. The cases are written before the decisions are: what was
    interrupted between the two is simply decided again.

    Args:
        corpus: An open corpus.
        decisions: Of each case id.
        by: Who decides; default: who is logged in.
        expect: How all of those accepted now should end, in place of what was proposed.

    Raises:
        UsageError: for an id that does not wait.
        CorpusError: where a file is wrong or cannot be written.
    """
    proposals = proposals_of(corpus)
    decider = Decider(by=by or actor(), time=corpus.clock.now())
    decided = decide(proposals, decisions, decider, expect)
    accepted = [proposal for proposal in decided if decisions.get(proposal.case.id) == "accepted"]
    found, already = arrivals(accepted, corpus.folder.open_cases())
    for place, cases in found.items():
        _add(corpus, place, cases)
    if decisions:
        write_proposals(corpus.folder.proposals, decided)
    return Reviewed(
        accepted=len(accepted),
        dropped=sum(decision == "dropped" for decision in decisions.values()),
        waiting=sum(proposal.status == "proposed" for proposal in decided),
        already=already,
        placed={case.id: place for place, cases in found.items() for case in cases},
        by=decider.by,
        time=decider.time,
    )


def _add(corpus: Corpus, place: Place, cases: Sequence[Case]) -> None:
    clean = list(map(scrubber(corpus), cases))
    if place == "train":
        corpus.folder.write_split("train", [*corpus.folder.split("train"), *clean])
    else:
        corpus.folder.write_pool(place, [*corpus.folder.pool(place), *clean])
