"""Both versions over the same cases: from a committed reference as from the store."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.workflows.frozen import (
    CASES,
    NEW,
    OLD,
    SPECS,
    START,
    question,
    reference_of,
    right,
    scored_by,
    trials_of,
)

from passmuster.decide.gate.compared import Compared
from passmuster.decide.gate.report import gate_report
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Egress, Price
from passmuster.records.case import Case
from passmuster.records.reference import Reference
from passmuster.records.trial import Reply, Trial
from passmuster.workflows.gate import SAME_TRIALS, SAME_VERSION, Committed, Stored, compared
from passmuster.workflows.laying import Question

NOW = START + 86_400.0 * 10


def mostly(case: Case, _round: int) -> str | None:
    """Answer right but for some, and fail on one."""
    return None if case.id == "05" else "b" if case.id in {"00", "02"} else right(case, _round)


def stored(candidate: Candidate, trials: Sequence[Trial]) -> Stored:
    return Stored(candidate=candidate, read=lambda: iter(trials))


def committed(reference: Reference) -> Committed:
    return Committed(reference=reference, path=Path("reports/baseline_20261120.json"), scored_by=scored_by())


def held(
    reference: Reference, *, about: Question | None = None, new: Sequence[Trial] | None = None
) -> Compared:
    """Hold the new version against a reference."""
    asked = about or question()
    after = new or trials_of(NEW, cases=tuple(asked.corpus.cases), start=START + 1e5)
    return compared(asked, committed(reference), stored(NEW, after), now=NOW)


def test_a_reference_gives_the_same_columns_as_the_trials_that_it_was_made_of() -> None:
    trials = trials_of(OLD, mostly)
    new = stored(NEW, trials_of(NEW, start=START + 1e5))

    one = compared(question(), stored(OLD, trials), new, now=NOW).old
    other = compared(question(), committed(reference_of(trials)), new, now=NOW).old

    for name in ("state", "source", "basis", "reviewed", "turn"):
        assert np.array_equal(getattr(one.columns, name), getattr(other.columns, name)), name
    for name in ("seconds", "first_token", "retried"):
        assert getattr(other.columns, name) == pytest.approx(
            getattr(one.columns, name), abs=1e-6, nan_ok=True
        )
    for metric in ("accuracy", "by class"):
        assert np.array_equal(one.scores(metric), other.scores(metric), equal_nan=True)
        assert np.array_equal(one.columns.scores[metric].code, other.columns.scores[metric].code)
    assert np.array_equal(one.columns.labels["by class"].answered, other.columns.labels["by class"].answered)
    assert other.costs() == pytest.approx(one.costs(), nan_ok=True)
    assert one.columns.loads is not None
    assert other.columns.loads is not None
    for name in ("started", "in_flight", "input", "output", "estimated"):
        found, expected = getattr(other.columns.loads, name), getattr(one.columns.loads, name)
        assert found == pytest.approx(expected, abs=1e-3, nan_ok=True), name


def test_the_whole_gate_says_the_same_from_a_file_as_from_the_store() -> None:
    trials = trials_of(OLD, mostly)
    new = stored(NEW, trials_of(NEW, start=START + 1e5))

    one = gate_report(compared(question(), stored(OLD, trials), new, now=NOW))
    other = gate_report(compared(question(), committed(reference_of(trials)), new, now=NOW))

    assert [(line.name, line.level, line.reason) for line in other.lines] == [
        (line.name, line.level, line.reason) for line in one.lines
    ]
    assert other.left_out == one.left_out


def test_the_old_side_says_where_it_is_from_and_how_old_it_is() -> None:
    side = held(reference_of(trials_of(OLD))).old_side

    assert side.path == "reports/baseline_20261120.json"
    assert side.model == "m-1"
    assert side.trials == 40
    assert side.age_days == pytest.approx(10, abs=0.01)
    assert side.asked is not None
    assert side.asked.startswith("2026-09-")


def test_cases_that_only_one_of_them_was_asked_are_left_out_and_counted() -> None:
    fewer = replace(question().corpus, cases=CASES[:30])
    more = (*CASES[:25], Case(id="new", input="another", reference="a"))
    reference = reference_of(trials_of(OLD, cases=CASES[:30]), replace(question(), corpus=fewer))

    found = held(reference, about=question(more))

    assert len(found.cases) == 25
    assert dict(found.left_out) == {
        "cases that the baseline does not have": 1,
        "cases of the baseline that the corpus no longer has": 5,
    }


def test_a_case_whose_reference_changed_is_left_out_without_its_reply_and_scored_anew_with_it() -> None:
    changed = (replace(CASES[0], reference="b"), *CASES[1:])
    trials = trials_of(OLD)

    bare = held(reference_of(trials), about=question(changed))
    whole = held(reference_of(trials, replies=True), about=question(changed))

    assert [case.id for case in bare.cases] == [case.id for case in CASES[1:]]
    assert bare.left_out["cases whose reference changed since the baseline"] == 1
    assert len(whole.cases) == 40
    assert whole.old.scores("accuracy")[0] == 0.0
    assert whole.old.scores("accuracy")[1] == 1.0


def test_scores_of_another_version_of_a_metric_are_none_and_never_pass() -> None:
    other = tuple(replace(each, version=each.version + 1) for each in scored_by()[:1])
    trials = trials_of(OLD)
    bare = replace(reference_of(trials), scored_by=(*other, *scored_by()[1:]))
    whole = replace(reference_of(trials, replies=True), scored_by=(*other, *scored_by()[1:]))

    found = held(bare)
    report = gate_report(found)

    assert np.isnan(found.old.scores("accuracy")).all()
    assert found.left_out["scores of accuracy, which is computed otherwise now"] == 40
    assert {line.level for line in report.lines if line.name == "accuracy"} == {"undecided"}
    assert report.level != "pass"
    assert (held(whole).old.scores("accuracy") == 1.0).all()


@pytest.mark.parametrize("value", [7.0, -3e9, 1e308])
def test_scores_that_a_metric_never_gives_are_none(value: float) -> None:
    """Somebody edited the file: nothing may be made of that, and nothing may break."""
    reference = reference_of(trials_of(OLD))
    trials = tuple(replace(trial, scores=dict.fromkeys(trial.scores, value)) for trial in reference.trials)
    found = held(replace(reference, trials=trials))
    assert any("changed by hand" in reason for reason in found.left_out)
    assert gate_report(found).level != "pass"


def test_a_metric_that_the_baseline_does_not_have_is_told() -> None:
    reference = reference_of(trials_of(OLD), question(specs=SPECS[1:]))

    assert held(reference).left_out["scores of accuracy, which the baseline does not have"] == 40


def test_a_case_of_another_name_is_the_same_case_where_its_input_is() -> None:
    renamed = tuple(replace(case, id=f"case-{case.id}") for case in CASES)

    assert len(held(reference_of(trials_of(OLD)), about=question(renamed)).cases) == 40


def test_cases_with_equal_input_keep_their_own_results() -> None:
    twins = (
        Case(id="first", input="same", reference="a"),
        Case(id="second", input="same", reference="b"),
        *CASES[:5],
    )

    def by_name(case: Case, _round: int) -> str:
        return {"first": "a", "second": "wrong"}.get(case.id, str(case.reference))

    reference = reference_of(trials_of(OLD, by_name, twins), question(twins))
    turned = (twins[1], twins[0], *CASES[:5])

    found = held(reference, about=question(turned))
    scores = dict(zip((case.id for case in found.cases), found.old.scores("accuracy"), strict=True))
    assert scores["first"] == 1.0
    assert scores["second"] == 0.0
    alone = held(reference, about=question(turned[:1]))
    assert [case.id for case in alone.cases] == ["second"]
    assert alone.old.scores("accuracy").tolist() == [0.0]
    assert alone.left_out["cases of the baseline that the corpus no longer has"] == 6


def test_regression_cases_are_looked_at_even_where_the_baseline_has_none_of_them() -> None:
    guarded = (*CASES, Case(id="r", input="old failure", reference="a", category="regression", mode="m"))

    found = held(reference_of(trials_of(OLD)), about=question(guarded))

    assert [case.id for case in found.apart["regression"].cases] == ["r"]
    assert np.isnan(found.apart["regression"].old.scores("accuracy")).all()
    assert found.left_out == {}


def test_the_cost_of_before_is_what_was_paid_then_whatever_the_price_is_today() -> None:
    reference = reference_of(trials_of(OLD))
    dearer = replace(NEW, price=Price(input=2.0, output=4.0))
    new = stored(dearer, trials_of(dearer, start=START + 1e5))

    found = compared(question(), committed(reference), new, now=NOW)

    assert found.new.costs() == pytest.approx(2 * found.old.costs())


def test_another_text_that_is_as_right_is_told_from_the_digests() -> None:
    def wordy(case: Case, _round: int) -> str:
        return f"{case.reference} " if case.id in {"03", "04"} else str(case.reference)

    changed = held(reference_of(trials_of(OLD)), new=trials_of(NEW, wordy, start=START + 1e5)).main.changed

    assert changed is not None
    assert np.flatnonzero(changed[:, 0]).tolist() == [3, 4]


def test_the_same_version_asked_again_is_called_that() -> None:
    trials = trials_of(OLD)
    later = trials_of(OLD, start=START + 1e5)
    reference = committed(reference_of(trials))

    assert compared(question(), reference, stored(OLD, later), now=NOW).notes == (SAME_VERSION,)
    assert compared(question(), reference, stored(OLD, trials), now=NOW).notes == (SAME_TRIALS,)
    assert compared(question(), reference, stored(NEW, trials_of(NEW)), now=NOW).notes == ()


def test_repeats_are_laid_out_one_by_one_and_fewer_of_them_today_leave_the_others_out() -> None:
    def twice(case: Case, round_: int) -> str:
        return str(case.reference) if round_ == 0 else "neither"

    reference = reference_of(trials_of(OLD, twice, repeats=2), question(repeats=2))

    both = held(reference, about=question(repeats=2), new=trials_of(NEW, repeats=2, start=START + 1e5))
    one = held(reference)

    assert (both.old.scores("accuracy") == 0.5).all()
    assert (one.old.scores("accuracy") == 1.0).all()
    assert one.left_out["trials of repeats that the task no longer asks for"] == 40


def test_cases_that_the_new_version_may_not_receive_are_left_out() -> None:
    careful = replace(NEW, egress=Egress(strata=("x",)))

    found = compared(
        question(), committed(reference_of(trials_of(OLD))), stored(careful, trials_of(careful)), now=NOW
    )

    assert {case.stratum for case in found.cases} == {"x"}
    assert found.left_out == {"cases that bot may not receive": 20}


def test_stored_trials_that_one_of_them_does_not_have_are_left_out_too() -> None:
    found = compared(question(), stored(OLD, trials_of(OLD)[:10]), stored(NEW, trials_of(NEW)), now=NOW)

    assert len(found.cases) == 10
    assert found.left_out == {"cases that bot was not asked": 30}


@pytest.mark.parametrize("started", [-5.0, 0.0, 1e18, float(START + 1e9)])
def test_a_time_that_cannot_be_is_no_age(started: float) -> None:
    kept = reference_of(trials_of(OLD))
    odd = replace(kept, trials=tuple(replace(each, started=started) for each in kept.trials))

    side = held(odd).old_side
    assert (side.asked, side.age_days) == (None, None)


def test_a_metric_that_cannot_score_then_is_unscored_now() -> None:
    trials = [replace(each, outcome=Reply(text="free words")) for each in trials_of(OLD)]
    (spec, *_) = SPECS
    kept = reference_of(trials, question(specs=(spec,)))
    unread = replace(
        kept,
        trials=tuple(replace(each, scores={}, unscored={"accuracy": "unreadable"}) for each in kept.trials),
    )

    found = held(unread, about=question(specs=(spec,)))
    assert found.old.unscored("accuracy") == 40
    assert build_metric(spec).name == "accuracy"
