"""The place of an import: all of it appears at once, with what could not be used beside it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.ingest.quarantine import MOST_KEPT, TrafficShelf, account_of
from passmuster.adapters.ingest.traffic import read_traffic_file
from passmuster.errors import CorpusError
from passmuster.records.imported import BadRow, Imported, Recognised, Settled
from passmuster.records.traffic import TrafficRecord

IMPORTED = Imported(
    name="a", path="", kind="traffic", sources=("a.csv",), recognised=Recognised(format="table", kind="traffic", why="?"), sha256={"a.csv": "f" * 64}
)  # fmt: skip


def put(folder: Path, *records: TrafficRecord, name: str = "a", bad: tuple[BadRow, ...] = ()) -> Settled:
    """Bring records to a folder of traffic."""
    with TrafficShelf(folder, name) as shelf:
        for record in records:
            assert shelf.add(record) is None
        for row in bad:
            shelf.set_aside(row)
        settled = shelf.settle()
        shelf.keep(IMPORTED)
    return settled


def kept(folder: Path) -> list[TrafficRecord]:
    """Return the records that are there."""
    return list(read_traffic_file(folder / "a.jsonl.gz"))


def test_records_quarantine_and_account_appear_together(tmp_path: Path) -> None:
    put(tmp_path, TrafficRecord(id="1", input="a"), bad=(BadRow(where="line 2", reason="no", text="\udcff"),))
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl.gz", "a.quarantine.jsonl", "a.import.json"}
    assert json.loads((tmp_path / "a.quarantine.jsonl").read_text()) == {
        "where": "line 2",
        "reason": "no",
        "text": "?",
    }
    account = account_of(tmp_path, "a")
    assert account is not None
    assert account.quarantine == str(tmp_path / "a.quarantine.jsonl")


def test_nothing_appears_before_it_is_kept(tmp_path: Path) -> None:
    put(tmp_path, TrafficRecord(id="1", input="a"))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with TrafficShelf(tmp_path, "a") as shelf:
        shelf.add(TrafficRecord(id="2", input="b"))
        shelf.set_aside(BadRow(where="line 1", reason="no"))
        shelf.settle()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_import_without_bad_rows_takes_the_old_quarantine_away(tmp_path: Path) -> None:
    put(tmp_path, TrafficRecord(id="1", input="a"), bad=(BadRow(where="line 2", reason="no"),))
    put(tmp_path, TrafficRecord(id="1", input="a"))
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl.gz", "a.import.json"}


def test_a_record_that_is_there_twice_is_kept_once(tmp_path: Path) -> None:
    record = TrafficRecord(id="1", input="a", feedback="up", columns={"x": 1, "y": 2})
    again = TrafficRecord(id="1", input="a", feedback="up", columns={"y": 2, "x": 1})
    settled = put(tmp_path, record, TrafficRecord(id="2", input="a"), again, again)
    assert settled == Settled(repeated=2, feedback={"up": 2}, timeless=2)
    assert [each.id for each in kept(tmp_path)] == ["1", "2"]


def test_records_of_one_id_get_ids_of_their_own_that_stay_the_same(tmp_path: Path) -> None:
    records = [TrafficRecord(id="1", input=text) for text in "abc"]
    assert put(tmp_path, *records) == Settled(renamed=2)
    ids = [each.id for each in kept(tmp_path)]
    assert ids[0] == "1"
    assert len(set(ids)) == 3
    put(tmp_path, *records)
    assert [each.id for each in kept(tmp_path)] == ids
    assert [each.input for each in kept(tmp_path)] == ["a", "b", "c"]


def test_equal_rows_without_an_id_are_several_calls(tmp_path: Path) -> None:
    record = TrafficRecord(id="row-0123456789abcdef", input="a")
    assert put(tmp_path, record, record, record) == Settled(renamed=2)
    assert [each.id for each in kept(tmp_path)] == [record.id, f"{record.id}-2", f"{record.id}-3"]


def test_a_file_that_was_imported_under_another_name_is_refused(tmp_path: Path) -> None:
    put(tmp_path, TrafficRecord(id="1", input="a"))
    with pytest.raises(CorpusError, match=r"a\.csv was imported already, as 'a'"):
        put(tmp_path, TrafficRecord(id="1", input="a"), name="b")
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl.gz", "a.import.json"}


def test_the_quarantine_is_bounded(tmp_path: Path) -> None:
    put(tmp_path, TrafficRecord(id="1", input="a"), bad=(BadRow(where="?", reason="no"),) * (MOST_KEPT + 5))
    assert len((tmp_path / "a.quarantine.jsonl").read_text().splitlines()) == MOST_KEPT


def test_what_cannot_be_written_is_told_and_left_out(tmp_path: Path) -> None:
    with TrafficShelf(tmp_path, "a") as shelf:
        assert shelf.add(TrafficRecord(id="1", input={"a": float("nan")})) is not None
        assert shelf.add(TrafficRecord(id="2", input="b")) is None
        shelf.keep(IMPORTED)
    assert [each.id for each in kept(tmp_path)] == ["2"]


def test_rows_without_ids_that_came_to_differ_get_ids_that_no_other_has(tmp_path: Path) -> None:
    once = TrafficRecord(id="row-0123456789abcdef", input="a", time=3e8)
    again = replace(once, feedback="retried")  # marked after its id was made
    put(tmp_path, once, again, once, again, again)

    assert len({record.id for record in kept(tmp_path)}) == 5


def test_what_cannot_be_kept_leaves_the_traffic_that_was_there(tmp_path: Path) -> None:
    put(tmp_path, TrafficRecord(id="1", input="a"))
    (tmp_path / "a.import.json").unlink()
    (tmp_path / "a.import.json").mkdir()  # the account cannot take its place
    before = (tmp_path / "a.jsonl.gz").read_bytes()

    with pytest.raises(CorpusError, match="cannot be written"):
        put(tmp_path, TrafficRecord(id="2", input="b"))

    assert (tmp_path / "a.jsonl.gz").read_bytes() == before
