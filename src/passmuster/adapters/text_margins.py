"""How sure a baseline is of a text's label: logistic regression by scikit-learn, which is loaded when it is fitted."""

from collections import Counter
from collections.abc import Callable, Sequence

from passmuster.corpus.mining.mine import Margin

_WORD = r"(?u)\b\w+\b"
_CHARACTERS = 2_000
"""Characters of a text that are read."""

FEWEST = 50
"""Labelled texts from which a baseline is worth its word."""
MOST = 20_000
"""Labelled texts that it is fitted on."""


def fitted_margins(
    texts: Sequence[str], labels: Sequence[str]
) -> Callable[[Sequence[str]], list[Margin]] | None:
    """Return what gives the two likeliest labels of each text, None where nothing can be learned from these.

    It is a logistic regression on TF-IDF of words and pairs of words; labels that stand once only are left out.

    Args:
        texts: Inputs.
        labels: The label of each.

    Example:
        >>> margins = fitted_margins(["my card was stolen", "lend me 500"] * 30, ["card", "loan"] * 30)
        >>> margins(["my card was stolen"])[0].first
        'card'
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    counts = Counter(labels[:MOST])
    pairs = [pair for pair in zip(texts[:MOST], labels[:MOST], strict=True) if counts[pair[1]] > 1]
    if len(pairs) < FEWEST or len({label for _, label in pairs}) < 2:
        return None
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD, max_features=200_000)
    model = make_pipeline(words, LogisticRegression(C=10.0, max_iter=1000, random_state=0))
    try:
        model.fit([text[:_CHARACTERS] for text, _ in pairs], [label for _, label in pairs])
    except ValueError:  # no text has a word
        return None
    known = [str(label) for label in model.classes_]

    def margins(found: Sequence[str]) -> list[Margin]:
        if not found:
            return []
        shares = model.predict_proba([text[:_CHARACTERS] for text in found])
        best = shares.argsort(axis=1)[:, ::-1]
        return [
            Margin(known[place[0]], known[place[1]], float(row[place[0]]), float(row[place[1]]))
            for row, place in zip(shares, best.tolist(), strict=True)
        ]

    return margins
