"""JSON documents are read a value at a time, however they are cut."""

import gzip
import json
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.adapters.ingest.formats import documents
from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.errors import CorpusError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)


def read(path: Path, text: str) -> list[object]:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return [each.value for each in json_values(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.json"


@given(members=st.lists(JSON, max_size=8), chunk=st.integers(1, 40), indent=st.sampled_from([None, 1]))
@settings(max_examples=200)
def test_a_list_gives_its_members_wherever_it_is_cut(
    members: list[object], chunk: int, indent: int | None
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_CHUNK", chunk)
        assert (
            read(Path(folder) / "a.json", json.dumps(members, indent=indent, ensure_ascii=False)) == members
        )


@given(
    members=st.lists(JSON.filter(lambda value: not isinstance(value, list)), max_size=6),
    chunk=st.integers(1, 40),
)
def test_values_after_one_another_are_each_read(members: list[object], chunk: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_CHUNK", chunk)
        assert read(Path(folder) / "a.json", "\n".join(map(json.dumps, members))) == members


def test_where_each_stands_is_said(path: Path) -> None:
    path.write_text("[1, 2]")
    assert [each.where for each in json_values(path)] == ["[0]", "[1]"]
    path.write_text("{}\n{}\n")
    assert [each.where for each in json_values(path)] == ["", "value 2"]


@pytest.mark.parametrize(
    ("text", "found"), [("", []), (" \n", []), ("[]", []), ("\ufeff[1]", [1]), ("[NaN]", [None])]
)
def test_small_things(text: str, found: list[object], path: Path) -> None:
    assert read(path, text) == found


@pytest.mark.parametrize(
    "text",
    ["[1, 2", "[1 2]", "[1,]", "[1] 2", "{", '{"a"', '["a', "nul", "[" * 100_000, "]", '[{"a": 01}]', "[,1]"],
)
def test_what_is_no_json_is_refused(text: str, path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.json:1: (not valid JSON|.*recursion)"):
        read(path, text)


def test_the_line_of_a_mistake_is_named(path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.json:3: not valid JSON"):
        read(path, '[{"a": 1},\n {"b": 2},\n {c: 3}]')


def test_packed_files_are_unpacked_and_cut_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    packed = gzip.compress(json.dumps([{"a": number} for number in range(5000)]).encode(), mtime=0)
    path.write_bytes(packed)
    assert len(list(json_values(path))) == 5000
    path.write_bytes(packed[:-20])
    with pytest.raises(CorpusError, match="compressed file is broken"):
        list(json_values(path))


def test_bytes_that_are_no_utf_8_are_refused(path: Path) -> None:
    path.write_bytes(b'["\xff"]')
    with pytest.raises(CorpusError, match="not UTF-8"):
        list(json_values(path))


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        list(json_values(path))
    with pytest.raises(CorpusError, match="cannot be read"):
        list(json_values(path.parent))


def test_a_value_that_is_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 1 << 20)
    with pytest.raises(CorpusError, match="a value of more than 1048576 characters"):
        read(path, json.dumps(["a" * (4 << 20)]))


def test_only_a_part_of_a_list_is_held(path: Path) -> None:
    path.write_text(json.dumps([{"text": f"{number} " * 200} for number in range(10_000)]))
    assert path.stat().st_size > 8 << 20
    tracemalloc.start()
    try:
        assert sum(1 for _ in json_values(path)) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
