"""Parquet through DuckDB: types, globs, other columns, broken files, and no signature in any message."""

import datetime as dt
import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passmuster.adapters.ingest.duckdb_rows import PORTION, ParquetRows, RemoteLines, failed, shown_address
from passmuster.adapters.ingest.tabular import Good
from passmuster.errors import CorpusError

TABLE = pa.table(
    {
        "id": [1, 2],
        "messages": [[{"role": "user", "content": "Hi"}], None],
        "at": [dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC), None],
        "steps": [[{"at": dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)}], None],
        "day": [dt.date(2025, 3, 1), None],
        "cost": [decimal.Decimal("0.0100"), None],
        "score": [float("nan"), 0.5],
        "raw": [b"abc", b"\xff"],
        "meta": [{"country": "de"}, None],
    }
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of two rows."""
    path = tmp_path / "a.parquet"
    pq.write_table(TABLE, path)
    return path


def test_values_of_all_types_come_as_json(file: Path) -> None:
    first, second = ParquetRows([str(file)])
    assert first == Good(
        1,
        {
            "id": 1, "messages": [{"role": "user", "content": "Hi"}], "at": "2025-03-01T12:00:00",
            "steps": [{"at": "2025-03-01 12:00:00+00"}], "day": "2025-03-01", "cost": 0.01, "score": None, "raw": "abc",
            "meta": {"country": "de"},
        },
    )  # fmt: skip
    assert isinstance(second, Good)
    assert isinstance(second.value, dict)
    assert second.value["raw"] is None
    assert second.value["messages"] is None


def test_a_glob_reads_its_files_by_name_and_says_which_one(file: Path) -> None:
    pq.write_table(TABLE.slice(1), file.with_name("b.parquet"))
    rows = ParquetRows([str(file.parent / "*.parquet")])
    assert [item.where for item in rows] == [f"{file}:1", f"{file}:2", f"{file.with_name('b.parquet')}:1"]
    assert (rows.done, rows.total) == (3, 3)


def test_another_question_on_the_way_does_not_end_the_rows(file: Path) -> None:
    pq.write_table(pa.table({"n": range(3 * PORTION), "meta": [{"country": "de"}] * 3 * PORTION}), file)
    rows = ParquetRows([str(file)])
    items = iter(rows)
    first = next(items)
    rows.need(["n", "meta.country"])
    assert [first, *items] == [Good(n + 1, {"n": n, "meta": {"country": "de"}}) for n in range(3 * PORTION)]


def test_a_file_with_other_columns_is_named_with_what_it_has(file: Path) -> None:
    other = file.with_name("b.parquet")
    pq.write_table(pa.table({"x": [1], "y": ["a"]}), other)
    with pytest.raises(
        CorpusError,
        match=r"(?s)b\.parquet: this file has other columns: there is no 'messages'.*It has: x, y",
    ):
        ParquetRows([str(file), str(other)]).need(["messages"])


@pytest.mark.parametrize("kept", [0, 100, 900])
def test_a_file_that_was_cut_off_is_an_error(kept: int, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(CorpusError, match=r"a\.parquet"):
        list(ParquetRows([str(file)]))


def test_a_broken_page_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": [f"text {n * 7919}" for n in range(50_000)]}),
        path,
        compression="snappy",
        use_dictionary=False,
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2_000] = bytes(2_000)
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"a\.parquet: "):
        list(ParquetRows([str(path)]))


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no file is called"):
        ParquetRows([str(tmp_path / "*.parquet")])
    with pytest.raises(CorpusError, match=r"a\.parquet"):
        list(ParquetRows([str(tmp_path / "a.parquet")]))


def test_lines_that_duckdb_fetches_are_those_of_the_file_and_bad_ones_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"a": "x\\u0001, \\"y\\""}\n\n{"b": "tab\there"}\r\n{"c": "\xff"}\n{"d": '
        + b"1" * 3_000_000
        + b"}\n"
    )
    lines = RemoteLines(str(path))
    found = [line.raw.rstrip() for line in lines if line.raw.strip()]
    assert found == [
        b'{"a": "x\\u0001, \\"y\\""}',
        b'{"b": "tab\there"}',
        b'{"d": ' + b"1" * 3_000_000 + b"}",
    ]
    assert len(lines.rejected) == 1
    assert "not utf-8" in lines.rejected[0].reason


def test_no_address_shows_a_password_or_a_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://ann:hunter2@host/a.parquet?X-Amz-Signature=abcdef"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "topsecret")
    told = str(failed(ValueError(f"HTTP 403 for '{address}' with topsecret\nmore"), address))
    assert not any(secret in told for secret in ("hunter2", "abcdef", "topsecret"))
    assert shown_address(address) == "https://***@host/a.parquet?***"
    assert shown_address("/tmp/what?.parquet") == "/tmp/what?.parquet"  # noqa: S108  # a name, no file is made
