"""Sealing: nothing in plain, all or nothing, once; and taking over what lay in plain."""

import getpass
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.project.corpus.sealed_project import SECRET, cases, holdout, key_file, keyed, project, sealed

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.seal.ledger import reading
from passmuster.adapters.seal.lock import read_lock
from passmuster.errors import CorpusError, PassmusterError, SealError, UsageError
from passmuster.project.asking import run
from passmuster.project.corpus import seal as sealing
from passmuster.project.corpus.adopt import adopt, seal_plain
from passmuster.project.corpus.keys import KEY_VARIABLE, PASSWORD_VARIABLE, custody, make_pair
from passmuster.project.corpus.open import unsealed
from passmuster.project.corpus.opening import open_corpus
from passmuster.project.corpus.seal import custodian_file, seal_cases
from passmuster.project.corpus.sealed import read_sealed
from passmuster.project.corpus.verify import verify
from passmuster.project.load import load_project
from passmuster.records.case import Case, Conversation, Message

PARTS = ("holdout.sealed", "corpus.lock.json", "ledger.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


def everything_under(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_sealed_comes_back_to_the_custodian_alone_and_whole(folder: Path) -> None:
    corpus = project(folder)
    held = [
        *holdout(5),
        Case(id="x", input=Conversation(messages=(Message(role="user", content="hi"),)), reference=[1, None]),
    ]
    lock = seal_cases(corpus, held, split_seed=7, source="0" * 64, purpose="a test")

    found = unsealed(read_sealed(corpus, keyed(folder)))
    assert found.cases == tuple(sorted(held, key=lambda case: case.id))
    assert (found.split_seed, found.source) == (7, "0" * 64)
    assert read_lock(corpus.folder.lock) == lock
    with pytest.raises(SealError, match="only with the custodian's private key"):
        unsealed(read_sealed(corpus))


def test_neither_cases_nor_what_would_recreate_them_stand_anywhere_in_plain(folder: Path) -> None:
    corpus = project(folder)
    (folder / "recorded.jsonl").unlink()
    seal_cases(corpus, holdout(), split_seed=987654321987, source="feed" * 16, purpose="a test")

    written = everything_under(folder.parent)
    for secret in (SECRET, holdout()[0].id, "987654321987", "feed" * 16):
        assert secret.encode() not in written
    assert sorted(path.name for path in (folder / "data").iterdir()) == sorted(
        [*PARTS, "train.jsonl", "eval.jsonl", "custodian.pub"]
    )


def test_the_lock_counts_and_two_seals_of_the_same_cases_share_no_digest(folder: Path) -> None:
    one = read_lock(sealed(folder).folder.lock)
    other = read_lock(sealed(folder.parent / "b" / "project").folder.lock)

    assert (one.cases, one.strata, one.openings) == (40, {"even": 20, "odd": 20}, 3)
    assert one.origins == {"production": 40}
    for name in ("root", "salt", "split_seed", "source", "ciphertext", "genesis"):
        assert getattr(one, name) != getattr(other, name)


def test_overlap_with_train_and_prompts_stands_in_the_lock(folder: Path) -> None:
    project(folder)
    held = holdout()
    copied = replace(cases("learned", 60)[3], id="copied")
    (folder / "prompt.j2").write_text(f"For example: {held[0].input}. Now: {{{{ input }}}}")
    path = folder / "passmuster.yaml"
    path.write_text(path.read_text() + "prompt: prompt.j2\n")
    (folder / "tuned.jsonl").write_text(json.dumps({"messages": [{"content": held[1].input}]}) + "\n")
    path.write_text(path.read_text().replace("{path: data,", "{path: data, learned_from: [tuned.jsonl],"))
    lock = seal_cases(open_corpus(folder), [*held, copied], split_seed=1, source=None, purpose="t")

    assert lock.overlap == {"eval": 0, "prompts": 1, "train": 1, "tuned.jsonl": 1}


def test_without_a_custodian_nothing_is_written(folder: Path) -> None:
    corpus = project(folder)
    (folder / "data" / "custodian.pub").unlink()

    assert custodian_file(corpus) is None
    with pytest.raises(UsageError, match="no custodian"):
        seal_cases(corpus, holdout(), split_seed=1, source=None, purpose="t")
    assert not any((folder / "data" / name).exists() for name in PARTS)


def test_a_private_key_in_the_place_of_the_public_one_is_told(folder: Path) -> None:
    corpus = project(folder)
    (folder / "data" / "custodian.pub").write_bytes(key_file(folder).read_bytes())

    with pytest.raises(SealError, match="this is a private key"):
        seal_cases(corpus, holdout(), split_seed=1, source=None, purpose="t")


def test_a_holdout_is_sealed_once(folder: Path) -> None:
    corpus = sealed(folder)
    before = everything_under(folder)

    with pytest.raises(UsageError, match="sealed already"):
        seal_cases(corpus, holdout(), split_seed=1, source=None, purpose="t")
    assert everything_under(folder) == before


@pytest.mark.parametrize("name", PARTS)
def test_a_seal_of_which_a_part_was_deleted_is_not_sealed_over(folder: Path, name: str) -> None:
    """Else whoever deletes lock and ledger would have three new openings."""
    corpus = sealed(folder)
    (folder / "data" / name).unlink()

    with pytest.raises(UsageError, match="the rest of it is missing"):
        seal_cases(corpus, holdout(), split_seed=1, source=None, purpose="t")


@pytest.mark.parametrize("which", range(3))
def test_a_disk_that_fills_up_leaves_no_part_of_a_seal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    corpus = project(folder)
    written = 0
    real = os.fsync

    def filling(number: int) -> None:
        nonlocal written
        if written == which:
            raise OSError(28, "No space left on device")
        written += 1
        real(number)

    monkeypatch.setattr(os, "fsync", filling)
    with pytest.raises(SealError, match="No space left"):
        seal_cases(corpus, holdout(), split_seed=1, source=None, purpose="t")
    monkeypatch.undo()

    assert sorted(path.name for path in (folder / "data").iterdir()) == [
        "custodian.pub",
        "eval.jsonl",
        "train.jsonl",
    ]


def test_no_case_at_all_and_an_id_twice_are_refused(folder: Path) -> None:
    corpus = project(folder)

    with pytest.raises(UsageError, match="no case to seal"):
        seal_cases(corpus, [], split_seed=1, source=None, purpose="t")
    with pytest.raises(CorpusError, match="stands twice"):
        seal_cases(corpus, [*holdout(), holdout()[0]], split_seed=1, source=None, purpose="t")


def plain(folder: Path) -> Path:
    """Put a plain holdout into a project."""
    path = folder / "data" / "holdout.jsonl"
    write_cases(path, holdout())
    return path


def told(folder: Path) -> list[tuple[str, str]]:
    with reading(folder / "data" / "ledger.jsonl") as entries:
        return [(entry.event, entry.purpose) for entry in entries]


def test_a_plain_holdout_is_sealed_taken_away_and_its_exposure_noted(folder: Path) -> None:
    corpus = project(folder)
    path = plain(folder)
    report = seal_plain(corpus)

    assert not path.exists()
    assert [event for event, _ in told(folder)] == ["sealed", "exposed"]
    assert "lay in plain as holdout.jsonl" in told(folder)[1][1]
    assert unsealed(read_sealed(corpus, keyed(folder))).cases == tuple(
        sorted(holdout(), key=lambda case: case.id)
    )
    assert report.head == verify(corpus, keyed(folder)).head


def test_a_link_to_a_plain_holdout_is_not_sealed_while_the_file_stays(folder: Path) -> None:
    corpus = project(folder)
    plain(folder).rename(folder / "plain.jsonl")
    (folder / "data" / "holdout.jsonl").symlink_to(folder / "plain.jsonl")

    with pytest.raises(UsageError, match="what it leads to would stay in plain"):
        seal_plain(corpus)
    assert not corpus.folder.sealed.exists()


def test_a_plain_file_that_cannot_be_taken_away_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = project(folder)
    path = plain(folder)
    unlink = Path.unlink

    def refuses(self: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - as pathlib has it
        if self == path:
            raise PermissionError(13, "it is in use")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuses)
    with pytest.raises(SealError, match=r"sealed, and its plain file cannot be taken away: it is in use"):
        seal_plain(corpus)


def test_adoption_notes_that_candidates_were_measured_on_the_holdout_before(folder: Path) -> None:
    """Somebody had pointed the project at a copy of the holdout: the store remembers."""
    project(folder)
    write_cases(folder / "data" / "eval.jsonl", holdout(10))
    run(load_project(folder))
    write_cases(folder / "data" / "eval.jsonl", cases("scored", 40))
    plain(folder)
    report = adopt(folder / "data")

    assert [event for event, _ in told(folder)][:2] == ["sealed", "adopted"]
    assert any("10 of its inputs were asked in stored runs" in text for text in report.exposures)
    assert ("exposed", report.exposures[-1]) in told(folder)


def test_a_holdout_case_that_stands_in_train_is_told_before_anything_is_sealed(folder: Path) -> None:
    corpus = project(folder)
    path = plain(folder)
    write_cases(path, [*holdout(3), replace(cases("learned", 60)[5], id="own")])

    with pytest.raises(CorpusError, match=r"1 holdout cases stand in train.*'own' \(as 'learned-5'\)"):
        seal_plain(corpus)
    assert path.exists()
    assert not any((folder / "data" / name).exists() for name in PARTS)


def test_adoption_without_a_plain_holdout_or_a_custodian_changes_nothing(folder: Path) -> None:
    project(folder)
    with pytest.raises(UsageError, match=r"no holdout\.jsonl"):
        adopt(folder)
    path = plain(folder)
    (folder / "data" / "custodian.pub").unlink()
    with pytest.raises(UsageError, match="no custodian"):
        adopt(folder / "data")
    assert path.exists()


def test_a_folder_without_a_project_gets_one_that_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(folder)
    plain(folder)
    (folder / "passmuster.yaml").unlink()
    (folder / "data").rename(folder / "datasets")
    monkeypatch.chdir(folder.parent)
    report = adopt(folder)

    assert report.files[-1] == str(folder / "passmuster.yaml")
    assert run(load_project(folder)).status == "complete"
    assert load_project(folder).corpus().holdout == "sealed"


@pytest.mark.parametrize(
    "name", ["holdout.jsonl", "Holdout.JSONL", "holdout.jsonl.gz", "holdout.csv", "holdout.sealed"]
)
def test_no_reader_of_cases_takes_a_holdout(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_text('{"id": "1", "input": "a"}\n')

    with pytest.raises(SealError, match="this is a holdout"):
        read_cases(folder / name)


def test_nor_by_a_link_with_another_name(folder: Path) -> None:
    folder.mkdir()
    (folder / "holdout.jsonl").write_text('{"id": "1", "input": "a"}\n')
    (folder / "harmless.jsonl").symlink_to(folder / "holdout.jsonl")

    with pytest.raises(SealError, match="this is a holdout"):
        read_cases(folder / "harmless.jsonl")


@pytest.mark.parametrize(
    "corpus", ["data/holdout.jsonl", "{path: data/holdout.jsonl}", "data/holdout.sealed"]
)
def test_no_project_scores_a_holdout(folder: Path, corpus: str) -> None:
    sealed(folder)
    plain(folder)
    path = folder / "passmuster.yaml"
    path.write_text(path.read_text().replace("{path: data, openings: 3}", corpus))

    with pytest.raises(PassmusterError, match="holdout"):
        load_project(folder).corpus()


def test_keys_are_private_to_their_owner_and_stay_out_of_repositories(folder: Path) -> None:
    folder.mkdir()
    pair = make_pair(folder / "keys" / "k", folder / "k.pub")
    if os.name != "nt":
        assert stat.S_IMODE(pair.private.stat().st_mode) == 0o600
    (folder / "repository" / ".git").mkdir(parents=True)

    with pytest.raises(UsageError, match="in the git repository"):
        make_pair(folder / "repository" / "deep" / "k", folder / "other.pub")
    assert not (folder / "other.pub").exists()
    with pytest.raises(UsageError, match="a public key already"):
        make_pair(folder / "keys" / "other", folder / "k.pub")
    with pytest.raises(SealError, match="a file of this name already"):
        make_pair(folder / "keys" / "k", folder / "other.pub")


def test_a_pair_is_two_files_and_neither_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(UsageError, match="cannot be one file"):
        make_pair(folder / "k", folder / "." / "k")
    assert not (folder / "k").exists()
    (folder / "file").write_text("")
    with pytest.raises(SealError, match="cannot be written"):
        make_pair(folder / "k", folder / "file" / "k.pub")
    assert not (folder / "k").exists()


def test_a_link_into_a_repository_is_seen_through(folder: Path) -> None:
    (folder / "repository" / ".git").mkdir(parents=True)
    (folder / "elsewhere").symlink_to(folder / "repository")
    with pytest.raises(UsageError, match="in the git repository"):
        make_pair(folder / "elsewhere" / "k", folder / "k.pub")


def test_a_password_may_be_any_bytes_but_not_too_many(folder: Path) -> None:
    folder.mkdir()
    pair = make_pair(folder / "k", folder / "k.pub", "\udcff")
    assert custody(pair.private, {PASSWORD_VARIABLE: "\udcff"}).key.public.fingerprint == pair.fingerprint
    with pytest.raises(UsageError, match="1023 are the most"):
        make_pair(folder / "l", folder / "l.pub", "a" * 1024)
    assert not (folder / "l").exists()


def test_a_key_comes_from_a_file_or_the_environment_and_its_password_from_there_or_a_person(
    folder: Path,
) -> None:
    folder.mkdir()
    pair = make_pair(folder / "k", folder / "k.pub", "open sesame")
    text = pair.private.read_text()
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "open sesame"

    one = custody(pair.private, {}, ask)
    two = custody(None, {KEY_VARIABLE: text.replace("\n", "\\n"), PASSWORD_VARIABLE: "open sesame"})
    assert one.key.public.fingerprint == two.key.public.fingerprint == pair.fingerprint
    assert asked == [f"Password of {pair.private}"]
    assert two.memory is None
    for wrong in ({}, {PASSWORD_VARIABLE: ""}, {PASSWORD_VARIABLE: "wrong"}):
        with pytest.raises(SealError, match="password") as raised:
            custody(pair.private, wrong)
        assert "sesame" not in str(raised.value)


def test_without_a_key_nothing_opens() -> None:
    with pytest.raises(SealError, match="opens only with the custodian's private key"):
        custody(None, {})


def test_who_is_at_work_is_known_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        message = "no user"
        raise OSError(message)

    assert sealing.actor()
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert sealing.actor() == "unknown"
