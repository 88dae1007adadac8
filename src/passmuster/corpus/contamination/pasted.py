"""Scored cases whose text was pasted into a prompt: the model would be shown what it is asked."""

from collections.abc import Iterable, Iterator, Sequence

from passmuster.corpus.contamination.passages import EMBEDDED, SHORTEST, Passage, pieces
from passmuster.corpus.ngrams import GRAM_WORDS, words
from passmuster.records.case import Case
from passmuster.records.contamination import Copied


def pasted(passages: Sequence[Passage], scored: Iterable[Case], more: Iterable[Case] = ()) -> list[Copied]:
    """Return the scored cases that stand in these passages, as `overlap.Wanted` finds them.

    A prompt is short and a corpus is long: the cases are gone through, and only those that share a run of words
    with a passage are looked at closely. `scored` and `more` must give the same when gone through again.

    Args:
        passages: The texts of prompts.
        scored: Cases of eval and of a holdout that lies open.
        more: Cases of the same kind; what stands in many of both is boilerplate, and no copy.

    Example:
        >>> case = Case(id="7", input="the card that I ordered two weeks ago has still not come to my house")
        >>> [each.case for each in pasted([Passage("p", f"For example: {case.input} -> delivery")], [case])]
        ['7']
    """
    known = _Known(passages)
    suspects = [case for case in scored if known.shares_with(case)]
    if not suspects:
        return []
    chosen = {case.id for case in suspects}
    # It brings numpy, which no request should wait for where nothing was pasted.
    from passmuster.corpus.contamination.overlap import Wanted  # noqa: PLC0415

    others = (case for part in (scored, more) for case in part if case.id not in chosen)
    return Wanted(suspects, others).found("prompts", passages).copied


class _Known:
    """The runs of words of some texts: of 13, of 8 to 12, and lines of fewer."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._words: set[str] = set()
        self._runs: dict[int, set[tuple[str, ...]]] = {n: set() for n in range(SHORTEST, GRAM_WORDS + 1)}
        for passage in passages:
            found = words(passage.text)
            self._words.update(found)
            for n in range(EMBEDDED, GRAM_WORDS + 1):
                self._runs[n].update(_runs(found, n))
            for line in passage.text.splitlines():
                for part in (line, line.partition(":")[2]):
                    own = tuple(words(part))
                    if SHORTEST <= len(own) < EMBEDDED:
                        self._runs[len(own)].add(own)

    def shares_with(self, case: Case) -> bool:
        """Return whether a case has a run in common with the texts."""
        for text in pieces(case.input):
            found = words(text)
            n = min(len(found), GRAM_WORDS)
            if (
                n >= SHORTEST
                and self._may_hold(found, n)
                and any(run in self._runs[n] for run in _runs(found, n))
            ):
                return True
        return False

    def _may_hold(self, found: Sequence[str], n: int) -> bool:
        """Return whether so many words in a row are all known: nearly every case is passed over by this."""
        row = 0
        for word in found:
            row = row + 1 if word in self._words else 0
            if row == n:
                return True
        return False


def _runs(found: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return (tuple(found[start : start + n]) for start in range(len(found) - n + 1))
