"""Which end of a column is better, told by its name; where that tells nothing, nobody guesses."""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from passmuster.records.score import Direction

Stated: TypeAlias = Literal["higher", "lower", "ignore"]
"""What a user says of a column."""

_MORE_WORDS = """
acc accuracy pass passed elo rating win wins winrate f1 precision recall correct solved success exact match em auc
similarity formed resolved
"""
_LESS_WORDS = """
error errors cost costs price usd seconds latency time timeout timeouts malformed failure failures failed refusal refusals
refused hallucination hallucinations toxicity perplexity ppl loss rank lazy exhausted wer cer
"""
_MAYBE_WORDS = """
score scores average mean overall mmlu gsm8k humaneval hellaswag arc truthfulqa winogrande bbh ifeval math gpqa musr drop
mbpp aime swe
"""
_NEITHER_WORDS = """
tokens token lens length len total n id date num count counts params parameters context size year number index temperature
seed q025 q975 low lower high upper
"""
_MORE, _LESS, _MAYBE, _NEITHER = (
    frozenset(words.split()) for words in (_MORE_WORDS, _LESS_WORDS, _MAYBE_WORDS, _NEITHER_WORDS)
)
_LESS_PHRASES = ("no answer", "not answered", "no_answer")
_UNRECORDED = frozenset({"cost", "costs", "price", "usd", "seconds", "latency", "time"})
_COUNTS = frozenset(
    {
        "total",
        "test_cases",
        "total_tests",
        "n",
        "num",
        "count",
        "total puzzles",
        "num_cases",
        "samples",
        "questions",
    }
    | {"n_questions", "num_questions", "cases"}
)
_LEADS = ("overall", "average", "score", "elo", "rating", "arena score", "pass_rate_2", "acc", "accuracy")


def words_of(name: str) -> list[str]:
    """Return the words of a column's name.

    Example:
        >>> words_of("percent_cases_well_formed"), words_of("No answer")
        (['percent', 'cases', 'well', 'formed'], ['no', 'answer'])
    """
    return [word for word in re.split(r"[^a-z0-9]+", name.casefold()) if word]


def direction_of(name: str, stated: Mapping[str, Stated]) -> Direction | None:
    """Return which end of a column is better: as stated, else as its name says; None where it says nothing, or both.

    Example:
        >>> [direction_of(name, {}) for name in ("Acc", "total_cost", "error_rate", "Reason Lens", "plan relative")]
        ['higher', 'lower', 'lower', None, None]
    """
    if name in stated:
        said = stated[name]
        return None if said == "ignore" else said
    words = set(words_of(name))
    if name.casefold().strip() in _LESS_PHRASES:
        return "lower"
    more, less = bool(words & _MORE), bool(words & _LESS)
    if more != less:
        return "higher" if more else "lower"
    maybe = bool(words & _MAYBE) and not words & _NEITHER
    return "higher" if maybe and not less else None


def zero_is_nothing(name: str) -> bool:
    """Return whether a 0 in this column means that it was not recorded: a price or a time of nothing.

    Example:
        >>> zero_is_nothing("total_cost"), zero_is_nothing("pass_rate_1")
        (True, False)
    """
    return bool(set(words_of(name)) & _UNRECORDED)


def counts_cases(name: str) -> bool:
    """Return whether a column says on how many cases a model was scored."""
    return name.casefold().strip() in _COUNTS


def lead_of(directions: Mapping[str, Direction | None]) -> str | None:
    """Return the column that a table is most likely ordered by; None where no column has a direction.

    Example:
        >>> lead_of({"pass_rate_1": "higher", "pass_rate_2": "higher", "total_cost": "lower"})
        'pass_rate_2'
    """
    for wanted in _LEADS:
        for name, direction in directions.items():
            if name.casefold().strip() == wanted and direction is not None:
                return name
    better = [name for name, direction in directions.items() if direction == "higher"]
    return next(iter(better or [name for name, direction in directions.items() if direction]), None)
