"""Suspect labels of cases, from stored trials and a baseline that did not see them."""

from collections.abc import Sequence

import numpy as np
import pytest

from passmuster.adapters.providers.baselines.out_of_fold import out_of_fold
from passmuster.errors import NotAvailableError
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.record import Json
from passmuster.records.trial import Failure, Outcome, Reply, Trial, TrialKey
from passmuster.runner.plan import plan
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.workflows.corpus.suspects import Stored, find_suspects

WORDS = {"bill": "charged twice invoice", "trip": "flight hotel train", "food": "pizza soup rice"}
LABELS = sorted(WORDS)
NAMES = ("gpt-4o", "claude-3")


def cases(n: int = 90, wrong: Sequence[int] = ()) -> list[Case]:
    made = []
    for number in range(n):
        label = LABELS[number % 3]
        words = WORDS[label].split()
        gold = LABELS[(number + 1) % 3] if number in wrong else label
        text = f"{words[number % 2]} {words[2]} number {number} of {number * 7}"
        made.append(Case(id=f"c{number}", input=text, reference=gold))
    return made


def truth(case: Case) -> str:
    return LABELS[int(case.id[1:]) % 3]


def stored(own: Sequence[Case], metric: ExactMatch | F1PerClass | None = None, repeats: int = 1) -> Stored:
    candidates = tuple(Candidate(name=name, provider="openai", model=name) for name in NAMES)
    trials = [
        Trial(key=ask.key, case_id=ask.case.id, outcome=Reply(text=truth(ask.case)), attempts=())
        for ask in plan(own, candidates, repeats)
    ]
    return Stored(candidates=candidates, trials=trials, metric=metric or ExactMatch(), repeats=repeats)


def apart(texts: Sequence[str]) -> list[int]:
    return list(range(len(texts)))


def test_both_signs_name_the_labels_that_are_wrong() -> None:
    own = cases(wrong=(4, 40))
    found = find_suspects(own, stored(own), out_of_fold, apart)

    assert {each.case for each in found.suspects if each.flagged} == {"c4", "c40"}
    assert found.suspects[0].suggestion == truth(own[int(found.suspects[0].case[1:])])
    assert len(found.suspects[0].reasons) == 2
    assert [(each.all, each.corrected) for each in found.effects] == [(88 / 90, 1.0)] * 2


@pytest.mark.parametrize("metric", [ExactMatch(normalise=("case",)), F1PerClass(normalise=("case",))])
def test_answers_are_read_as_the_metric_reads_them(metric: ExactMatch | F1PerClass) -> None:
    own = cases(wrong=(4,))
    have = stored(own, metric)
    loud = [
        Trial(
            key=trial.key, case_id=trial.case_id, outcome=Reply(text=trial.outcome.text.upper()), attempts=()
        )
        for trial in have.trials
        if isinstance(trial.outcome, Reply)
    ]
    again = Stored(candidates=have.candidates, trials=loud, metric=metric)

    found = find_suspects(own, again, None, apart, limit=1)
    assert [each.case for each in found.suspects] == ["c4"]


def test_a_failed_trial_is_no_answer_and_no_wrong_one() -> None:
    own = cases(wrong=(4,))
    have = stored(own)
    outcomes: list[Outcome] = [
        Failure(kind="timeout", message="") if number % 2 else trial.outcome
        for number, trial in enumerate(have.trials)
    ]
    broken = [
        Trial(key=trial.key, case_id=trial.case_id, outcome=outcome, attempts=())
        for trial, outcome in zip(have.trials, outcomes, strict=True)
    ]
    found = find_suspects(
        own, Stored(candidates=have.candidates, trials=broken, metric=ExactMatch()), None, apart
    )

    assert [each.n for each in found.effects] == [45, 45]
    assert all(each.all is not None and each.all > 0.95 for each in found.effects)


def test_the_first_repeat_counts_whatever_order_trials_come_in() -> None:
    own = cases(wrong=(4,))
    have = stored(own, repeats=2)
    digest = candidate_digest(have.candidates[0])
    trials = [
        trial
        if trial.key.repeat == 0 or trial.key.candidate != digest
        else Trial(key=trial.key, case_id=trial.case_id, outcome=Reply(text="other"), attempts=())
        for trial in have.trials
    ]
    one, other = (
        find_suspects(
            own,
            Stored(candidates=have.candidates, trials=order, metric=ExactMatch(), repeats=2),
            None,
            apart,
        )
        for order in (trials, trials[::-1])
    )
    assert one == other
    assert one.effects[0].corrected == 1.0


def test_the_baseline_sees_neither_a_case_nor_its_twin() -> None:
    own = cases(wrong=(4,))
    twin = Case(id="twin", input=str(own[4].input), reference=own[4].reference)
    seen: list[IntArray] = []

    def spy(texts: Sequence[str], labels: IntArray, folds: IntArray) -> FloatArray:
        seen.append(folds)
        return out_of_fold(texts, labels, folds)

    texts = [*own, twin]
    found = find_suspects(texts, Stored(), spy, lambda all_: [all_.index(text) for text in all_])

    assert seen[0][4] == seen[0][-1]
    assert {"c4", "twin"} <= {each.case for each in found.suspects if each.flagged}


def test_equal_inputs_with_two_references_are_told() -> None:
    own = cases()
    twin = Case(id="twin", input=own[0].input, reference=LABELS[1])
    found = find_suspects([*own, twin], stored(own), out_of_fold, apart)
    reasons = next(each for each in found.suspects if each.case == "twin").reasons

    assert any("case c0 has the same input" in reason for reason in reasons)


@pytest.mark.parametrize("reference", [{"a": 1}, None, [["x"]]])
def test_references_that_are_no_labels_are_not_judged(reference: Json) -> None:
    own = [Case(id=str(number), input=f"text {number}", reference=reference) for number in range(20)]

    with pytest.raises(NotAvailableError, match="labels cannot be judged"):
        find_suspects(own, Stored(), out_of_fold, apart)


def test_rare_labels_are_counted_and_left_out() -> None:
    own = [*cases(), Case(id="rare", input="a rare one", reference="rare")]
    found = find_suspects(own, Stored(), out_of_fold, apart)

    assert found.unrated == {"have a label with fewer than 5 cases": 1}
    assert found.expected.n_missing == 1


def test_without_baseline_and_candidates_there_is_nobody_to_doubt() -> None:
    with pytest.raises(NotAvailableError, match="nobody to doubt"):
        find_suspects(cases(), Stored(), None, apart)


def test_trials_of_other_cases_are_passed_over() -> None:
    own = cases(wrong=(4,))
    have = stored(own)
    stray = Trial(
        key=TrialKey("0" * 32, candidate_digest(have.candidates[0]), 0),
        case_id="x",
        outcome=Reply(text="bill"),
        attempts=(),
    )
    found = find_suspects(
        own,
        Stored(candidates=have.candidates, trials=[stray, *have.trials], metric=ExactMatch()),
        None,
        apart,
    )
    assert [each.n for each in found.effects] == [90, 90]


def test_out_of_fold_probabilities_add_up_to_one_or_to_what_the_other_folds_know() -> None:
    own = cases()
    texts = [str(case.input) for case in own]
    labels = np.array([LABELS.index(truth(case)) for case in own])
    found = out_of_fold(texts, labels, np.arange(len(own)) % 5)

    assert found.shape == (90, 3)
    assert np.allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == labels).mean() > 0.9
