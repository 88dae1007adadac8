"""The same answer for every case: a fixed text, or the majority class of the train split."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from passmuster.adapters.providers.baselines.answer import Answer, BaselineProvider, not_fitted
from passmuster.adapters.providers.baselines.labels import labelled
from passmuster.ports import Clock
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.trial import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantOptions(Record):
    """`text` is the answer; without it the most frequent label of the train split is.

    `target` names the field of object references that is the label.
    """

    text: str | None = None
    target: str | None = None


class FixedText:
    """Always says one text."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def answer(self, case: Case) -> Answer:  # noqa: ARG002  # the port's signature; a constant looks at nothing
        """Return the text."""
        return self._answer


class _Unfitted:
    def answer(self, case: Case) -> Failure:
        return not_fitted(case)


class MajorityClass(BaselineProvider):
    """Says the most frequent label of the train split; its confidence is that label's share there.

    Of equally frequent labels the first in the alphabet is taken.
    """

    def __init__(self, name: str, target: str | None, clock: Clock) -> None:
        super().__init__(_Unfitted(), clock)
        self._name = name
        self._target = target

    def fit(self, train: Sequence[Case]) -> None:
        """Count the labels.

        Raises:
            CorpusError: where no case has one.
        """
        items = labelled(train, self._target, self._name)
        counts = Counter(item.label for item in items)
        replies = {item.label: item.reply for item in items}
        label = min(counts, key=lambda known: (-counts[known], known))
        shares = {known: counts[known] / len(items) for known in sorted(counts)}
        self._rule = FixedText(Answer(replies[label], shares[label], shares))
