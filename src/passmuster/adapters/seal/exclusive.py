"""A file that one process at a time may hold, on every system."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from passmuster.errors import Place, SealError

PATIENCE = 30.0
"""Seconds to wait for another process."""

_PAUSE = 0.05

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30
    """A byte beyond the end of the file: what is locked on Windows can be read by nobody else."""

    def _take(stream: IO[bytes]) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

    def _let_go(stream: IO[bytes]) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(stream: IO[bytes]) -> None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _let_go(stream: IO[bytes]) -> None:
        fcntl.flock(stream, fcntl.LOCK_UN)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Part or seal what lies in a folder while no other process does; on Windows no folder can be held, and none is.

    Args:
        folder: It need not exist yet; the nearest one above is held then.

    Raises:
        SealError: where another process is at it.
    """
    if sys.platform == "win32":
        yield
        return
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    try:
        number = os.open(there, os.O_RDONLY)
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror or error}"
        raise SealError(message, place=Place(str(there))) from None
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SealError(
                "another process parts or seals the cases of this folder",
                place=Place(str(folder)),
                hint="Wait until it has ended, and give the same command again.",
            ) from None
        except OSError:  # a file system without such locks
            pass
        yield
    finally:
        os.close(number)


@contextmanager
def exclusive(stream: IO[bytes], name: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold an open file alone; it is let go of at the end, and when the process dies.

    Args:
        stream: The file.
        name: Its path, for errors.
        patience: How many seconds to wait for another process.

    Raises:
        SealError: where another process does not let go of it, or it has been replaced meanwhile.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            _take(stream)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise SealError(
                    f"another process has held this file for {patience:.0f} s",
                    place=Place(name),
                    hint="Wait for it, or end it, and give the same command again.",
                ) from None
            time.sleep(_PAUSE)
    try:
        check_in_place(stream, name)
        yield
    finally:
        _let_go(stream)


def check_in_place(stream: IO[bytes], name: str) -> None:
    """Refuse an open file that does not lie at its path any more: what is written to it would be lost.

    Raises:
        SealError: then.
    """
    try:
        there = os.path.samestat(os.fstat(stream.fileno()), Path(name).stat())
    except OSError:
        there = False
    if not there:
        raise SealError(
            "the file was replaced while it was open", place=Place(name), hint="Give the same command again."
        )
