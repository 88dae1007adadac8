"""How far a row lets a change through, from its p-values, and how far the whole gate does."""

from collections.abc import Iterable
from dataclasses import dataclass

from passmuster.records.gate import GRAVITY, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One-sided p-values of a row; None where it cannot be tested.

    `adjusted` is that of "it is no worse", corrected for how many rows were looked at: small where it is shown to be worse.
    `investigate` and `block` are those of "it is worse by as much as the level": small where that is excluded.
    """

    adjusted: float | None
    investigate: float | None
    block: float | None


def drop_level(found: Evidence, alpha: float) -> Level:
    """Return the level of a drop of quality: what is excluded decides, and where nothing is, what is shown.

    - `pass`: a drop of the lower margin is excluded;
    - `investigate`: one of the upper margin is;
    - `block`: it is shown to be worse, and one of the upper margin is not excluded (which one of more than that never is);
    - `undecided`: neither, or it cannot be tested: what is missing never passes.

    Example:
        >>> drop_level(Evidence(adjusted=0.4, investigate=0.01, block=0.001), 0.05)
        'pass'
        >>> drop_level(Evidence(adjusted=0.001, investigate=0.9, block=0.4), 0.05)
        'block'
        >>> drop_level(Evidence(adjusted=0.3, investigate=0.5, block=0.2), 0.05)
        'undecided'
        >>> drop_level(Evidence(adjusted=None, investigate=None, block=None), 0.05)
        'undecided'
    """
    if found.investigate is None or found.block is None:
        return "undecided"
    if found.investigate <= alpha:
        return "pass"
    if found.block <= alpha:
        return "investigate"
    return "block" if is_shown(found, alpha) else "undecided"


def is_shown(found: Evidence, alpha: float) -> bool:
    """Say whether a row is shown to be worse."""
    return found.adjusted is not None and found.adjusted <= alpha


def near_limit(rise: float, limit: float) -> bool:
    """Say whether a rise lies nearer to the limit than to none, as factors: from the square root of 1 + limit on.

    A part of a run that rose by the limit exactly lies below it as often as above, by chance. It lies below the half way as
    rarely as one that did not rise at all lies above.

    Example:
        >>> near_limit(0.2, 0.2), near_limit(0.1, 0.2), near_limit(0.09, 0.2)
        (True, True, False)
    """
    return bool(1 + rise >= (1 + limit) ** 0.5 - 1e-9)


def gravest(levels: Iterable[Level]) -> Level:
    """Return the gravest of some levels; `pass` of none.

    Example:
        >>> gravest(["pass", "undecided", "investigate"]), gravest([])
        ('undecided', 'pass')
    """
    return min(levels, key=GRAVITY.index, default="pass")
