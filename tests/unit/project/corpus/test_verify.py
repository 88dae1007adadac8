"""What verify says: with the key more than without, and of copies that came later."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.project.corpus.sealed_project import cases, holdout, key_file, keyed, project, sealed

from passmuster.adapters.ingest.cases import write_cases
from passmuster.adapters.seal import custodian, envelope, payload
from passmuster.adapters.seal.lock import lock_text, read_lock
from passmuster.corpus.seal.chain import chained
from passmuster.errors import SealError, UsageError
from passmuster.project.corpus.keys import custody, make_pair
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.seal import seal_cases
from passmuster.project.corpus.verify import verify
from passmuster.records.case import Case
from passmuster.records.digest import canonical
from passmuster.records.seal import Entry, Holdout, commitments, seal_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


def statuses(corpus: Corpus, folder: Path | None = None, **more: object) -> dict[str, str]:
    found = verify(corpus, None if folder is None else keyed(folder), **more)  # type: ignore[arg-type]  # as they are
    return {each.check: each.status for each in found.findings}


def test_what_was_not_looked_at_is_said(folder: Path) -> None:
    corpus = sealed(folder)

    assert statuses(corpus) == {
        "lock": "proved",
        "ciphertext": "proved",
        "chain": "proved",
        "lock and ledger": "proved",
        "openings": "proved",
        "anchor": "not checked",
        "cases": "not checked",
    }
    assert statuses(corpus, folder)["cases"] == "proved"


def test_nothing_sealed_is_no_proof_of_anything(folder: Path) -> None:
    with pytest.raises(UsageError, match="nothing was sealed"):
        verify(project(folder))


def test_every_part_that_is_missing_is_broken_and_nothing_else_fails(folder: Path) -> None:
    for name, check in (
        ("holdout.sealed", "ciphertext"),
        ("corpus.lock.json", "lock"),
        ("ledger.jsonl", "chain"),
    ):
        place = folder / name / "project"
        corpus = sealed(place)
        (place / "data" / name).unlink()
        found = verify(corpus, keyed(place))
        assert not found.ok
        assert check in {each.check for each in found.findings if each.status == "broken"}


def test_a_plain_copy_beside_the_seal_is_told(folder: Path) -> None:
    corpus = sealed(folder)
    write_cases(folder / "data" / "holdout.jsonl", holdout())

    assert statuses(corpus)["plain text"] == "broken"


def replaced(corpus: Corpus, held: list[Case], folder: Path, **changes: object) -> None:
    """Seal other cases in place of the holdout: whoever has the public key can, and make a whole chain of it."""
    lock = replace(read_lock(corpus.folder.lock), **changes)  # type: ignore[arg-type]  # of the lock
    pem = (folder / "data" / "custodian.pub").read_bytes()
    key = custodian.read_public(pem, "k")
    secret = Holdout(cases=tuple(held), salt="00" * 32, gram_key="11" * 32)
    content = envelope.encrypt(payload.pack(secret), key, commitments(lock)).content
    lock = replace(lock, ciphertext=hashlib.sha256(content).hexdigest())
    first = chained(None, Entry(event="sealed", time=1.0, actor="x", seal=seal_digest(lock)), b"guess" * 8)
    corpus.folder.sealed.write_bytes(content)
    corpus.folder.ledger.write_bytes(canonical(first) + b"\n")
    corpus.folder.lock.write_bytes(lock_text(replace(lock, genesis=first.hash)))


def test_other_cases_under_the_old_root_are_shown_by_the_key(folder: Path) -> None:
    corpus = sealed(folder)
    replaced(corpus, cases("easy", 40), folder)

    assert verify(corpus).ok
    found = statuses(corpus, folder)
    assert found["cases"] == "broken"
    assert found["chain"] == "broken"


def test_a_key_of_somebody_else_is_refused(folder: Path) -> None:
    corpus = sealed(folder)
    make_pair(folder.parent / "other" / "key", folder.parent / "other" / "pub")

    with pytest.raises(SealError, match="another custodian's key"):
        verify(corpus, custody(folder.parent / "other" / "key", {}))


def test_later_additions_that_are_copies_are_told_by_their_own_ids(folder: Path) -> None:
    corpus = sealed(folder)
    held = holdout()
    long = " ".join(f"word{number}" for number in range(60))
    added = [
        Case(id="equal", input=held[3].input, reference="no"),
        Case(id="near", input=f"{held[5].input}!"),
        Case(id="fresh", input=f"something new {long}"),
    ]
    write_cases(folder / "data" / "eval.jsonl", [*cases("scored", 40), *added])
    found = verify(corpus, keyed(folder), additions=True)

    (told,) = [each for each in found.findings if each.check == "additions"]
    assert told.status == "broken"
    assert told.detail.endswith("2 are copies: equal, near")


def test_cases_that_wait_to_be_split_are_looked_at_too(folder: Path) -> None:
    corpus = sealed(folder)
    assert statuses(corpus, folder, additions=True)["additions"] == "proved"
    write_cases(folder / "data" / "cases.jsonl", [replace(holdout()[0], id="waits")])

    assert statuses(corpus, folder, additions=True)["additions"] == "broken"


def test_a_long_copy_with_a_changed_beginning_is_found_by_its_runs_of_words(folder: Path) -> None:
    """Not a near-duplicate (Jaccard below 0.8), but most of its runs of 13 words stand in the holdout."""
    corpus = project(folder)
    text = [f"word{number}" for number in range(80)]
    seal_cases(corpus, [Case(id="h", input=" ".join(text))], split_seed=1, source=None, purpose="t")
    write_cases(
        folder / "data" / "eval.jsonl",
        [*cases("scored", 40), Case(id="copy", input=" ".join(["now"] * 20 + text[:50]))],
    )

    assert statuses(corpus, folder, additions=True)["additions"] == "broken"


def test_additions_need_the_key(folder: Path) -> None:
    with pytest.raises(UsageError, match="needs the custodian's key"):
        verify(sealed(folder), additions=True)


def test_the_key_file_is_never_written(folder: Path) -> None:
    corpus = sealed(folder)
    before = key_file(folder).read_bytes()
    verify(corpus, keyed(folder), additions=True)

    assert key_file(folder).read_bytes() == before


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema_version": 1}', "\udcff"])
def test_a_file_among_the_results_that_is_none_is_told(folder: Path, content: str) -> None:
    corpus = sealed(folder)
    results = folder / "data" / "openings"
    results.mkdir()
    (results / "0003.json").write_text(content, errors="surrogateescape")
    (results / "notes.txt").write_text(json.dumps("of people"))

    assert [each.detail for each in verify(corpus).findings if each.status == "broken"] == [
        "result 3 is not as one is written"
    ]
