"""An opening: admitted by plan, key and place; asked in memory; verdicts only; and its beginning is in the ledger."""

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint
from tests.unit.project.corpus.sealed_project import (
    BASELINES,
    CANDIDATES,
    SECRET,
    cases,
    entries,
    events,
    holdout,
    keyed,
    project,
    refused,
    sealed,
)

from passmuster.adapters.providers.baselines.answer import BaselineProvider
from passmuster.errors import SealError, UsageError
from passmuster.project.corpus import open as opening
from passmuster.project.corpus.keys import custody, make_pair
from passmuster.project.corpus.open import Wish, open_holdout, plan, retire
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.corpus.seal import seal_cases
from passmuster.project.corpus.sealed import OpenLedger
from passmuster.project.corpus.verify import verify
from passmuster.records.seal import Entry
from passmuster.workflows import run as running
from passmuster.workflows.corpus import open as judging


def rewrite(folder: Path, old: str, new: str) -> Corpus:
    path = folder / "passmuster.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return open_corpus(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


def test_only_verdict_estimate_and_interval_come_back_at_a_third_of_alpha(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, Wish(purpose="the release"))
    found = open_holdout(corpus, keyed(folder), Wish())

    result = found.result
    assert (result.place, result.openings, found.left) == (1, 3, 2)
    assert result.alpha == pytest.approx(0.05 / 3)
    assert result.complete
    by_name = {each.name: each for each in result.candidates}
    assert by_name["always"].metrics["exact_match"].value == 0.75
    assert by_name["recorded"].metrics["exact_match"].value == 1.0
    assert by_name["recorded"].verdict == "pass"
    assert by_name["always"].n == 40
    assert events(corpus) == ["sealed", "planned", "opening", "opened"]
    assert {entry.purpose for entry in entries(corpus)[1:]} == {"the release"}


