"""Users' patterns, on an engine whose time grows with the text only."""

import re2

from passmuster.errors import ConfigurationError


class Pattern:
    """A pattern that is searched for in a text.

    Args:
        pattern: RE2 syntax; `(?i)` in front ignores case.
        name: Where it stands in the options, for errors.

    Raises:
        ConfigurationError: for a pattern that RE2 does not take.

    Example:
        >>> Pattern(r"total:? ([0-9.]+)", "patterns").find("total 12.50 USD")
        '12.50'
    """

    def __init__(self, pattern: str, name: str) -> None:
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(pattern, options)
        except re2.error as error:
            reason = error.args[0] if error.args else error
            shown = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
            raise ConfigurationError(
                f"{name}: {pattern!r} is no valid pattern: {shown}",
                hint="patterns are RE2: no look-around and no back-references, so that no text can stall them",
            ) from None

    def find(self, text: str) -> str | None:
        """Return group 1 of the first match, or the whole match where the pattern has no group; None without one.

        A group that took no part in the match gives the empty text.
        """
        match = self._compiled.search(_sayable(text))
        if match is None:
            return None
        found = match.group(1) if self._compiled.groups else match.group(0)
        return "" if found is None else str(found)


def _sayable(text: str) -> str:
    # RE2 works on UTF-8, which has no bytes for half of a surrogate pair.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
