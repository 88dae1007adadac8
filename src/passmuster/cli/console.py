"""Where tables are printed; only verbs that print some load it, since rich takes a while to load."""

from rich.console import Console


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to `main`: rich would exit with 1, which means "none passes" here."""
        raise BrokenPipeError


def console_of(*, color: bool, stderr: bool = False) -> Console:
    """Return the console of a verb: what is printed there stands as it is, but for styles."""
    return _Console(stderr=stderr, no_color=not color, highlight=False)
