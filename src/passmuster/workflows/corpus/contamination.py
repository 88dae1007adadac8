"""`corpus contamination`: what can be known of whether a candidate has seen the cases before."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from passmuster.corpus.contamination.overlap import Wanted
from passmuster.corpus.contamination.passages import Passage
from passmuster.records.case import Case
from passmuster.records.contamination import Copied, Overlap, SourceOverlap

__all__ = ["Overlap", "Passage", "Source", "overlap"]


class Source(NamedTuple):
    """What candidates are given or learn from, as texts that are gone through once."""

    name: str
    passages: Iterable[Passage]


def overlap(cases: Sequence[Case], sources: Iterable[Source], background: Iterable[Case] = ()) -> Overlap:
    """Return which cases stand in these sources, in whole or in part.

    A case does where a source has a run of 13 of its words, or all of a shorter one. Runs that stand in many
    cases (boilerplate: a signature, a form letter) do not count. Sources are streamed; of the cases some ten
    bytes a word are held.

    Args:
        cases: What is looked for: eval.
        sources: Prompts with their few-shot examples, train, files that candidates have learned from.
        background: More cases of the same kind, such as train, from which it is learned what is boilerplate.

    Example:
        >>> case = Case(id="7", input="my card was stolen in Rome on Monday and I need a new one by Friday")
        >>> prompt = Passage("prompt", f"Answer briefly. Example: {case.input} -> cards")
        >>> overlap([case], [Source("prompts", [prompt])]).flagged
        ('7',)
    """
    wanted = Wanted(cases, background)
    found: dict[str, SourceOverlap] = {}
    copied: list[Copied] = []
    common: set[str] = set()
    for source in sources:
        here = wanted.found(source.name, source.passages)
        found[source.name] = SourceOverlap(texts=here.texts, cases=len(here.copied))
        copied += here.copied
        common |= here.boilerplate
    copied.sort(key=lambda each: (-each.share, each.case, each.source))
    return Overlap(
        cases=len(cases),
        looked_for=wanted.looked_for,
        boilerplate=len(common - {each.case for each in copied}),
        sources=found,
        copied=tuple(copied),
    )
