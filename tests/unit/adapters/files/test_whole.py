"""A file appears whole or not at all, and says so in the words of whoever writes it."""

import os
from pathlib import Path
from typing import IO

import pytest

from passmuster.adapters.files.whole import appear
from passmuster.errors import CorpusError, PassmusterError, SealError


def test_what_fills_the_file_says_what_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a"
    assert appear(path, lambda stream: stream.write(b"12345")) == 5
    assert path.read_bytes() == b"12345"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "problem", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")]
)
def test_the_file_is_what_it_was_where_filling_fails(tmp_path: Path, problem: BaseException) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")

    def fill(stream: IO[bytes]) -> None:
        stream.write(b"after")
        raise problem

    with pytest.raises((type(problem), CorpusError)):
        appear(path, fill)

    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", [CorpusError, SealError])
def test_a_disk_that_is_full_is_told_as_an_error_of_the_writer(
    tmp_path: Path, kind: type[PassmusterError]
) -> None:
    def fill(_: IO[bytes]) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(kind, match="No space left on device"):
        appear(tmp_path / "a", fill, kind)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_file_is_written_to_and_no_file_takes_its_place(tmp_path: Path) -> None:
    """As root, a file would else take the place of /dev/null or /dev/stdout for everybody."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        appear(path, lambda stream: stream.write(b"12345"))
        assert path.is_fifo()
        assert os.read(reader, 10) == b"12345"
        assert list(tmp_path.iterdir()) == [path]
    finally:
        os.close(reader)