def test_the_interval_is_wider_than_at_95_percent_by_just_that_level(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    found = open_holdout(corpus, keyed(folder), BASELINES).result.candidates[0].metrics["exact_match"]

    low, high = proportion_confint(30, 40, alpha=0.05 / 3, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_a_verdict_that_holds_at_5_percent_and_not_at_a_third_of_it_is_undecided(folder: Path) -> None:
    """26 of 40 beat one half with p = 0.040: enough for one decision, and not for one of three."""
    held = [replace(case, reference="yes" if number < 26 else "no") for number, case in enumerate(holdout())]
    verdicts = []
    for openings in (1, 3):
        place = folder / str(openings) / "project"
        corpus = project(place, openings=openings)
        seal_cases(corpus, held, split_seed=1, source=None, purpose="t")
        wish = Wish(only=("always",))
        plan(corpus, wish)
        verdicts.append(open_holdout(corpus, keyed(place), wish).result.candidates[0].verdict)

    assert verdicts == ["pass", "undecided"]


def everything_under(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_word_of_a_case_lands_anywhere(
    folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """An opening that used the project's store, cache or reports would leave one there."""
    sealed(folder)
    (folder / "recorded.jsonl").unlink()
    corpus = rewrite(folder, CANDIDATES.splitlines()[2], "")
    plan(corpus, Wish())
    found = open_holdout(corpus, keyed(folder), Wish())

    told = f"{found!r}{''.join(capsys.readouterr())}{caplog.text}".encode()
    for word in (SECRET, holdout()[0].id):
        assert word.encode() not in everything_under(folder.parent) + told
    assert not (folder / ".passmuster").exists()
    assert not (folder / "reports").exists()


def test_a_store_that_is_there_already_learns_nothing(folder: Path) -> None:
    corpus = sealed(folder)
    opened = corpus.need_project("a test")
    with opened.store() as store:
        assert store.runs() == []
    plan(corpus, BASELINES)
    open_holdout(corpus, keyed(folder), BASELINES)

    with opened.store() as store:
        assert store.runs() == []
        assert list(store.trials(entries(corpus)[1].candidates.values())) == []
    assert SECRET.encode() not in everything_under(folder / ".passmuster")


def test_a_passing_without_a_plan_is_refused(folder: Path) -> None:
    corpus = sealed(folder)

    assert "nothing is planned" in refused(corpus, keyed(folder))


def test_a_plan_is_good_for_one_opening(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    open_holdout(corpus, keyed(folder), BASELINES)

    assert "nothing is planned" in refused(corpus, keyed(folder))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("at_least: 0.5", "at_least: 0.4", "task, bars or metrics have changed"),
        (
            "metrics: [exact_match]",
            "metrics: [exact_match, f1_per_class]",
            "task, bars or metrics have changed",
        ),
        ("text: 'yes'", "text: 'no'", "always has changed"),
        ("name: always", "name: ever", "ever was not planned, always was planned"),
        ("task: tickets", "task: tickets\nalpha: 0.1", "task, bars or metrics have changed"),
        ("task: tickets", "task: tickets\nrepeats: 2", "task, bars or metrics have changed"),
    ],
)
def test_what_is_decided_is_what_was_planned(folder: Path, old: str, new: str, told: str) -> None:
    plan(sealed(folder), Wish())
    corpus = rewrite(folder, old, new)

    assert told in refused(corpus, keyed(folder), Wish())


def test_a_candidate_more_or_less_than_planned_is_refused(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)

    assert "recorded was not planned" in refused(corpus, keyed(folder), Wish())
    assert "learned was planned" in refused(corpus, keyed(folder), Wish(only=("always",)))


def test_a_metric_of_ones_own_belongs_to_the_rule_with_its_very_text(folder: Path) -> None:
    sealed(folder)
    (folder / "own.py").write_text("def score(case, reply): return True\n")
    corpus = rewrite(folder, "[exact_match]", "[exact_match, 'own.py:score']")
    plan(corpus, BASELINES)
    (folder / "own.py").write_text("def score(case, reply): return False\n")

    assert "metrics have changed" in refused(open_corpus(folder), keyed(folder))


def test_another_custodians_key_is_refused_by_its_fingerprint(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    make_pair(folder.parent / "other" / "key", folder.parent / "other" / "pub")

    assert "another custodian's key" in refused(corpus, custody(folder.parent / "other" / "key", {}))


def test_beyond_the_budget_neither_plan_nor_opening_is_possible(folder: Path) -> None:
    corpus = sealed(folder, openings=2)
    for _ in range(2):
        plan(corpus, BASELINES)
    for left in (1, 0):
        assert open_holdout(corpus, keyed(folder), BASELINES).left == left

    assert "all 2 openings of this holdout are used up" in refused(corpus, keyed(folder))
    with pytest.raises(SealError, match="all 2 openings"):
        plan(corpus, BASELINES)


def test_the_settings_cannot_raise_the_budget_of_a_sealed_holdout(folder: Path) -> None:
    corpus = sealed(folder, openings=1)
    plan(corpus, BASELINES)
    open_holdout(corpus, keyed(folder), BASELINES)
    more = rewrite(folder, "openings: 1", "openings: 9")

    with pytest.raises(SealError, match="all 1 openings"):
        plan(more, BASELINES)


def test_nor_can_the_lock(folder: Path) -> None:
    corpus = sealed(folder, openings=1)
    plan(corpus, BASELINES)
    lock = corpus.folder.lock
    lock.write_text(lock.read_text().replace('"openings": 1', '"openings": 9'))

    assert "the lock was altered" in refused(corpus, keyed(folder))


def test_an_opening_that_is_interrupted_has_used_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can look for free: what the ledger says is there before a case is decrypted."""
    corpus = sealed(folder, openings=1)
    plan(corpus, BASELINES)
    seen: list[list[str]] = []

    def killed(*_: object) -> object:
        seen.append(events(corpus))
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "decrypt", killed)
    with pytest.raises(KeyboardInterrupt):
        open_holdout(corpus, keyed(folder), BASELINES)
    monkeypatch.undo()

    assert seen == [["sealed", "planned", "opening"]]
    assert events(corpus) == seen[0]
    with pytest.raises(SealError, match="all 1 openings"):
        plan(corpus, BASELINES)
    found = verify(corpus, keyed(folder))
    assert found.ok
    assert any("interrupted" in each.detail for each in found.findings)


def test_a_ledger_that_cannot_be_written_opens_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    def never(*_: object) -> object:
        message = "a case was looked at"
        raise AssertionError(message)

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(opening, "decrypt", never)
    with pytest.raises(SealError, match="No space left"):
        open_holdout(corpus, keyed(folder), BASELINES)
    assert events(corpus) == ["sealed", "planned"]


def test_what_an_error_says_is_withheld_since_it_may_quote_a_case(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)

    def quoting(*_: object, **__: object) -> object:
        message = f"cannot render {holdout()[0].input}"
        raise RuntimeError(message)

    monkeypatch.setattr(judging, "judged", quoting)
    with pytest.raises(SealError, match=r"RuntimeError.*withheld") as raised:
        open_holdout(corpus, keyed(folder), BASELINES)
    assert SECRET not in str(raised.value)
    assert raised.value.__suppress_context__
    assert events(corpus)[-1] == "opening"


@pytest.mark.parametrize("asking", [True, False], ids=["an opening that fails", "one that is done"])
def test_nor_does_a_provider_quote_a_case_as_it_is_closed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, asking: bool
) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)

    def quoting(*_: object, **__: object) -> object:
        message = f"left over: {holdout()[0].input}"
        raise RuntimeError(message)

    monkeypatch.setattr(BaselineProvider, "close", quoting)
    if asking:
        monkeypatch.setattr(judging, "judged", quoting)
        with pytest.raises(SealError, match=r"RuntimeError.*withheld") as raised:
            open_holdout(corpus, keyed(folder), BASELINES)
        assert SECRET not in str(raised.value)
    else:
        assert open_holdout(corpus, keyed(folder), BASELINES).result.place == 1
        assert events(corpus)[-1] == "opened"


def test_calls_inside_a_pipeline_are_priced_as_in_a_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a bar on cost, which a run could decide, would stay open on the holdout."""
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    seen, run = list[object](), running.run

    async def watched(*arguments: Any, **named: Any) -> Any:
        seen.append(arguments[4].inner_prices)
        return await run(*arguments, **named)

    monkeypatch.setattr(running, "run", watched)
    open_holdout(corpus, keyed(folder), BASELINES)
    assert corpus.project is not None
    assert seen == [corpus.project.price_of]


def test_two_at_once_do_not_both_take_the_last_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each looks whether a place is left, then waits: without a lock all four would find one and take it."""
    waiting, tell = threading.Event(), OpenLedger.tell

    def slow(ledger: OpenLedger, draft: Entry, *, proved: bool = False) -> Entry:
        waiting.wait(0.2)
        return tell(ledger, draft, proved=proved)

    corpus = sealed(folder, openings=1)
    for _ in range(4):
        plan(corpus, BASELINES)
    monkeypatch.setattr(OpenLedger, "tell", slow)
    together, told = threading.Barrier(4), []

    def work() -> None:
        own = open_corpus(folder)
        together.wait()
        try:
            told.append(str(open_holdout(own, keyed(folder), BASELINES).left))
        except SealError as error:
            told.append(error.message)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["0", *["all 1 openings of this holdout are used up"] * 3]
    assert events(corpus).count("opening") == 1


def test_without_a_project_there_is_nothing_to_decide(folder: Path) -> None:
    sealed(folder)
    (folder / "passmuster.yaml").unlink()
    corpus = open_corpus(None, folder / "data")

    with pytest.raises(UsageError, match="a plan needs a project file"):
        plan(corpus, Wish())


def test_a_retired_holdout_is_out_of_the_way_of_the_next(folder: Path) -> None:
    corpus = sealed(folder)
    plan(corpus, BASELINES)
    open_holdout(corpus, keyed(folder), BASELINES)
    entry = retire(corpus, keyed(folder), Wish(purpose="used up"))

    assert entry.event == "retired"
    assert not corpus.folder.sealed.exists()
    (kept,) = (corpus.folder.path / "retired").iterdir()
    assert {path.name for path in kept.iterdir()} == {
        "corpus.lock.json",
        "holdout.sealed",
        "ledger.jsonl",
        "openings",
    }
    assert verify(open_corpus(folder, kept), keyed(folder)).ok
    seal_cases(corpus, cases("next", 20), split_seed=1, source=None, purpose="the next")
    assert events(corpus) == ["sealed"]
    with pytest.raises(SealError, match="is retired"):
        plan(replace(corpus, folder=open_corpus(folder, kept).folder), BASELINES)


def test_trials_of_repeats_and_failures_count_as_in_any_run(folder: Path) -> None:
    """The recording lacks half of the holdout: what was not recorded is missing, and not wrong."""
    corpus = sealed(folder)
    rows = (folder / "recorded.jsonl").read_text().splitlines(keepends=True)
    (folder / "recorded.jsonl").write_text("".join(rows[:60]))
    corpus = open_corpus(folder)
    wish = Wish(only=("recorded",))
    plan(corpus, wish)
    (found,) = open_holdout(corpus, keyed(folder), wish).result.candidates

    assert (found.n, found.n_missing) == (20, 20)
    assert found.metrics["exact_match"].value == 1.0
