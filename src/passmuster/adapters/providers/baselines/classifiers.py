"""Text classifiers by scikit-learn: what a few hundred labelled cases and no model can do."""

import asyncio
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from passmuster.adapters.providers.baselines.answer import Answer, BaselineProvider, not_fitted
from passmuster.adapters.providers.baselines.labels import Labelled, labelled
from passmuster.errors import CorpusError
from passmuster.ports import Clock
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.text import input_text
from passmuster.records.trial import Exchange, Failure, Request

_WORD = r"(?u)\b\w+\b"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierOptions(Record):
    """`target` names the field of object references that is the label; the reply then is `{"target": label}`."""

    target: str | None = None


class _Fitted(NamedTuple):
    pipeline: Any
    replies: Mapping[str, str]


class TextClassifier(BaselineProvider):
    """A classifier over the words of a text, as a provider that is fitted.

    `fit` checks and keeps the train split; the work is done once, in a thread, when the first case is asked,
    so that a run with nothing left to ask fits nothing. No fitting time is in any latency. The same train
    split gives the same answers, in whatever order its cases come.
    """

    def __init__(self, name: str, pipeline: Callable[[], Any], target: str | None, clock: Clock) -> None:
        self._model = _Model(name, pipeline, target)
        super().__init__(self._model, clock)

    def fit(self, train: Sequence[Case]) -> None:
        """Take the train split.

        Raises:
            CorpusError: for fewer than two labels, no references, or texts without words.
        """
        self._model.take(train)

    async def ask(self, request: Request) -> Exchange:
        """Predict the label of the case, with the probability of every label."""
        if self._model.waiting:
            await asyncio.to_thread(self._model.learn)
        return await super().ask(request)


class _Model:
    def __init__(self, name: str, pipeline: Callable[[], Any], target: str | None) -> None:
        self._name = name
        self._pipeline = pipeline
        self._target = target
        self._training: list[Labelled] = []
        self._fitted: _Fitted | None = None
        self._lock = threading.Lock()

    @property
    def waiting(self) -> bool:
        return bool(self._training)

    def take(self, train: Sequence[Case]) -> None:
        items = labelled(train, self._target, self._name)
        labels = {item.label for item in items}
        if len(labels) < 2:
            raise CorpusError(
                f"{self._name}: the train split has one label only, {labels.pop()!r}",
                hint="it needs cases of two labels at least; `constant` says the same thing for every case",
            )
        if not any(re.search(r"\w", input_text(item.case.input)) for item in items):
            raise CorpusError(
                f"{self._name}: no training case has a word in its input",
                hint="text classifiers read words; take another baseline for images and the like",
            )
        with self._lock:
            self._training, self._fitted = items, None

    def learn(self) -> None:
        with self._lock:
            if not self._training:
                return
            texts = [input_text(item.case.input) for item in self._training]
            pipeline = self._pipeline()
            pipeline.fit(texts, [item.label for item in self._training])
            # The first prediction loads what the later ones reuse; no case should pay for it.
            pipeline.predict_proba(texts[:1])
            self._fitted = _Fitted(pipeline, {item.label: item.reply for item in self._training})
            self._training = []

    def answer(self, case: Case) -> Answer | Failure:
        if self._fitted is None:
            return not_fitted(case)
        row = self._fitted.pipeline.predict_proba([input_text(case.input)])[0]
        known = [str(label) for label in self._fitted.pipeline.classes_]
        probabilities = {label: float(share) for label, share in zip(known, row, strict=True)}
        best = max(known, key=probabilities.__getitem__)
        return Answer(self._fitted.replies[best], min(probabilities[best], 1.0), probabilities)


def logistic_regression() -> Any:
    """Return an unfitted logistic regression on TF-IDF of words and pairs of words (C = 1, lbfgs)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD)
    return make_pipeline(words, LogisticRegression(C=1.0, max_iter=1000, random_state=0))


def naive_bayes() -> Any:
    """Return an unfitted multinomial naive Bayes on counts of words (add-one smoothing)."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    return make_pipeline(CountVectorizer(token_pattern=_WORD), MultinomialNB(alpha=1.0))


def decision_tree() -> Any:
    """Return an unfitted decision tree on TF-IDF of words and pairs of words, five cases a leaf at least."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.tree import DecisionTreeClassifier

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD)
    return make_pipeline(words, DecisionTreeClassifier(min_samples_leaf=5, random_state=0))
