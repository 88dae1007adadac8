"""Who labels which case: everyone their share, some cases by several, in an order that is nobody else's."""

from collections.abc import Sequence

import numpy as np

from passmuster.errors import UsageError

OVERLAP = 0.1
"""The share of cases that all annotators see unless another is said."""


def assign(
    cases: Sequence[str],
    annotators: Sequence[str],
    seed: int,
    *,
    each: int = 1,
    overlap: float = OVERLAP,
) -> dict[str, list[str]]:
    """Return the cases of each annotator: every case goes to `each` of them, a drawn share `overlap` to all.

    Shares are even: no two annotators are more than one case apart. Each gets the cases in an order of their own,
    so that who is tired where is not the same for all.

    Args:
        cases: Their ids.
        annotators: Their names.
        seed: Another seed is another draw.
        each: Annotators of each case, 1 or more.
        overlap: In [0, 1]; at least one case where it is above 0. One annotator sees everything.

    Raises:
        UsageError: for more annotators a case than there are, names that are equal, or a share outside [0, 1].

    Example:
        >>> drawn = assign(["1", "2", "3", "4"], ["ana", "ben"], 7, overlap=0.25)
        >>> sorted(len(own) for own in drawn.values()), len(set(drawn["ana"]) & set(drawn["ben"]))
        ([2, 3], 1)
    """
    if len(set(annotators)) < len(annotators):
        raise UsageError("two annotators have the same name", hint="Give each a name of their own.")
    if not 0 <= overlap <= 1:
        raise UsageError(
            f"an overlap of {overlap} is no share", hint="Say a number from 0 to 1, such as 0.1."
        )
    if not 1 <= each <= max(1, len(annotators)):
        raise UsageError(
            f"{each} annotators a case, and there are {len(annotators)}", hint="Name more: --annotator NAME"
        )
    rng = np.random.default_rng(seed)
    order = [cases[place] for place in rng.permutation(len(cases))]
    shared = (
        min(len(order), max(1, round(overlap * len(order)))) if overlap > 0 and len(annotators) > 1 else 0
    )
    sheets: dict[str, list[str]] = {name: list(order[:shared]) for name in annotators}
    turn = int(rng.integers(len(annotators))) if annotators else 0
    for case in order[shared:]:
        for step in range(each):
            sheets[annotators[(turn + step) % len(annotators)]].append(case)
        turn += each
    return {name: [own[place] for place in rng.permutation(len(own))] for name, own in sheets.items()}
