"""A seal, lock, ledger or result that was altered opens nothing, and verify tells it."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.project.corpus.sealed_project import BASELINES, entries, keyed, refused, sealed

from passmuster.adapters.seal.memory import memory_file
from passmuster.corpus.seal.chain import chained
from passmuster.errors import SealError
from passmuster.project.corpus.open import open_holdout, plan
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.verify import verify
from passmuster.records.digest import canonical
from passmuster.records.seal import Entry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["holdout.sealed", "corpus.lock.json", "ledger.jsonl"])
@pytest.mark.parametrize("where", [0.0, 0.2, 0.5, 0.8, 0.999])
def test_one_flipped_byte_anywhere_is_noticed_before_a_place_is_used(
    folder: Path, name: str, where: float
) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    path = folder / "data" / name
    flip(path, int(path.stat().st_size * where))

    refused(corpus, keyed(folder))
    assert not verify(corpus).ok


def lines(corpus: Corpus) -> list[bytes]:
    return corpus.folder.ledger.read_bytes().splitlines(keepends=True)


CHANGES: dict[str, Callable[[list[bytes]], Sequence[bytes]]] = {
    "first line gone": lambda found: found[1:],
    "a line gone": lambda found: [found[0], *found[2:]],
    "two lines in another order": lambda found: [found[0], found[2], found[1], *found[3:]],
    "a line twice": lambda found: [*found, found[-1]],
    "an empty line": lambda found: [*found, b"\n"],
    "no line left": lambda found: [],
    "a made-up line": lambda found: [*found, b'{"event":"planned"}\n'],
}


@pytest.mark.parametrize("change", CHANGES)
def test_lines_deleted_moved_or_added_are_noticed(folder: Path, change: str) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    plan(corpus, BASELINES)
    corpus.folder.ledger.write_bytes(b"".join(CHANGES[change](lines(corpus))))

    refused(corpus, keyed(folder))
    assert not verify(corpus).ok


def test_a_deleted_ledger_and_one_begun_anew_are_noticed(folder: Path) -> None:
    corpus = sealed(folder)
    other = sealed(folder.parent / "other" / "project")
    corpus.folder.ledger.unlink()
    assert "there is no ledger" in refused(corpus, keyed(folder))
    assert not verify(corpus).ok

    shutil.copy(other.folder.ledger, corpus.folder.ledger)
    with pytest.raises(SealError, match="does not begin as the lock says"):
        plan(corpus, BASELINES)
    assert not verify(corpus).ok


def test_a_ledger_that_is_rolled_back_gives_no_place_back_to_the_custodian(folder: Path) -> None:
    """The chain of a cut-off ledger is whole; what the custodian remembers is not in it."""
    corpus = sealed(folder, openings=1)
    plan(corpus, BASELINES)
    before = corpus.folder.ledger.read_bytes()
    open_holdout(corpus, keyed(folder), BASELINES)
    corpus.folder.ledger.write_bytes(before)
    assert not verify(corpus).ok  # a result lies there that is of no opening
    shutil.rmtree(folder / "data" / "openings")

    assert verify(corpus).ok
    assert "the custodian remembers entry 4" in refused(corpus, keyed(folder))
    assert not verify(corpus, keyed(folder)).ok


def test_without_that_memory_an_anchor_shows_it(folder: Path) -> None:
    corpus = sealed(folder, openings=1)
    plan(corpus, BASELINES)
    before = corpus.folder.ledger.read_bytes()
    head = open_holdout(corpus, keyed(folder), BASELINES).head.hash
    corpus.folder.ledger.write_bytes(before)
    shutil.rmtree(folder / "data" / "openings")
    memory_file(folder.parent / "elsewhere" / "custodian.key").unlink()

    assert "cut off or rewritten" in refused(corpus, keyed(folder), replace(BASELINES, anchor=head))
    assert not verify(corpus, anchor=head[:16]).ok
    assert not verify(corpus, anchor="").ok
    assert verify(corpus, anchor=entries(corpus)[-1].hash).ok


def test_a_forged_result_is_noticed(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    path = open_holdout(corpus, keyed(folder), BASELINES).path
    values = json.loads(path.read_text())
    values["candidates"][0]["verdict"] = "fail"
    path.write_text(json.dumps(values, indent=2) + "\n")

    found = verify(corpus)
    assert not found.ok
    assert [each.detail for each in found.findings if each.status == "broken"] == [
        "result 3 is not what came of the opening: it was altered"
    ]


def test_a_result_that_came_of_nothing_is_noticed(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    path = open_holdout(corpus, keyed(folder), BASELINES).path
    shutil.copy(path, path.with_name("0009.json"))

    assert not verify(corpus).ok


def test_what_belongs_to_the_key_is_written_with_a_proof(folder: Path) -> None:
    """An opening that somebody without the key wrote into the ledger, chain and all, is told by the custodian."""
    corpus = sealed(folder)
    planned = plan(corpus, BASELINES).entry
    forged = chained(
        planned,
        Entry(
            event="opening",
            time=1.0,
            actor="x",
            seal=planned.seal,
            plan=planned.hash,
            rule=planned.rule,
            candidates=planned.candidates,
        ),
    )
    with corpus.folder.ledger.open("ab") as stream:
        stream.write(canonical(forged) + b"\n")

    assert verify(corpus).ok
    assert "nobody who held the custodian's key wrote this" in refused(corpus, keyed(folder))
    assert not verify(corpus, keyed(folder)).ok


def test_no_place_is_used_where_the_result_could_lie_nowhere(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    (folder / "data" / "openings").write_text("in the way")

    assert "the folder of results cannot be made" in refused(corpus, keyed(folder))


def test_a_forged_retirement_shuts_nothing_that_the_custodian_does_not_notice(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    forged = chained(entries(corpus)[-1], Entry(event="retired", seal=entries(corpus)[-1].seal, time=1.0))
    corpus.folder.ledger.write_bytes(corpus.folder.ledger.read_bytes() + canonical(forged) + b"\n")

    assert "retired: nobody who held the custodian's key wrote this" in refused(corpus, keyed(folder))
    assert not verify(corpus, keyed(folder)).ok
