"""YAML is read safely, and cannot grow beyond what is written."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.formats.yaml_text import LARGEST, yaml_values
from passmuster.errors import CorpusError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.yaml"


def read(path: Path, text: str) -> list[object]:
    path.write_text(text)
    return [each.value for each in yaml_values(path)]


def test_a_list_and_documents_are_taken_apart(path: Path) -> None:
    assert read(path, "- a: 1\n- b\n") == [{"a": 1}, "b"]
    assert read(path, "a: 1\n---\nb: 2\n---\n") == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("no", "no"), ("on", "on"), ("yes", "yes"), ("12:30", "12:30"), ("0123", "0123")),
        *(("2024-01-02", "2024-01-02"), ("1_000", "1_000"), (".inf", ".inf"), ("'1'", "1")),
        *(
            ("true", True),
            ("False", False),
            ("~", None),
            ("", None),
            ("12", 12),
            ("-1.5e3", -1500.0),
            ("0x1F", 31),
        ),
    ],
)
def test_plain_words_are_what_they_are_in_yaml_1_2(text: str, value: object, path: Path) -> None:
    assert read(path, f"a: {text}\n") == [{"a": value}]


def test_names_of_fields_are_texts(path: Path) -> None:
    assert read(path, "2: a\ntrue: b\n") == [{"2": "a", "True": "b"}]


def test_aliases_and_merges_are_followed(path: Path) -> None:
    assert read(path, "x: &x {a: 1}\ny: *x\nz: {<<: *x, b: 2}\n") == [
        {"x": {"a": 1}, "y": {"a": 1}, "z": {"a": 1, "b": 2}}
    ]


def test_aliases_of_aliases_are_stopped(path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]

    with pytest.raises(CorpusError, match="aliases of the file stand for more than 2,000,000 values"):
        read(path, "\n".join(lines))


def test_merges_of_merges_are_stopped(path: Path) -> None:
    lines = ["a0: &a0 {k: x}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]

    with pytest.raises(CorpusError, match="too many fields"):
        read(path, "\n".join(lines))
    with pytest.raises(CorpusError, match="too many mappings"):
        read(path, f"a: &a {{k: x}}\nb: {{<<: [{', '.join(['*a'] * 60)}]}}")


def test_a_key_that_stands_twice_is_refused(path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.yaml:2:1: not valid YAML: the key 'a' stands twice"):
        read(path, "a: 1\na: 2\n")


def test_a_value_inside_itself_is_refused(path: Path) -> None:
    with pytest.raises(CorpusError, match="aliases"):
        read(path, "a: &a [*a]")


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [id]", "!own {a: 1}"])
def test_no_objects_are_made(tag: str, path: Path) -> None:
    with pytest.raises(CorpusError, match="not valid YAML: could not determine a constructor"):
        read(path, f"a: {tag}")


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\t- a", "{a: *none}", "? [a]\n: b", "[" * 5000])
def test_what_is_no_yaml_is_refused(text: str, path: Path) -> None:
    with pytest.raises(CorpusError, match="not valid YAML"):
        read(path, text)


def test_the_place_of_a_mistake_is_named(path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.yaml:2:5"):
        read(path, "a: 1\nb: c: d\n")


def test_bytes_that_are_no_utf_8_are_refused(path: Path) -> None:
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(CorpusError, match="not UTF-8: byte 0xff"):
        list(yaml_values(path))


def test_a_huge_file_is_refused_before_it_is_read(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(LARGEST + 1)
    with pytest.raises(CorpusError, match="more than 32 MB"):
        list(yaml_values(path))
    with pytest.raises(CorpusError, match="no such file"):
        list(yaml_values(path.with_name("none.yaml")))


@given(st.text(alphabet="ab:- [{&*<>|'\"\n#!?%@`~0.", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_text(text)
        with suppress(CorpusError):
            list(yaml_values(path))
