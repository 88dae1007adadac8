"""The valid name that someone probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a hint: the closest of the valid names, or all of them where none is close.

    Example:
        >>> did_you_mean("rreference", ["input", "reference"])
        "did you mean 'reference'?"
        >>> did_you_mean("x", ["input", "reference"])
        'valid are: input, reference'
    """
    known = list(names)
    close = get_close_matches(name.lower(), known, n=1)
    return f"did you mean {close[0]!r}?" if close else "valid are: " + (", ".join(known) or "none")
