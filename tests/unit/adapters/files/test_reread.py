"""A file's items, held where they are few and read again where they are many."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from passmuster.adapters.files import reread
from passmuster.adapters.files.reread import Reread
from passmuster.adapters.files.rows import Row
from passmuster.errors import CorpusError

TEXTS = ["a", "é\u2028", "x" * 5000, "", 'quoted, "text"', "two\nlines"] * 20


@pytest.fixture(params=[0, 1000], ids=["read again", "held"])
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    items: int = request.param
    monkeypatch.setattr(reread, "HELD_ITEMS", items)
    return items


def jsonl(texts: list[str]) -> str:
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    return "\ufeff" + "\r\n\n \xa0\n".join(lines)  # a file may begin with a mark, and lines may be blank


def table(texts: list[str]) -> str:
    quoted = ['"' + text.replace('"', '""') + '"' for text in texts]
    return "\ufefftext\n\n" + "\n\n".join(quoted)


def packed(content: str) -> bytes:
    return gzip.compress(content.encode(), mtime=0)


FORMS: dict[str, Callable[[list[str]], bytes]] = {
    "rows.jsonl": lambda texts: jsonl(texts).encode(),
    "rows.jsonl.gz": lambda texts: packed(jsonl(texts)),
    "rows.csv": lambda texts: table(texts).encode(),
    "rows.csv.gz": lambda texts: packed(table(texts)),
}


def said(row: Row) -> tuple[str, int]:
    return str(row.values["text"]), row.line


def opened(path: Path) -> Reread[tuple[str, int]]:
    found = Reread(path, CorpusError, said)
    assert [item for _, item in found.reading()] == list(found)
    return found


@pytest.mark.parametrize("name", FORMS)
def test_items_are_the_same_however_often_and_in_which_order_they_are_asked_for(
    tmp_path: Path, name: str, limit: int
) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name](TEXTS))
    items = opened(path)
    assert (items.held is None) is (limit == 0)
    assert [text for text, _ in items] == TEXTS
    assert [items[position] for position in reversed(range(len(items)))] == list(items)[::-1]
    assert items[3:-2:7] == list(items)[3:-2:7]
    assert items[-1] == list(items)[-1]
    with pytest.raises(IndexError):
        items[len(items)]


@pytest.mark.parametrize("name", FORMS)
def test_items_that_were_read_so_far_can_be_asked_for_while_the_rest_is_read(
    tmp_path: Path, name: str, limit: int
) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name](TEXTS))
    items = Reread(path, CorpusError, said)
    for number, (row, item) in enumerate(items.reading()):
        assert items[number] == item
        assert next(items.rows(number)).values == row.values
    assert len(items) == len(TEXTS)


def test_a_file_that_changed_is_refused_instead_of_mixed(tmp_path: Path, limit: int) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(FORMS["rows.jsonl"](TEXTS))
    items = opened(path)
    path.write_bytes(FORMS["rows.jsonl"](TEXTS[::-1]))
    os.utime(path, ns=(1, 1))
    if limit:
        assert [text for text, _ in items] == TEXTS
        return
    with pytest.raises(CorpusError, match="has changed since it was first read"):
        list(items)
    with pytest.raises(CorpusError, match="has changed"):
        items[0]


def test_a_file_that_another_took_the_place_of_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reread, "HELD_ITEMS", 0)
    path, other = tmp_path / "rows.jsonl", tmp_path / "other.jsonl"
    path.write_bytes(FORMS["rows.jsonl"](TEXTS))
    other.write_bytes(path.read_bytes())
    items = Reread(path, CorpusError, said)
    assert len(list(items.reading())) == len(TEXTS)
    other.replace(path)
    with pytest.raises(CorpusError, match="has changed"):
        items[0]


def test_a_file_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reread, "HELD_ITEMS", 0)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(FORMS["rows.jsonl"](TEXTS))
    items = Reread(path, CorpusError, said)
    assert len(list(items.reading())) == len(TEXTS)
    path.unlink()
    with pytest.raises(CorpusError, match="cannot be read again"):
        items[0]


def test_a_large_file_is_not_held_even_where_its_items_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reread, "HELD_BYTES", 3000)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(FORMS["rows.jsonl"](TEXTS))
    assert opened(path).held is None


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv.gz"])
def test_several_threads_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(reread, "HELD_ITEMS", 0)
    monkeypatch.setattr(reread, "_BLOCK", 64)
    path = tmp_path / name
    path.write_bytes(FORMS[name](TEXTS))
    items = opened(path)
    found: list[list[str]] = []
    threads = [Thread(target=lambda: found.append([text for text, _ in items])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [TEXTS] * 4


def test_the_digest_is_that_of_the_content(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    plain.write_bytes(FORMS["rows.jsonl"](TEXTS))
    zipped.write_bytes(FORMS["rows.jsonl.gz"](TEXTS))
    assert opened(plain).digest == opened(zipped).digest
