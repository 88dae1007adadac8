"""The folder of a corpus: its files are found, read and written where they belong."""

from pathlib import Path

import pytest

from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.errors import CorpusError, UsageError
from passmuster.records.case import Case

A, B = "a" * 64, "b" * 64


def test_a_folder_need_not_exist(tmp_path: Path) -> None:
    folder = CorpusFolder(tmp_path / "datasets")

    assert folder.open_cases() == []
    assert folder.split("eval") == ()
    assert folder.pools() == {}


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    folder = CorpusFolder(tmp_path / "datasets")
    edge = Case(id="e", input="?", category="edge", expect="clarification", parent="1", transform="cut")

    folder.write_split("train", [Case(id="1", input="a", time=1.5, weight=2.0)])
    folder.write_split("eval", [Case(id="2", input="b", origin="synthetic", generator="g")])
    folder.write_pool("edge", [edge])

    assert [case.id for case in folder.open_cases()] == ["1", "2", "e"]
    assert folder.pools() == {"edge": [edge]}
    assert folder.split("train") == [Case(id="1", input="a", time=1.5, weight=2.0)]


def test_an_emptied_pool_holds_nothing(tmp_path: Path) -> None:
    folder = CorpusFolder(tmp_path)
    folder.write_pool("edge", [])
    assert folder.pools() == {}


def test_a_pool_takes_its_own_category_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="case 'e' is typical, and the pool is edge"):
        CorpusFolder(tmp_path).write_pool("edge", [Case(id="e", input="?")])


def test_a_split_in_a_csv_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "eval.csv").write_text("id,input\n1,a\n")
    with pytest.raises(CorpusError, match="cannot hold every field"):
        CorpusFolder(tmp_path).write_split("eval", [])


def test_traffic_is_hidden_from_git(tmp_path: Path) -> None:
    folder = CorpusFolder(tmp_path).traffic_folder()
    assert (folder / ".gitignore").read_text().endswith("*\n")


def test_a_plain_holdout_is_found_but_is_no_split_to_read(tmp_path: Path) -> None:
    (tmp_path / "holdout.jsonl").write_text('{"id": "h", "input": "secret"}\n')
    folder = CorpusFolder(tmp_path)

    assert folder.split_file("holdout") == tmp_path / "holdout.jsonl"
    assert folder.open_cases() == []


def test_what_is_no_business_of_git_is_hidden_and_a_list_that_is_there_stays(tmp_path: Path) -> None:
    folder = CorpusFolder(tmp_path / "data")
    folder.keep_out_of_git()
    hidden = (folder.path / ".gitignore").read_text()
    assert "/cases.jsonl\n" in hidden
    for left_by_a_crash in ("/cases.jsonl.part\n", "*.parting.jsonl*\n", "*.sealing.jsonl*\n"):
        assert left_by_a_crash in hidden
    assert "/traffic/\n" in hidden

    (folder.path / ".gitignore").write_text("mine\n")
    folder.keep_out_of_git()
    assert (folder.path / ".gitignore").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("text", "head"),
    [
        (f'{{"hash": "{A}"}}\n', A),
        (f'{{"hash": "{A}"}}\n{{"hash": "{B}"}}\n', B),
        ("", None),
        ("[1]\n", None),
        ('{"hash": 5}\n', None),
        ('{"hash": "short"}\n', None),
        ("[" * 100_000, None),
    ],
)
def test_the_head_of_a_ledger_is_the_hash_of_its_last_line(
    tmp_path: Path, text: str, head: str | None
) -> None:
    folder = CorpusFolder(tmp_path)
    folder.ledger.write_text(text)
    assert folder.ledger_head() == head
