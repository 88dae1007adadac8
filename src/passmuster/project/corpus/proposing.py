"""The proposals of a corpus: read, added to, and written without personal data."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from passmuster.adapters.ingest.proposals import read_proposals, write_proposals
from passmuster.project.corpus.clean import scrubber
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.records.proposal import Proposal


def proposals_of(corpus: Corpus) -> list[Proposal]:
    """Return all proposals, also those that were decided on.

    Raises:
        CorpusError: where their file is wrong.
    """
    return read_proposals(corpus.folder.proposals)


def known_ids(proposals: Iterable[Proposal], held: Iterable[Case]) -> set[str]:
    """Return the ids that are taken, by cases of the corpus and by proposals."""
    return {proposal.case.id for proposal in proposals} | {case.id for case in held}


def add_proposals(corpus: Corpus, known: Sequence[Proposal], found: Sequence[Proposal]) -> list[Proposal]:
    """Add proposals to the file and return them as they were written, with pseudonyms for personal data.

    Raises:
        CorpusError: where the file cannot be written; it is untouched then.
    """
    scrub = scrubber(corpus)
    clean = [replace(proposal, case=scrub(proposal.case)) for proposal in found]
    ids = {proposal.case.id for proposal in known}
    fresh = [proposal for proposal in clean if proposal.case.id not in ids]
    if fresh:
        write_proposals(corpus.folder.proposals, [*known, *fresh])
    return fresh
