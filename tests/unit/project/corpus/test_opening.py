"""A verb finds the corpus it works on."""

from pathlib import Path

import pytest

from passmuster.errors import UsageError
from passmuster.project.corpus.opening import open_corpus

PROJECT = """
task: t
corpus: {corpus}
metrics: [exact_match]
candidates: [{{name: a, provider: baseline, kind: constant, value: x}}]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_project_the_usual_folder_is_taken(here: Path) -> None:
    assert open_corpus().folder.path == Path("eval/datasets")
    (here / "datasets").mkdir()
    assert open_corpus().folder.path == Path("datasets")
    assert open_corpus().project is None


def test_a_project_names_its_corpus(here: Path) -> None:
    (here / "passmuster.yaml").write_text(PROJECT.format(corpus="mine"))
    (here / "mine").mkdir()

    opened = open_corpus()

    assert opened.folder.path.resolve() == here / "mine"
    assert opened.need_project("drift").settings.task == "t"
    assert opened.beside("key.pem").resolve() == here / "key.pem"


def test_a_folder_that_is_named_goes_first(here: Path) -> None:
    (here / "passmuster.yaml").write_text(PROJECT.format(corpus="mine"))
    assert open_corpus(datasets=Path("other")).folder.path == Path("other")


def test_a_corpus_of_one_file_says_how_to_make_a_folder(here: Path) -> None:
    (here / "passmuster.yaml").write_text(PROJECT.format(corpus="cases.jsonl"))
    (here / "cases.jsonl").write_text('{"id": "1", "input": "x"}\n')

    with pytest.raises(UsageError, match="single file") as caught:
        open_corpus()
    assert "passmuster corpus split" in str(caught.value)


def test_a_verb_that_needs_a_project_says_so() -> None:
    with pytest.raises(UsageError, match=r"drift needs a project file"):
        open_corpus().need_project("drift")
