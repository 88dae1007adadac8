"""What is written to a corpus goes through the scrubber: which key, which detector, or none."""

from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.errors import CorpusError, MissingExtraError, UsageError
from passmuster.project.corpus.clean import KEY_VARIABLE, clean, scrubber
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord

CASE = Case(id="1", input="I am jo@example.com")
RECORD = TrafficRecord(id="1", input="I am jo@example.com", output="Hello jo@example.com")


def corpus(folder: Path, **settings: object) -> Corpus:
    opened = open_corpus(datasets=folder)
    return replace(opened, settings=replace(opened.settings, **settings))  # type: ignore[arg-type]  # by name


def test_cases_and_records_get_the_same_pseudonym_each_time(tmp_path: Path) -> None:
    first, second = scrubber(corpus(tmp_path), {}), scrubber(corpus(tmp_path), {})

    assert first(CASE) == second(CASE) != CASE
    assert first.record(RECORD).input == second(CASE).input
    assert first.counts == {"mail": 3}
    assert first.on


def test_a_key_of_the_environment_makes_no_file_and_an_empty_one_is_none(tmp_path: Path) -> None:
    given = {KEY_VARIABLE: "a key that somebody gives"}
    one = scrubber(corpus(tmp_path / "a"), given)(CASE)

    assert one == scrubber(corpus(tmp_path / "b"), given)(CASE)
    assert not (tmp_path / "a" / ".private").exists()
    assert scrubber(corpus(tmp_path / "c"), {KEY_VARIABLE: ""})(CASE) != one
    assert (tmp_path / "c" / ".private").exists()
    with pytest.raises(CorpusError, match="needs 16"):
        scrubber(corpus(tmp_path / "d"), {KEY_VARIABLE: "short"})


def test_off_means_that_nothing_changes_and_no_key_is_made(tmp_path: Path) -> None:
    scrub = scrubber(corpus(tmp_path, personal="off"), {})

    assert scrub(CASE) is CASE
    assert scrub.record(RECORD) is RECORD
    assert (scrub.on, dict(scrub.counts)) == (False, {})
    assert list(tmp_path.iterdir()) == []


def test_models_that_are_named_must_be_installed(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError):
        scrubber(corpus(tmp_path, personal_models={"en": "no_such_model"}), {})


def test_a_holdout_is_not_cleaned_under_any_name_it_may_have(tmp_path: Path) -> None:
    for name in ("holdout.jsonl", "holdout.csv", "holdout.jsonl.gz", "holdout.sealed"):
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
        with pytest.raises(UsageError, match="holdout"):
            clean(corpus(tmp_path), tmp_path / name)
