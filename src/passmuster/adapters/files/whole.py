"""Files that appear whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from passmuster.errors import CorpusError, PassmusterError, Place

T = TypeVar("T")

DRAFT = ".part"
"""What the name of a file ends in until it is whole."""


def appear(path: Path, fill: Callable[[IO[bytes]], T], error: type[PassmusterError] = CorpusError) -> T:
    """Fill a file beside, which takes the place of `path` once it is on the disk, and return what `fill` does.

    After a crash, a full disk or an error while it is filled, the file is what it was. What is there and is no file,
    a pipe or a terminal, is written to: nothing takes its place.

    Args:
        path: The file; its folder is made where it does not exist.
        fill: Writes the content.
        error: What to raise where the file cannot be written.

    Raises:
        PassmusterError: the one that was given, where the file cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     appear(Path(folder) / "new" / "a.txt", lambda stream: stream.write(b"whole"))
        5
    """
    draft = path.with_name(path.name + DRAFT)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as stream:
                return fill(stream)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as stream:
                result = fill(stream)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise error(
            f"the file cannot be written: {problem.strerror or problem}",
            place=Place(str(path)),
            hint="What was there before is untouched. Make room, or name another folder.",
        ) from None
    return result
