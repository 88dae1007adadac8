"""Frozen versions on disk: what was altered is noticed, and nothing is ever half-written."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.corpus.versions.frozen import Moment, State, frozen_version
from passmuster.errors import CorpusError
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.version import FrozenVersion

CASES = [
    Case(id="b", input="Where is my card?", reference="cards", weight=2.0, tags=("x", "y"), time=1.5),
    Case(id="a", input={"zeta": "1", "alpha": [1, 2.5, None, True]}, reference={"total": 1.0}, group="g"),
    Case(
        id="c",
        input=Conversation(
            messages=(Message(role="user", content="Hi \u2028 \x85 \x1c there"),),
            context=(Document(text="d"),),
        ),
        origin="synthetic",
        generator="m",
    ),
]
STATE = State(parts={"eval": CASES[:2], "edge": [CASES[2]]})


@pytest.fixture
def files(tmp_path: Path) -> VersionFiles:
    return VersionFiles(CorpusFolder(tmp_path))


def kept(files: VersionFiles, state: State = STATE) -> FrozenVersion:
    version = frozen_version(state, Moment(time=1.0, canary="guid"))
    files.keep(version, state, "canary guid")
    return version


def test_a_version_comes_back_as_it_was(files: VersionFiles) -> None:
    version = kept(files)
    assert files.versions() == (version,)
    found = files.state(version).parts
    assert {name: sorted(cases, key=lambda case: case.id) for name, cases in found.items()} == {
        "eval": [CASES[1], CASES[0]],
        "edge": [CASES[2]],
    }


def test_the_file_begins_with_the_canary(files: VersionFiles) -> None:
    version = kept(files)
    first = gzip.decompress(files.place(version.version).read_bytes()).splitlines()[0]
    assert json.loads(first) == {"canary": "canary guid", "version": version.version}


def test_the_same_state_gives_the_same_bytes_whatever_the_order(files: VersionFiles) -> None:
    version = kept(files)
    before = files.place(version.version).read_bytes()
    files.keep(version, State(parts={"edge": [CASES[2]], "eval": CASES[1::-1]}), "canary guid")
    assert files.place(version.version).read_bytes() == before


def flipped(text: str) -> str:
    return text.replace("Where is", "where is")


def dropped(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if '"b"' not in line) + "\n"


def moved(text: str) -> str:
    return text.replace('"split": "edge"', '"split": "eval"')


def renamed(text: str) -> str:
    return text.replace('"split": "edge"', '"split": "adversarial"')


def unknown_part(text: str) -> str:
    return text.replace('"split": "edge"', '"split": "holdout"')


def unknown_field(text: str) -> str:
    return text.replace('"id": "b"', '"id": "b", "colour": "red"')


def whole_number(text: str) -> str:
    return text.replace('"weight": 2.0', '"weight": 2')


def doubled(text: str) -> str:
    return text + text.splitlines()[-1] + "\n"


def not_json(text: str) -> str:
    return text.replace('"case"', "case", 1)


def a_list(text: str) -> str:
    return text + "[]\n"


@pytest.mark.parametrize(
    "alter",
    [flipped, dropped, moved, renamed, unknown_part, unknown_field, whole_number, doubled, not_json, a_list],
)
def test_an_altered_file_is_noticed_when_it_is_read(files: VersionFiles, alter: Callable[[str], str]) -> None:
    version = kept(files)
    path = files.place(version.version)
    text = gzip.decompress(path.read_bytes()).decode()
    assert alter(text) != text
    path.write_bytes(gzip.compress(alter(text).encode(), mtime=0))
    with pytest.raises(CorpusError, match="altered") as caught:
        files.state(version)
    assert str(path) in str(caught.value)


def test_a_canary_that_was_changed_changes_no_case(files: VersionFiles) -> None:
    version = kept(files)
    path = files.place(version.version)
    text = gzip.decompress(path.read_bytes()).decode().replace("canary guid", "another")
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    assert files.state(version)


@pytest.mark.parametrize("cut", [0, 5, -6])
def test_a_truncated_file_is_broken(files: VersionFiles, cut: int) -> None:
    version = kept(files)
    path = files.place(version.version)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CorpusError, match=r"broken|altered"):
        files.state(version)


def test_one_byte_anywhere_is_noticed(files: VersionFiles) -> None:
    version = kept(files)
    path = files.place(version.version)
    whole = path.read_bytes()
    for place in range(10, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(CorpusError):
            files.state(version)


def test_a_missing_file_says_how_to_get_it_back(files: VersionFiles) -> None:
    version = kept(files)
    files.place(version.version).unlink()
    with pytest.raises(CorpusError, match="git checkout"):
        files.state(version)


def test_lines_are_added_and_never_touched(files: VersionFiles, tmp_path: Path) -> None:
    kept(files)
    before = (tmp_path / "versions.jsonl").read_bytes()
    kept(files, State(parts={"eval": CASES[:1]}))
    assert (tmp_path / "versions.jsonl").read_bytes().startswith(before)
    assert len(files.versions()) == 2


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"version": "x"}', b'{"version": "x", "time": 1, "canary": "", "colour": 1}', b"\xff"],
)
def test_a_line_that_is_no_version_is_told_with_its_number(
    files: VersionFiles, tmp_path: Path, line: bytes
) -> None:
    kept(files)
    with (tmp_path / "versions.jsonl").open("ab") as stream:
        stream.write(line + b"\n")
    with pytest.raises(CorpusError, match=r"versions\.jsonl:2"):
        files.versions()


def test_where_writing_fails_nothing_was_frozen(
    files: VersionFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("passmuster.adapters.files.lines.os.fsync", full)
    with pytest.raises(CorpusError, match="No space left"):
        kept(files)
    monkeypatch.undo()
    assert files.versions() == ()
    assert not list(tmp_path.rglob("*.gz*"))


@pytest.mark.parametrize("time", ["1e20", "-1e15", "NaN", "Infinity"])
def test_a_time_that_is_none_is_named_with_its_line(files: VersionFiles, tmp_path: Path, time: str) -> None:
    kept(files)
    path = tmp_path / "versions.jsonl"
    path.write_text(path.read_text().replace('"time": 1.0', f'"time": {time}'))
    with pytest.raises(CorpusError, match=r"versions\.jsonl:1: time"):
        files.versions()


def test_a_last_line_that_was_cut_off_is_named_with_what_to_do(files: VersionFiles, tmp_path: Path) -> None:
    kept(files)
    path = tmp_path / "versions.jsonl"
    path.write_text(path.read_text() + path.read_text()[:40])
    with pytest.raises(CorpusError, match=r"versions\.jsonl:2") as caught:
        files.versions()
    assert "cut off" in str(caught.value)
