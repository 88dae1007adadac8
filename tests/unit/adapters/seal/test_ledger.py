"""The ledger as a file: one text an entry, one writer at a time, and nothing half-written."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.seal import ledger
from passmuster.adapters.seal.ledger import held, reading
from passmuster.corpus.seal.chain import chained, flaws
from passmuster.errors import SealError
from passmuster.records.digest import canonical
from passmuster.records.seal import Entry

SEAL = "5" * 64


def entry(event: str, **more: object) -> Entry:
    return Entry(event=event, time=1.5, actor="a", seal=SEAL, **more)  # type: ignore[arg-type]  # of one event


def story(length: int = 4) -> list[Entry]:
    found = [chained(None, entry("sealed"))]
    while len(found) < length:
        found.append(chained(found[-1], entry("planned", purpose=f"no. {len(found)}", rule="1" * 64)))
    return found


def write(path: Path, entries: Sequence[Entry]) -> Path:
    path.write_bytes(b"".join(canonical(each) + b"\n" for each in entries))
    return path


def read(path: Path) -> list[Entry]:
    with reading(path) as entries:
        return list(entries)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read(write(tmp_path / "l", story())) == story()


def test_line_ends_of_another_system_are_no_change(tmp_path: Path) -> None:
    path = write(tmp_path / "l", story())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert read(path) == story()


def broken(path: Path) -> bool:
    """Return whether reading and going through the chain notices something."""
    try:
        return bool(list(flaws(read(path))))
    except SealError:
        return True


def test_no_byte_of_it_can_be_changed(tmp_path: Path) -> None:
    whole = write(tmp_path / "l", story(3)).read_bytes()
    missed = []
    for place in range(len(whole)):
        for bit in (0, 5):
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            (tmp_path / "m").write_bytes(changed)
            if not broken(tmp_path / "m"):
                missed.append((place, bit))

    assert missed == []


def test_a_line_that_means_the_same_and_is_written_otherwise_is_refused(tmp_path: Path) -> None:
    line = canonical(story(1)[0])
    for other in (
        line.replace(b":", b": ", 1),
        line.replace(b'"actor":"a",', b"").replace(b"}", b',"actor":"a"}'),
        line.replace(b'"a"', b'"\\u0061"'),
        line.replace(b"}", b',"purpose":""}'),
        line + b" ",
    ):
        (tmp_path / "l").write_bytes(other + b"\n")
        with pytest.raises(SealError, match="altered"):
            read(tmp_path / "l")


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"{}\n",
        b"[]\n",
        b"null\n",
        b"\xff\xfe\n",
        b"[" * 10_000 + b"\n",
        b'{"sequence": NaN}\n',
        b'{"event":"sealed","hash":"zz","prev":"","seal":"","sequence":1}\n',
    ],
)
def test_what_is_no_entry_is_told_with_its_line(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "l", story(2))
    path.write_bytes(path.read_bytes() + content)

    with pytest.raises(SealError) as raised:
        read(path)
    assert raised.value.place is not None
    assert raised.value.place.line == 3


def test_a_line_that_a_crash_cut_off_is_told_as_such(tmp_path: Path) -> None:
    path = write(tmp_path / "l", story(2))
    whole = path.read_bytes()
    for end in (-20, -1):
        path.write_bytes(whole[:end])
        with pytest.raises(
            SealError, match=r"cut off(.|\n)*hides an opening: bring the ledger back from git"
        ):
            read(path)


def test_endless_lines_and_files_are_not_read_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "LONGEST_LINE", 1_000)
    (tmp_path / "l").write_bytes(b"x" * 10_000)
    with pytest.raises(SealError, match="larger"):
        read(tmp_path / "l")

    monkeypatch.setattr(ledger, "LARGEST", 500)
    with pytest.raises(SealError, match="larger"):
        read(write(tmp_path / "l", story(4)))


def test_a_missing_ledger_and_one_that_is_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, message in (("nothing", "there is no ledger"), ("folder", "no ordinary file")):
        with pytest.raises(SealError, match=message), reading(tmp_path / name):
            pass


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "l")

    with pytest.raises(SealError, match="no ordinary file"), reading(tmp_path / "l"):
        pass


def test_an_entry_is_appended_and_the_rest_stays(tmp_path: Path) -> None:
    path = write(tmp_path / "l", story(2))
    with held(path) as found:
        found.append(story(3)[2])
        assert list(found.entries()) == story(3)

    assert read(path) == story(3)


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "l", story(2))
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    with held(path) as found:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(SealError, match="No space left"):
            found.append(story(3)[2])
    assert path.read_bytes() == before


def test_a_ledger_that_was_replaced_while_it_was_held_is_not_taken_for_written(tmp_path: Path) -> None:
    path = write(tmp_path / "l", story(2))
    with held(path) as found:
        write(tmp_path / "other", story(1)).replace(path)
        with pytest.raises(SealError, match="replaced"):
            found.append(story(3)[2])


def test_two_writers_wait_for_one_another(tmp_path: Path) -> None:
    """Each of 4 threads adds 5 entries to what it reads: without the lock they would write over one another."""
    path = write(tmp_path / "l", story(1))

    def work() -> None:
        for _ in range(5):
            with held(path) as found:
                last = list(found.entries())[-1]
                found.append(chained(last, entry("planned")))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(read(path)) == 21
    assert list(flaws(read(path))) == []


HOLD = """
import sys
from pathlib import Path
from passmuster.adapters.seal.ledger import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_waited_for_and_lets_go_when_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "l", story(1))
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(SealError, match="another process"), held(path, patience=0.2):
            pass
        other.kill()
        other.wait()
        with held(path) as found:
            assert list(found.entries()) == story(1)
    finally:
        other.kill()
        other.communicate()


def test_ten_thousand_entries_are_gone_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes it fast is that each line is read, written and hashed once; see benchmarks/ledger.py."""
    count = 10_000
    path = write(tmp_path / "l", story(count))
    calls = []

    def counted(value: object) -> bytes:
        calls.append(value)
        return canonical(value)

    monkeypatch.setattr(ledger, "canonical", counted)

    assert list(flaws(read(path))) == []
    assert len(calls) == count


def test_an_entry_that_cannot_be_written_in_one_way_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(replace(story(1)[0], time=float("nan")))
