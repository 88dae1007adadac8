"""The process is killed before any of the writes of a split, a seal or a retirement: no case is lost, and none leaks."""

import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.ingest.cases import write_cases
from passmuster.errors import PassmusterError
from passmuster.project.corpus.adopt import seal_plain
from passmuster.project.corpus.keys import custody, make_pair
from passmuster.project.corpus.open import Wish, retire, unsealed
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.sealed import read_sealed
from passmuster.project.corpus.split import split
from passmuster.records.case import Case

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

KILLED, DONE = 9, 0
MANY = 40
IDS = {f"c{number}" for number in range(60)}


def made(folder: Path, name: str) -> Corpus:
    folder.mkdir(parents=True)
    make_pair(folder / "away" / "key", folder / "datasets" / "custodian.pub")
    texts = {f"c{n}": f"xylophone alpha{n} beta{n} gamma{n}" for n in range(60)}
    cases = [Case(id=own, input=text, reference="yes") for own, text in texts.items()]
    write_cases(folder / "datasets" / name, cases)
    return open_corpus(datasets=folder / "datasets")


def killed_before(write: int, work: Callable[[], object]) -> bool:
    """Do the work in a process that is killed before its n-th write; return whether it came so far."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
    numbers = count()

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def dies(*arguments: Any, **named: Any) -> Any:
            if next(numbers) == write:
                os._exit(KILLED)
            return real(*arguments, **named)

        return dies

    for name in ("replace", "rename", "unlink"):
        setattr(Path, name, counted(getattr(Path, name)))
    os.fsync = counted(os.fsync)
    try:
        work()
    finally:
        os._exit(DONE)


def ids(corpus: Corpus, name: str) -> set[str]:
    path = corpus.folder.path / name
    return {json.loads(line)["id"] for line in path.read_text().splitlines()} if path.is_file() else set()


def held(corpus: Corpus) -> set[str]:
    """Return the ids that are sealed; none where there is no whole seal."""
    if not corpus.folder.lock.exists():
        return set()
    key = custody(corpus.folder.path.parent / "away" / "key", {})
    return {case.id for case in unsealed(read_sealed(corpus, key)).cases}


def again(corpus: Corpus, work: Callable[[], object]) -> None:
    """Give the same command again, having done what its message says."""
    try:
        work()
    except PassmusterError as error:
        if "take these away" in str(error):
            for path in (corpus.folder.sealed, corpus.folder.ledger):
                path.unlink(missing_ok=True)
            work()
        else:
            assert "no cases that wait" in str(error)  # noqa: PT017 - one of two fair answers


def test_a_split_that_is_killed_loses_and_leaks_no_case(tmp_path: Path) -> None:
    for write in range(MANY):
        corpus = made(tmp_path / str(write), "cases.jsonl")
        if not killed_before(write, lambda corpus=corpus: split(corpus)):  # type: ignore[misc]  # bound now
            break
        again(corpus, lambda corpus=corpus: split(corpus))  # type: ignore[misc]  # bound now
        sealed = held(corpus)
        sides = ids(corpus, "train.jsonl"), ids(corpus, "eval.jsonl")
        assert (len(sealed), *map(len, sides)) == (6, 42, 12), write
        assert sealed | sides[0] | sides[1] == IDS, write
        left = {path.name for path in corpus.folder.path.iterdir()}
        names = {"custodian.pub", "train.jsonl", "eval.jsonl", "corpus.lock.json", "holdout.sealed"}
        assert left - {"holdout.sealed.part", "corpus.lock.json.part"} == {*names, "ledger.jsonl"}, write
    assert 10 < write < MANY


def test_a_seal_that_is_killed_leaves_the_plain_file_or_a_whole_seal(tmp_path: Path) -> None:
    for write in range(MANY):
        corpus = made(tmp_path / str(write), "holdout.jsonl")
        if not killed_before(write, lambda corpus=corpus: seal_plain(corpus)):  # type: ignore[misc]  # bound now
            break
        assert IDS in (ids(corpus, "holdout.jsonl"), held(corpus)), write
    assert 5 < write < MANY


def test_a_retirement_that_is_killed_before_it_moves_anything_is_finished_by_the_next(tmp_path: Path) -> None:
    corpus = made(tmp_path / "one", "holdout.jsonl")
    seal_plain(corpus)
    key = custody(tmp_path / "one" / "away" / "key", {})
    assert killed_before(1, lambda: retire(corpus, key, Wish()))
    assert corpus.folder.sealed.is_file()

    assert retire(corpus, key, Wish()).event == "retired"
    assert not corpus.folder.sealed.exists()
    (kept,) = (corpus.folder.path / "retired").iterdir()
    assert (kept / "ledger.jsonl").read_text().count('"retired"') == 1
