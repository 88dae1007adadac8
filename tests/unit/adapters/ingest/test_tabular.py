"""Rows of lines: no line is lost in silence, and none stops the others."""

import csv
import gzip
import io
import os
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.tabular import LONGEST_ROW, Bad, CsvRows, Good, Item, json_rows
from passmuster.adapters.ingest.tabular_lines import Line, Lines
from passmuster.errors import CorpusError

HERE = Path("logs.csv")


def lines_of(content: bytes, tmp_path: Path, longest: int = 1 << 20) -> list[Line]:
    """Write a file and return its lines."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with Lines(path, longest) as lines:
        return list(lines)


def cells(content: str, tmp_path: Path) -> list[Item]:
    """Return the rows of a CSV text."""
    return list(CsvRows(HERE, lines_of(content.encode(), tmp_path)))


def told(items: list[Item]) -> list[tuple[object, object]]:
    """Return where each row stands, with its values or the reason why it is bad."""
    return [(item.where, item.value if isinstance(item, Good) else item.reason) for item in items]


@pytest.mark.parametrize("packed", [False, True])
def test_lines_may_end_in_any_way_and_after_a_byte_order_mark(*, packed: bool, tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\n{"a": 3}\r{"a": 4}'
    items = list(json_rows(lines_of(gzip.compress(content, mtime=0) if packed else content, tmp_path)))
    assert told(items) == [(n, {"a": n}) for n in (1, 2, 3, 4)]


def test_a_line_is_found_whole_wherever_blocks_end(tmp_path: Path) -> None:
    for length in range((1 << 18) - 3, (1 << 18) + 3):
        content = b"x" * length + b"\r\n" + b"y\r\nz"
        assert [line.raw.rstrip() for line in lines_of(content, tmp_path)] == [b"x" * length, b"y", b"z"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n\ufeff"), min_size=1, max_size=9),
        max_size=9,
    ),
    st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_lines_come_back_as_they_were_written(parts: list[str], ending: str) -> None:
    with TemporaryDirectory() as folder:
        content = "".join(part + ending for part in parts).encode()
        found = lines_of(content, Path(folder))
    assert [line.raw.decode().removesuffix(ending) for line in found] == parts
    assert [line.number for line in found] == list(range(1, len(parts) + 1))


def test_a_line_over_the_limit_is_bad_and_those_after_it_are_read(tmp_path: Path) -> None:
    content = (
        b'{"a": "' + b"x" * 400_000 + b'"}\r\n{"a": 2}\n' + b'{"a": "' + b"x" * 2_000 + b'"}\n{"a": 4}\n'
    )
    items = list(json_rows(lines_of(content, tmp_path, longest=1_000)))
    assert [type(item) for item in items] == [Bad, Good, Bad, Good]
    assert [item.where for item in items] == [1, 2, 3, 4]
    assert max(len(item[-1]) for item in items if isinstance(item, Bad)) <= 1_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": "\xff"}', "not UTF-8: byte 0xff at column 8"),
        (b'{"a": "\xc3\xa4\xff"}', "not UTF-8: byte 0xff at column 9"),
        (b'{"a": 1\0}', "a NUL byte at column 8"),
        (b"\0\0\0\0", "a NUL byte at column 1"),
        (b'{"a": "\\ud83d"}', "half of a surrogate pair, which is no character"),
        (b'{"a": 1', "not valid JSON"),
        (b'{"a": 1} {"a": 2}', "not valid JSON"),
        (b"[1, 2]", "expected an object, found a list"),
        (b"7", "expected an object, found a number"),
        (b'{"a": ' * 5_000 + b"1" + b"}" * 5_000, "not valid JSON: recursion limit exceeded"),
    ],
)
def test_a_bad_line_is_told_with_its_reason_and_the_next_one_is_read(
    line: bytes, reason: str, tmp_path: Path
) -> None:
    bad, good = json_rows(lines_of(line + b"\n\n" + b'{"a": 1}\n', tmp_path))
    assert isinstance(bad, Bad)
    assert bad.where == 1
    assert bad.reason.startswith(reason)
    assert good == Good(3, {"a": 1})


def test_a_broken_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    rows = "".join(f'{n},"text, {n}\nsecond line"\n' for n in range(2, 5))
    found = told(cells(f'id,text\n0,fine\n1,"never closed\n{rows}5,last\n', tmp_path))
    assert found[0] == (2, {"id": "0", "text": "fine"})
    assert found[1][0] == 3
    assert "quote" in str(found[1][1])
    assert found[2:] == [
        *(
            (line, {"id": str(n), "text": f"text, {n}\nsecond line"})
            for n, line in zip((2, 3, 4), (4, 6, 8), strict=True)
        ),
        (10, {"id": "5", "text": "last"}),
    ]


def test_a_quote_that_is_open_at_the_end_costs_its_own_row_only(tmp_path: Path) -> None:
    found = told(cells('id,text\n1,"open\n2,b\n3,c\n', tmp_path))
    assert found[0] == (2, "a quote that is never closed")
    assert found[1:] == [(3, {"id": "2", "text": "b"}), (4, {"id": "3", "text": "c"})]


def test_no_more_than_a_thousand_lines_are_looked_through_for_the_end_of_a_quote() -> None:
    read = 0

    def lines() -> Iterator[Line]:
        nonlocal read
        content = ["id,text\n", '1,"never closed\n', *(f"{n},b\n" for n in range(5 * LONGEST_ROW))]
        for read, text in enumerate(content, start=1):  # it is looked at from outside
            yield Line(read, text.encode())

    rows = iter(CsvRows(HERE, lines()))
    assert next(rows) == Bad(2, "a quote that is not closed within 1,000 lines", '1,"never closed')
    assert read <= LONGEST_ROW + 2
    assert next(rows) == Good(3, {"id": "0", "text": "b"})


def test_a_line_without_an_end_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 20_000_000)
    tracemalloc.start()
    with Lines(tmp_path / "file", longest=1_000_000) as lines:
        assert [line.whole for line in lines] == [False]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6_000_000


def test_rows_with_other_numbers_of_cells_are_bad(tmp_path: Path) -> None:
    assert told(cells("id,text\n1\n2,b\n3,c,d\n\n", tmp_path)) == [
        (2, "1 cells where the header has 2"),
        (3, {"id": "2", "text": "b"}),
        (4, "3 cells where the header has 2"),
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_seen_in_the_header(sign: str, tmp_path: Path) -> None:
    text = f"id{sign}text\n1{sign}a b\n"
    assert told(cells(text, tmp_path)) == [(2, {"id": "1", "text": "a b"})]


def test_columns_without_a_name_and_doubled_ones_are_told_apart(tmp_path: Path) -> None:
    assert told(cells(",a,a\n0,1,2\n", tmp_path)) == [(2, {"column 1": "0", "a": "1", "a (3)": "2"})]


def test_a_header_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"logs\.csv:1: the header cannot be read: not UTF-8: byte 0xfc"):
        list(CsvRows(HERE, lines_of("für,text\n1,2\n".encode("latin-1"), tmp_path)))


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1),
            min_size=2,
            max_size=2,
        )
    )
)
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["a", "b"])
    writer.writerows(rows)
    raw = [
        Line(n, part.encode()) for n, part in enumerate(text.getvalue().splitlines(keepends=True), start=1)
    ]
    if text.getvalue().count("\n") == len(raw):  # other line ends split lines that Lines would not split
        found = list(CsvRows(HERE, raw))
        assert [
            list(item.value.values())
            for item in found
            if isinstance(item, Good) and isinstance(item.value, dict)
        ] == rows


def test_a_gzip_that_was_cut_off_is_an_error_and_no_short_file(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"a": 1}\n' * 1_000, mtime=0)
    (tmp_path / "logs.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with (
        Lines(tmp_path / "logs.jsonl.gz") as lines,
        pytest.raises(CorpusError, match="ends too early: it was cut off"),
    ):
        list(lines)


def test_a_gzip_with_a_broken_part_is_an_error(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(os.urandom(100_000), mtime=0))
    whole[50_000:50_010] = bytes(10)
    (tmp_path / "logs.jsonl.gz").write_bytes(whole)
    with (
        Lines(tmp_path / "logs.jsonl.gz") as lines,
        pytest.raises(CorpusError, match="the packed file is broken"),
    ):
        list(lines)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}".encode("utf-16"), "UTF-16"),
        (b"\x28\xb5\x2f\xfd....", "zstd -d"),
        (b"BZh9....", "bunzip2"),
    ],
)
def test_what_is_no_text_is_told_with_what_to_do(content: bytes, told: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=told):
        lines_of(content, tmp_path)


def test_the_digest_is_that_of_the_file_as_it_lies(tmp_path: Path) -> None:
    content = gzip.compress(b"a\nb\n", mtime=0)
    (tmp_path / "x.gz").write_bytes(content)
    with Lines(tmp_path / "x.gz") as lines:
        assert len(list(lines)) == 2
        assert lines.digest == sha256(content).hexdigest()
        assert lines.done == lines.size == len(content)


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no such file"):
        Lines(tmp_path / "nowhere.jsonl")
