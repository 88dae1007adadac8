"""A split seals its holdout or does not happen; nothing of it is ever in plain."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from passmuster.adapters.ingest.cases import write_cases
from passmuster.adapters.seal.exclusive import alone_in
from passmuster.errors import CorpusError, PassmusterError, SealError, UsageError
from passmuster.project.corpus import split as splitting
from passmuster.project.corpus.keys import make_pair
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.proposing import add_proposals
from passmuster.project.corpus.split import HoldoutWish, split
from passmuster.records.case import Case
from passmuster.records.proposal import Proposal, Reason

SECRET = "xylophone"  # noqa: S105 - no password
"""A word that stands in every case, so that a plain copy of any is seen."""
NO_HOLDOUT = HoldoutWish(none=True)


def some(count: int, start: int = 0) -> list[Case]:
    return [
        Case(id=f"c{n}", input=f"{SECRET} alpha{n} beta{n} gamma{n}", reference="yes", stratum="ab"[n % 2])
        for n in range(start, start + count)
    ]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    folder = tmp_path / "datasets"
    folder.mkdir()
    write_cases(folder / "cases.jsonl", some(100))
    return open_corpus(datasets=folder)


@pytest.fixture
def sealing(corpus: Corpus, tmp_path: Path) -> Corpus:
    make_pair(tmp_path / "away" / "custodian.key", corpus.folder.path / "custodian.pub")
    return corpus


def names(corpus: Corpus, side: str) -> set[str]:
    path = corpus.folder.split_file(side)
    return set() if path is None else {json.loads(line)["id"] for line in path.read_text().splitlines()}


def files(corpus: Corpus) -> dict[str, bytes]:
    return {
        str(path.relative_to(corpus.folder.path)): path.read_bytes()
        for path in sorted(corpus.folder.path.rglob("*"))
        if path.is_file() and path.suffix != ".pub"
    }


def held_out(corpus: Corpus) -> set[str]:
    return {case.id for case in some(100)} - names(corpus, "train") - names(corpus, "eval")


def test_the_holdout_is_sealed_and_no_file_holds_its_cases(sealing: Corpus) -> None:
    found = split(sealing)

    assert (found.train, found.eval, found.holdout) == (70, 20, 10)
    assert found.root is not None
    assert files(sealing).keys() == {
        *("train.jsonl", "eval.jsonl", "holdout.sealed", "corpus.lock.json", "ledger.jsonl")
    }
    for name, content in files(sealing).items():
        assert all(f'"{held}"'.encode() not in content for held in held_out(sealing)), name
        assert name in ("train.jsonl", "eval.jsonl") or SECRET.encode() not in content


def test_two_splits_of_the_same_cases_differ_since_the_seed_is_secret(tmp_path: Path) -> None:
    sides = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        write_cases(folder / "cases.jsonl", some(100))
        own = open_corpus(datasets=folder)
        make_pair(tmp_path / name / "away" / "k", folder / "custodian.pub")
        split(own)
        sides.append(names(own, "eval"))
    assert sides[0] != sides[1]  # equal with a chance far below 1e-9


def test_without_a_custodian_it_refuses_and_changes_nothing(corpus: Corpus) -> None:
    before = files(corpus)
    with pytest.raises(UsageError, match=r"no custodian.*not written in plain(.|\n)*--no-holdout"):
        split(corpus)
    assert files(corpus) == before


def test_without_a_holdout_the_parts_share_its_place_and_the_split_is_repeatable(corpus: Corpus) -> None:
    found = split(corpus, wish=NO_HOLDOUT)
    assert (found.train, found.eval, found.holdout) == (78, 22, 0)
    assert files(corpus).keys() == {"train.jsonl", "eval.jsonl"}


def test_a_holdout_in_plain_is_only_written_on_demand(corpus: Corpus) -> None:
    found = split(corpus, wish=HoldoutWish(unsealed=True))
    assert found.root is None
    assert names(corpus, "holdout") == held_out(corpus)
    with pytest.raises(UsageError, match="a holdout lies here in plain"):
        split(corpus, wish=NO_HOLDOUT)


@pytest.mark.parametrize("name", ["holdout.jsonl", "Holdout.csv", "holdout.jsonl.gz"])
def test_a_file_that_is_a_holdout_is_not_read(corpus: Corpus, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(SealError, match="this is a holdout, and no verb reads it"):
        split(corpus, tmp_path / name, wish=NO_HOLDOUT)


def test_a_side_cannot_be_split_again(corpus: Corpus) -> None:
    split(corpus, wish=NO_HOLDOUT)
    with pytest.raises(UsageError, match="split already"):
        split(corpus, corpus.folder.path / "train.jsonl", wish=NO_HOLDOUT)
    with pytest.raises(UsageError, match="no cases that wait"):
        split(corpus, wish=NO_HOLDOUT)


def test_later_cases_join_train_and_eval_and_the_seal_stays_as_it_is(sealing: Corpus) -> None:
    split(sealing)
    before = files(sealing)
    write_cases(sealing.folder.path / "cases.jsonl", some(90, start=100))

    found = split(sealing)

    after = files(sealing)
    assert (found.train, found.eval, found.before, found.root) == (140, 40, 90, None)
    sealed = ("holdout.sealed", "corpus.lock.json", "ledger.jsonl")
    assert [after[name] for name in sealed] == [before[name] for name in sealed]


def test_special_cases_go_to_pools_and_join_those_that_are_there(corpus: Corpus) -> None:
    old = Case(id="old", input="an old one", category="edge")
    corpus.folder.write_pool("edge", [old])
    new = [
        Case(id="e1", input="odd", category="edge"),
        Case(id="r1", input="broke once", category="regression"),
    ]
    write_cases(corpus.folder.path / "cases.jsonl", [*some(10), *new])

    found = split(corpus, wish=NO_HOLDOUT)

    assert found.pools == {"edge": 1, "regression": 1}
    assert [case.id for case in corpus.folder.pool("edge")] == ["old", "e1"]
    assert [case.id for case in corpus.folder.pool("regression")] == ["r1"]
    assert found.train + found.eval == 10


def test_what_can_be_on_neither_side_waits(corpus: Corpus) -> None:
    corpus.folder.write_split("train", [Case(id="t", input="one", group="jo")])
    corpus.folder.write_split("eval", [Case(id="e", input="two")])
    write_cases(corpus.folder.path / "cases.jsonl", [Case(id="b", input="two", group="jo"), *some(4)])

    assert split(corpus, wish=NO_HOLDOUT).left_out == ("b",)
    assert names(corpus, "cases") == {"b"}


def test_another_file_is_left_where_it_is_and_waiting_cases_still_wait(
    corpus: Corpus, tmp_path: Path
) -> None:
    write_cases(tmp_path / "mine.jsonl", some(20, start=200))
    found = split(corpus, tmp_path / "mine.jsonl", wish=NO_HOLDOUT)
    assert found.train + found.eval == 20
    assert (tmp_path / "mine.jsonl").is_file()
    assert len(names(corpus, "cases")) == 100


class StoppedError(BaseException):
    """The process ends here."""


def stopped(*_: object, **__: object) -> None:
    raise StoppedError


@pytest.mark.parametrize("fault", [CorpusError("disk full"), StoppedError()])
def test_where_sealing_fails_nothing_has_changed(
    sealing: Corpus, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise fault

    before = files(sealing)
    monkeypatch.setattr(splitting, "seal_cases", fails)
    with pytest.raises(type(fault)):
        split(sealing)
    assert files(sealing) == before


def killed_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """End the process, as it were, before a rename of a draft: no handler runs."""
    replace: Callable[[Path, Path], Path] = Path.replace
    done: list[Path] = []

    def dies(self: Path, target: Path) -> Path:
        if ".sealing." in self.name and not self.name.endswith(".part"):
            if len(done) == number:
                raise StoppedError
            done.append(self)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", dies)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_split_that_is_cut_off_after_sealing_is_finished_and_leaks_nothing(
    sealing: Corpus, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as patch:
        killed_at(patch, number)
        with pytest.raises(StoppedError):
            split(sealing)
    assert sealing.folder.sealed.is_file()

    with pytest.raises(UsageError, match="no cases that wait"):
        split(sealing)

    assert len(names(sealing, "train")) == 70
    assert len(names(sealing, "eval")) == 20
    assert not any("sealing" in name or name == "cases.jsonl" for name in files(sealing))


def test_drafts_of_a_split_that_came_to_nothing_are_taken_away(sealing: Corpus) -> None:
    write_cases(sealing.folder.path / "train.sealing.jsonl", some(3))
    write_cases(sealing.folder.path / "train.parting.jsonl", some(3))
    assert split(sealing).train == 70
    assert not any("sealing" in name or "parting" in name for name in files(sealing))


def test_a_side_that_lies_in_a_csv_file_is_refused(corpus: Corpus) -> None:
    (corpus.folder.path / "train.csv").write_text("id,input\nx,y\n")
    with pytest.raises(PassmusterError, match="the train split is a CSV file"):
        split(corpus, wish=NO_HOLDOUT)


@pytest.mark.parametrize("shares", ["70/30", "a/b/c", "0/0/1", "-1/1/1", "nan/1/1"])
def test_shares_that_are_none_are_refused(corpus: Corpus, shares: str) -> None:
    with pytest.raises(UsageError, match=r"shares|leaves nothing"):
        split(corpus, shares=shares, wish=NO_HOLDOUT)


def test_a_file_of_which_a_part_was_sealed_is_not_split_again(sealing: Corpus, tmp_path: Path) -> None:
    """Somebody adds rows to the file and splits it once more: the sealed ones look new, and would come to train."""
    source = tmp_path / "mine.jsonl"
    write_cases(source, some(100, start=500))
    split(sealing, source)
    write_cases(source, some(120, start=500))
    before = files(sealing)

    with pytest.raises(UsageError, match="90 of these cases were split before, so those that were sealed"):
        split(sealing, source, wish=NO_HOLDOUT)
    assert files(sealing) == before


def test_an_id_of_another_case_is_refused_and_not_passed_over(corpus: Corpus) -> None:
    corpus.folder.write_split("train", [Case(id="c1", input="quite another")])
    corpus.folder.write_pool("edge", [Case(id="c2", input="odd", category="edge")])
    with pytest.raises(UsageError, match="2 ids are those of other cases of this corpus: 'c1', 'c2'"):
        split(corpus, wish=NO_HOLDOUT)


def test_no_sealed_case_stands_in_a_pool_too_and_the_lock_counts_what_pools_share(sealing: Corpus) -> None:
    words = " ".join(f"word{n}" for n in range(20))
    pool = [Case(id=f"e{n}", input=f"{SECRET} alpha{n} beta{n} gamma{n}", category="edge") for n in range(60)]
    write_cases(sealing.folder.path / "cases.jsonl", [*some(100), *pool])
    sealing.folder.write_pool("regression", [Case(id="r", input=words, category="regression")])
    split(sealing)

    known = {f"c{n}" for n in range(60)}
    assert known <= names(sealing, "eval") | names(sealing, "train")
    lock = json.loads(sealing.folder.lock.read_text())
    assert lock["overlap"].keys() == {"train", "eval", "edge", "regression"}


def test_no_sealed_case_stands_in_a_proposal(sealing: Corpus) -> None:
    """What is mined or made of cases before they are split lies there in plain, parents by their words, too."""
    asked = some(60)
    mined = [replace(case, id=f"mined {case.id}", category="edge") for case in asked[:30]]
    twins = [replace(case, category="edge") for case in asked[30:40]]
    made = [Case(id=f"s{n}", input=f"cut {n}", parent=f"c{n}", category="adversarial") for n in range(40, 60)]
    reasons = (Reason(kind="length", words="unusually long"),)
    add_proposals(
        sealing,
        [],
        [Proposal(case=case, reasons=reasons, source="mine") for case in (*mined, *twins, *made)],
    )
    split(sealing)
    assert {case.id for case in asked} <= names(sealing, "eval")


def test_what_an_interrupted_writing_of_the_cases_left_is_taken_away(sealing: Corpus) -> None:
    waiting = sealing.folder.path / "cases.jsonl"
    waiting.with_name("cases.jsonl.part").write_bytes(waiting.read_bytes()[:-5])
    split(sealing)
    assert not any(name.endswith(".part") for name in files(sealing))


def test_a_part_of_a_seal_is_no_seal_and_no_reason_to_go_without_a_holdout(sealing: Corpus) -> None:
    sealing.folder.sealed.write_bytes(b"cut off")
    before = files(sealing)
    for wish in (None, NO_HOLDOUT):
        with pytest.raises(UsageError, match=r"holdout\.sealed of an earlier seal lies here"):
            split(sealing, wish=wish)
    assert files(sealing) == before


@pytest.mark.skipif(os.name == "nt", reason="on Windows no folder can be held")
def test_two_splits_at_once_do_not_mix(sealing: Corpus) -> None:
    with alone_in(sealing.folder.path), pytest.raises(SealError, match="another process parts or seals"):
        split(sealing)
    assert split(sealing).holdout == 10


def test_the_waiting_file_named_as_such_is_no_source_that_stays(sealing: Corpus) -> None:
    assert split(sealing, sealing.folder.path / "cases.jsonl").source is None
    assert not (sealing.folder.path / "cases.jsonl").exists()
