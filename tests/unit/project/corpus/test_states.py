"""States of a corpus by name: a version, the corpus as it is now, another folder."""

import json
from pathlib import Path

import pytest

from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.errors import UsageError
from passmuster.project.corpus.diff import diff
from passmuster.project.corpus.freeze import freeze
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.versions import state
from passmuster.project.settings import CorpusSettings


def write(folder: Path, *rows: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "eval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "eval/datasets", {"id": "1", "input": "one"})
    opened = open_corpus()
    freeze(opened)
    return opened


def test_the_newest_version_is_meant_though_a_folder_has_its_name(corpus: Corpus, tmp_path: Path) -> None:
    write(tmp_path / "latest", {"id": "2", "input": "two"})
    name, found = state(corpus, "latest")
    assert name != "latest"
    assert [case.id for case in found.parts["eval"]] == ["1"]


@pytest.mark.parametrize("name", ["empty", ""])
def test_a_folder_without_cases_is_no_state(corpus: Corpus, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no cases"):
        diff(corpus, "latest", name)


def test_another_folder_is_read_by_the_columns_of_this_one(corpus: Corpus, tmp_path: Path) -> None:
    write(tmp_path / "other", {"key": "1", "question": "one"})
    columns = CorpusSettings(path="x", columns={"id": "key", "input": "question"})
    mapped = Corpus(
        folder=CorpusFolder(tmp_path / "other", columns.columns), settings=columns, clock=corpus.clock
    )
    assert diff(mapped, str(tmp_path / "other"), "now", with_scores=False).changes.unchanged == 1


def test_a_version_beside_itself_has_changed_nothing(corpus: Corpus) -> None:
    found = diff(corpus, "latest", "latest").changes
    assert (found.unchanged, found.total.before, found.added, found.removed, found.changed) == (
        1,
        1,
        (),
        (),
        (),
    )
