"""Commands that are printed beside a figure, so that somebody can go back from it to the cases."""

from shlex import quote

from passmuster.report.escape import visible

LONGEST = 200
"""Characters of a name that somebody would type."""


def can_be_typed(name: str) -> bool:
    """Return whether a shell hands the name over as it is: nothing hidden in it, and not read as an option.

    Example:
        >>> can_be_typed("gpt-4o mini"), can_be_typed("-rf"), can_be_typed("a" + chr(27))
        (True, False, False)
    """
    return 0 < len(name) <= LONGEST and visible(name) == name and name[0] != "-"


def cases_behind(name: str, which: str) -> str | None:
    """Return the command that shows the cases behind a candidate's figure; None for a name that nobody can type.

    Example:
        >>> cases_behind("gpt-4o mini", "wrong")
        "passmuster show --of 'gpt-4o mini' --cases wrong"
    """
    return f"passmuster show --of {quote(name)} --cases {which}" if can_be_typed(name) else None
