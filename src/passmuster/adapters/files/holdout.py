"""Which files are a holdout, that no verb reads but those which seal and open it."""

from contextlib import suppress
from pathlib import Path

from passmuster.errors import Place, SealError

NAME = "holdout"
"""What the file of a holdout is called, before its first dot."""


def is_holdout(path: Path) -> bool:
    """Return whether a file is a holdout by its name, or by that of the file that it leads to.

    Example:
        >>> is_holdout(Path("datasets/Holdout.jsonl.gz")), is_holdout(Path("datasets/holdouts.jsonl"))
        (True, False)
    """
    names = [path.name]
    with suppress(OSError, RuntimeError, ValueError):  # a link that leads to itself: who opens it will say so
        names.append(path.resolve().name)
    return any(name.partition(".")[0].casefold() == NAME for name in names)


def refuse_holdout(path: Path) -> None:
    """Refuse to read a holdout.

    Raises:
        SealError: where the file is one, sealed or in plain.
    """
    if is_holdout(path):
        raise SealError(
            "this is a holdout, and no verb reads it but those that seal and open it",
            place=Place(str(path)),
            hint="In plain: seal it (passmuster corpus seal). Sealed: passmuster corpus open --plan",
        )
