"""How much of a holdout stands in what candidates are given or learn from, and in what everybody may read."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.corpus.contamination.passages import Passage, pieces
from passmuster.project.corpus.contamination_sources import sources
from passmuster.project.corpus.opening import Corpus
from passmuster.records.case import Case
from passmuster.workflows.corpus.contamination import Source, overlap

TRAIN = "train"


def copies(
    corpus: Corpus, cases: Sequence[Case], others: Mapping[str, Sequence[Case]] | None = None
) -> dict[str, int]:
    """Return how many of these cases share a run of words with each source, by its name.

    Args:
        corpus: Its prompts and programs, the files named under `learned_from`, its open splits and its pools.
        cases: The holdout.
        others: The cases of other splits, where their files are not written yet.

    Raises:
        CorpusError: where a file is wrong or cannot be read.
    """
    held = _open(corpus) if others is None else others
    given = [source for source in sources(corpus) if source.name != TRAIN]
    splits = [Source(name, _passages(own)) for name, own in held.items() if own]
    found = overlap(cases, [*given, *splits], held.get(TRAIN, ()))
    return {name: source.cases for name, source in found.sources.items()}


def _open(corpus: Corpus) -> dict[str, Sequence[Case]]:
    folder = corpus.folder
    pools = {str(name): cases for name, cases in folder.pools().items()}
    return {TRAIN: folder.split("train"), "eval": folder.split("eval"), **pools}


def _passages(cases: Sequence[Case]) -> Iterator[Passage]:
    return (Passage(f"case {case.id}", text) for case in cases for text in pieces(case.input))
