"""Files that are read with a limit and appear whole or not at all."""

import os
from pathlib import Path

from passmuster.adapters.files.whole import appear
from passmuster.errors import Place, SealError


def read_limited(path: Path, limit: int, what: str) -> bytes:
    """Return the content of an ordinary file.

    Args:
        path: The file.
        limit: Bytes at most.
        what: What it is, for errors.

    Raises:
        SealError: where it is missing, too large, no ordinary file, or cannot be read.
    """
    place = Place(str(path))
    try:
        if not path.is_file():
            problem = "is no ordinary file" if path.exists() else "does not exist"
            raise SealError(f"{what} {problem}", place=place)
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise SealError(f"{what} cannot be read: {told}", place=place) from None
    if len(content) > limit:
        raise SealError(f"{what} is larger than {limit:,} bytes: it is none of ours", place=place)
    return content


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all, and takes the place of an older one.

    Raises:
        SealError: where it cannot be written; what was there before is untouched then.
    """
    appear(path, lambda stream: stream.write(content), SealError)


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read (0600); its folder is made where it does not exist.

    Raises:
        SealError: where there is such a file, or it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise SealError(
            "there is a file of this name already, and a key that is lost opens nothing any more",
            place=Place(str(path)),
            hint="Name another one: --private FILE",
        ) from None
    except OSError as error:
        raise SealError(
            f"the file cannot be written: {error.strerror or error}", place=Place(str(path))
        ) from None
