"""The verbs of the corpus are all there."""

import pytest

from passmuster.cli.corpus.verbs import CORPUS_VERBS
from passmuster.cli.main import status


@pytest.mark.parametrize("verb", CORPUS_VERBS)
def test_every_verb_of_the_corpus_exists_and_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["corpus", verb, "--help"]) == 0
    assert f"passmuster corpus {verb}" in capsys.readouterr().out


def test_an_unknown_verb_gets_the_closest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["corpus", "sampel"]) == 2
    assert "Did you mean 'sample'?" in capsys.readouterr().err


def test_the_verbs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["corpus", "--help"]) == 0
    told = capsys.readouterr().out
    assert all(verb in told for verb in CORPUS_VERBS)


def test_an_unknown_verb_of_labels_gets_the_closest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["corpus", "label", "agreemnt"]) == 2
    assert "Did you mean 'agreement'?" in capsys.readouterr().err
