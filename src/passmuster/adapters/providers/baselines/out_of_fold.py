"""What a fitted baseline thinks of cases that it has not seen: probabilities of every label, out of fold."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passmuster.adapters.providers.baselines.classifiers import logistic_regression

SMALL = 200_000
"""Cases times labels up to which a logistic regression is fitted, too; beyond it takes minutes."""

_WORD = r"(?u)\b\w+\b"


def out_of_fold(
    texts: Sequence[str], labels: NDArray[np.int64], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the probability of every label (column) of every text (row), by models that never saw that text.

    It is the mean of a multinomial naive Bayes on TF-IDF of words and pairs (smoothing 0.05) and, for corpora up to
    `SMALL`, a logistic regression on the same: two unlike models err less together. A label that the other folds
    do not have has probability 0 there.

    Args:
        texts: One a case.
        labels: The label of each, from 0.
        folds: The fold of each; each fold is judged by models of the others.
    """
    width = int(labels.max()) + 1
    made = [_naive_bayes] + ([logistic_regression] if len(texts) * width <= SMALL else [])
    result = np.zeros((len(texts), width))
    rows = np.arange(len(texts))
    for fold in np.unique(folds):
        own, others = rows[folds == fold], rows[folds != fold]
        if len(np.unique(labels[others])) < 2:
            continue
        for make in made:
            model = make()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a fold that converges slowly is good enough here
                model.fit([texts[row] for row in others], labels[others])
            found = model.predict_proba([texts[row] for row in own])
            result[np.ix_(own, model.classes_)] += found / len(made)
    return result


def _naive_bayes() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD)
    return make_pipeline(words, MultinomialNB(alpha=0.05))
