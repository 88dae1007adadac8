"""Which judged replies are kept as anchors."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

LEAST, MOST = 50, 100
"""How many anchors there should be: with fewer a judge moves unseen, with more each check costs more than it tells."""

DEFAULT = 60


def chosen_anchors(values: Sequence[float], rated: Sequence[bool], number: int, seed: int = 0) -> list[int]:
    """Return the positions of the replies to keep, in order: as many of each verdict as there are, rated ones first.

    Verdicts are the values as whole numbers, and take turns, so that a judge which grows milder or stricter shows at
    every verdict. The verdicts that chose the anchors must not be what later ones are compared with: a judge that varies
    from call to call gave the extreme ones partly by chance, and would seem to move to the middle. So anchors are scored
    once more before anything is compared.

    Args:
        values: What the judge said of each reply.
        rated: Whether people rated it.
        number: How many to keep; all where there are no more.
        seed: Of the draw.

    Example:
        >>> chosen_anchors([1, 1, 1, 1, 0, 1], [False, False, False, True, False, False], 3)[1:]
        [3, 4]
    """
    shuffled = np.random.default_rng(seed).permutation(len(values)).tolist()
    strata: dict[int, list[int]] = defaultdict(list)
    for position in sorted(shuffled, key=lambda each: not rated[each]):
        strata[round(values[position])].append(position)
    kept: list[int] = []
    turns = [strata[verdict] for verdict in sorted(strata)]
    for turn in range(max(map(len, turns), default=0)):
        kept += [stratum[turn] for stratum in turns if turn < len(stratum)]
    return sorted(kept[:number])
