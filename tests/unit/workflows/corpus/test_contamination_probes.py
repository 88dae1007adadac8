"""What stored trials say of contamination: planted cases are found, honest candidates are not."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest

from passmuster.corpus.contamination.canary import canary_case
from passmuster.corpus.contamination.completion import completion_case, halves
from passmuster.metrics.function import function_metric
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.contamination import CandidateContamination, NoveltyGap
from passmuster.records.corpus import CorpusVersion
from passmuster.records.score import Difference, Estimate
from passmuster.records.task import MetricSpec, Task
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey
from passmuster.records.version import FrozenVersion
from passmuster.workflows.compare import Question
from passmuster.workflows.corpus.contamination_probes import (
    canary_probe,
    guided_completion,
    judged,
    novelty_gaps,
    rephrase_gaps,
    replies,
)

SPEC = MetricSpec(name="right", kind="exact_match")
MODEL = Candidate(name="m", provider="openai", model="m", training_cutoff="2024")
OLDER = Candidate(name="o", provider="openai", model="o")
QUESTION = Question(
    task=Task(name="t", metrics=(SPEC,)),
    metrics=(build_metric(SPEC),),
    corpus=CorpusVersion(version="", path="p", split="eval", cases=()),
    candidates=(MODEL, OLDER),
)
GUID = "0b7e1f00-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
VERSION = FrozenVersion(version="v", time=0.0, canary=GUID)
TEXTS = [Case(id=str(n), input=" ".join(f"w{n}x{k}" for k in range(20))) for n in range(30)]


def trial(case: Case, text: str | None, candidate: Candidate = MODEL, repeat: int = 0) -> Trial:
    outcome = Failure(kind="timeout", message="") if text is None else Reply(text=text)
    key = TrialKey(case_digest(case), candidate_digest(candidate), repeat)
    return Trial(key=key, case_id=case.id, outcome=outcome, attempts=(Attempt(started=0.0),))


def reader(trials: Iterable[Trial]) -> Callable[[], Iterator[Trial]]:
    held = list(trials)
    return lambda: iter(held)


def said(answers: Mapping[str, str]) -> dict[str, str]:
    return dict(answers)


def test_replies_are_those_of_one_candidate_by_case() -> None:
    one, other = TEXTS[:2]
    found = replies(
        MODEL, [trial(one, "a"), trial(one, "b", repeat=1), trial(other, None), trial(other, "c", OLDER)]
    )
    assert found == {case_digest(one): "a"}


@pytest.mark.parametrize(
    ("reply", "found"), [(f"... {GUID}", True), ("I do not know.", False), ("0b7e1f00-1a2b", False)]
)
def test_a_completed_canary_is_found(reply: str, found: bool) -> None:  # noqa: FBT001 - a parameter of a test
    probe = canary_probe([VERSION], {case_digest(canary_case("v", GUID)): reply})
    assert probe is not None
    assert probe.found is found


def test_a_canary_that_nobody_was_asked_for_says_nothing() -> None:
    assert canary_probe([VERSION], {}) is None
    assert canary_probe([], {"x": "y"}) is None


def test_of_several_canaries_one_is_enough() -> None:
    other = replace(VERSION, version="w", canary=GUID.replace("1a2b", "ffff"))
    answers = {case_digest(canary_case(each.version, each.canary)): GUID for each in (VERSION, other)}
    probe = canary_probe([VERSION, other], answers)
    assert probe is not None
    assert [each.known for each in probe.replies] == [True, False]
    assert probe.found


def completions(named: Callable[[int, str], str], unnamed: Callable[[int, str], str]) -> dict[str, str]:
    answers = {}
    for place, half in enumerate(halves(TEXTS, 30)):
        answers[case_digest(completion_case(half, "src"))] = named(place, half.second)
        answers[case_digest(completion_case(half, None))] = unnamed(place, half.second)
    return answers


def test_who_knows_the_texts_under_their_name_is_found() -> None:
    found = guided_completion(
        halves(TEXTS, 30), "src", completions(lambda _, true: true, lambda *_: "no idea")
    )
    assert found is not None
    assert (found.named.value, found.unnamed.value, found.exact) == (1.0, 0.0, 30)
    assert found.difference.p is not None
    assert found.difference.p < 1e-6


def test_who_guesses_alike_with_the_name_and_without_is_not() -> None:
    def half_right(place: int, true: str) -> str:
        return true if place % 2 else "no idea"

    found = guided_completion(halves(TEXTS, 30), "src", completions(half_right, half_right))
    assert found is not None
    assert found.difference.value == 0
    assert found.difference.p == pytest.approx(0.5)


def test_a_name_that_makes_it_worse_is_no_contamination() -> None:
    found = guided_completion(halves(TEXTS, 30), "src", completions(lambda *_: "no", lambda _, true: true))
    assert found is not None
    assert found.difference.p is not None
    assert found.difference.p > 0.99


def test_texts_with_one_answer_are_missing_and_few_say_nothing() -> None:
    answers = completions(lambda _, true: true, lambda *_: "no")
    cut = halves(TEXTS, 30)
    for half in cut[:15]:
        del answers[case_digest(completion_case(half, None))]
    found = guided_completion(cut, "src", answers)
    assert found is not None
    assert (found.difference.n, found.difference.n_missing) == (15, 15)
    assert guided_completion(cut[:20], "src", answers) is None


ORIGINALS = [Case(id=f"a{n}", input=f"original {n}", reference="yes", stratum="s") for n in range(40)]
REPHRASED = [
    Case(
        id=f"b{n}",
        input=f"rephrased {n}",
        reference="yes",
        parent=f"a{n}",
        transform="rephrase",
        origin="synthetic",
        category="edge",
    )
    for n in range(40)
]
PAIRS = list(zip(ORIGINALS, REPHRASED, strict=True))


def answers(candidate: Candidate, originals: int, rephrased: int) -> list[Trial]:
    found = [trial(case, "yes" if n < originals else "no", candidate) for n, case in enumerate(ORIGINALS)]
    return found + [
        trial(case, "yes" if n < rephrased else "no", candidate) for n, case in enumerate(REPHRASED)
    ]


def test_a_score_that_falls_on_rephrasings_is_a_gap() -> None:
    found = rephrase_gaps(QUESTION, PAIRS, reader(answers(MODEL, 40, 24)))["m"]
    assert (found.original.value, found.rephrased.value) == (1.0, 0.6)
    assert found.gap.value == pytest.approx(0.4)
    assert found.gap.p is not None
    assert found.gap.p < 0.001
    assert found.beyond is None


def test_what_rephrasing_costs_an_older_candidate_too_is_taken_off() -> None:
    trials = [*answers(MODEL, 40, 24), *answers(OLDER, 40, 24)]
    found = rephrase_gaps(QUESTION, PAIRS, reader(trials), "o")
    assert found["m"].beyond is not None
    assert found["m"].beyond.value == pytest.approx(0.0)
    assert found["m"].beyond.p == pytest.approx(0.5)
    assert found["o"].beyond is None


def test_a_gap_beyond_that_of_the_older_one_is_found_and_its_interval_may_pass_one() -> None:
    trials = [*answers(MODEL, 40, 0), *answers(OLDER, 0, 40)]
    found = rephrase_gaps(QUESTION, PAIRS, reader(trials), "o")["m"]
    assert found.beyond is not None
    assert found.beyond.value == pytest.approx(2.0)
    assert found.beyond.p is not None
    assert found.beyond.p < 0.001


def test_several_rephrasings_of_one_case_are_one_cluster() -> None:
    same = [(ORIGINALS[0], each) for each in REPHRASED]
    found = rephrase_gaps(QUESTION, same, reader(answers(MODEL, 40, 0)))["m"]
    assert found.gap.value == pytest.approx(1.0)
    assert found.gap.p is None
    assert found.gap.n == 40


def test_pairs_without_scores_are_missing_and_few_make_no_test() -> None:
    trials = [each for each in answers(MODEL, 40, 24) if each.case_id not in {f"b{n}" for n in range(20)}]
    found = rephrase_gaps(QUESTION, PAIRS, reader(trials))["m"]
    assert (found.gap.n, found.gap.n_missing) == (20, 20)
    assert rephrase_gaps(QUESTION, PAIRS[:25], reader(trials)) == {}


DATED = [
    Case(id=str(n), input=f"dated {n}", reference="yes", stratum="ab"[n % 2], time=float(n))
    for n in range(80)
]


def dated(right: Callable[[int], bool]) -> Callable[[], Iterator[Trial]]:
    return reader(trial(case, "yes" if right(n) else "no") for n, case in enumerate(DATED))


def test_newer_cases_that_go_worse_are_found() -> None:
    found = novelty_gaps(QUESTION, DATED, {"m": 40.0}, dated(lambda n: n < 40 or n % 4 == 0))["m"]
    assert (found.older.value, found.newer.value) == (1.0, 0.25)
    assert found.gap.value == pytest.approx(-0.75)
    assert found.gap.p is not None
    assert found.gap.p < 0.001
    assert found.strata == 2


def test_newer_cases_that_go_better_are_not() -> None:
    found = novelty_gaps(QUESTION, DATED, {"m": 40.0}, dated(lambda n: n >= 40))["m"]
    assert found.gap.p is not None
    assert found.gap.p > 0.99


def test_harder_strata_that_are_newer_are_no_gap() -> None:
    cases = [
        replace(case, stratum="hard" if (n >= 40) != (n % 8 == 0) else "easy") for n, case in enumerate(DATED)
    ]
    trials = reader(trial(case, "no" if case.stratum == "hard" else "yes") for case in cases)
    found = novelty_gaps(QUESTION, cases, {"m": 40.0}, trials)["m"]
    assert found.newer.value is not None
    assert found.older.value is not None
    assert found.newer.value < found.older.value - 0.5
    assert found.gap.value == pytest.approx(0.0, abs=1e-12)


def test_candidates_without_a_cut_off_and_cases_without_a_time_are_left_out() -> None:
    undated = [replace(case, id=f"u{case.id}", time=None) for case in DATED[:5]]
    found = novelty_gaps(QUESTION, [*DATED, *undated], {"m": 40.0}, dated(lambda _: True))
    assert list(found) == ["m"]
    assert (found["m"].gap.n, found["m"].gap.n_missing) == (80, 5)
    assert novelty_gaps(QUESTION, undated, {"m": 40.0}, dated(lambda _: True)) == {}
    assert novelty_gaps(QUESTION, DATED, {}, dated(lambda _: True)) == {}


def test_a_side_of_fewer_than_ten_cases_makes_no_test() -> None:
    assert novelty_gaps(QUESTION, DATED, {"m": 75.0}, dated(lambda _: True)) == {}


def test_cases_with_equal_input_have_one_score() -> None:
    twins = [*DATED, *(replace(case, id=f"t{case.id}") for case in DATED)]
    found = novelty_gaps(QUESTION, twins, {"m": 40.0}, dated(lambda _: True))["m"]
    assert (found.gap.n, found.gap.n_missing) == (160, 0)


def novelty(name: str, p: float) -> CandidateContamination:
    gap = NoveltyGap(
        metric="right",
        cutoff=0.0,
        newer=Estimate(value=0.0),
        older=Estimate(value=0.0),
        gap=Difference(value=0.0, p=p),
        strata=1,
    )
    return CandidateContamination(candidate=name, novelty=gap)


def test_what_speaks_for_contamination_is_said_after_holms_correction() -> None:
    found = judged([novelty("a", 0.04), novelty("b", 0.001)], 0.05)
    assert [each.found for each in found] == [("novelty",), ("novelty",)]
    found = judged([novelty("a", 0.04), novelty("b", 0.03)], 0.05)
    assert [each.found for each in found] == [(), ()]
    assert judged([novelty("a", 0.04)], 0.05)[0].found == ("novelty",)


def test_with_an_older_candidate_only_what_goes_beyond_its_gap_speaks() -> None:
    trials = [*answers(MODEL, 40, 24), *answers(OLDER, 40, 24)]
    for older, found in ((None, ("rephrase",)), ("o", ())):
        gap = rephrase_gaps(QUESTION, PAIRS, reader(trials), older)["m"]
        assert judged([CandidateContamination(candidate="m", rephrase=gap)], 0.05)[0].found == found


def test_false_alarms_over_many_honest_candidates_stay_below_alpha() -> None:
    """400 looks at 10 honest candidates each, p uniform: 5% expected; above 8.3% has a chance below 0.2%."""
    rng = np.random.default_rng(3)
    looks = [
        judged([novelty(str(n), float(p)) for n, p in enumerate(rng.random(10))], 0.05) for _ in range(400)
    ]
    assert sum(any(each.found for each in look) for look in looks) <= 33


def _task(metric: str) -> Task:
    return Task(name="t", metrics=(MetricSpec(name=metric, kind=f"metrics.py:{metric}"),))


def _wrong(case: Case, reply: Reply) -> float:
    return float(reply.text != case.reference)


def test_where_less_is_better_the_same_answers_speak_as_loud() -> None:
    metrics = (function_metric("wrong", _wrong, direction="lower", binary=True),)
    errors = replace(QUESTION, metrics=metrics, task=_task("wrong"))

    same = rephrase_gaps(QUESTION, PAIRS, reader(answers(MODEL, 40, 24)))["m"].gap
    gap = rephrase_gaps(errors, PAIRS, reader(answers(MODEL, 40, 24)))["m"].gap
    assert (gap.value, gap.low, gap.high, gap.p) == pytest.approx((same.value, same.low, same.high, same.p))

    trials = dated(lambda n: n < 40 or n % 4 == 0)
    rise = novelty_gaps(errors, DATED, {"m": 40.0}, trials)["m"].gap
    fall = novelty_gaps(QUESTION, DATED, {"m": 40.0}, trials)["m"].gap
    assert fall.value is not None
    assert fall.low is not None
    assert fall.high is not None
    assert (rise.value, rise.low, rise.high) == pytest.approx((-fall.value, -fall.high, -fall.low))
    assert rise.p == pytest.approx(fall.p)


def _percent(case: Case, reply: Reply) -> float:
    return 100.0 * (reply.text == case.reference)


def test_scores_of_any_size_have_intervals_around_their_values() -> None:
    points = replace(
        QUESTION, metrics=(function_metric("points", _percent, bounds=(0.0, 100.0)),), task=_task("points")
    )

    small = rephrase_gaps(QUESTION, PAIRS, reader(answers(MODEL, 40, 24)))["m"].gap
    gap = rephrase_gaps(points, PAIRS, reader(answers(MODEL, 40, 24)))["m"].gap
    assert small.value is not None
    assert small.low is not None
    assert small.high is not None
    assert (gap.value, gap.low, gap.high) == pytest.approx(
        (100 * small.value, 100 * small.low, 100 * small.high)
    )
    assert gap.p == pytest.approx(small.p)

    found = novelty_gaps(points, DATED, {"m": 40.0}, dated(lambda n: n < 40 or n % 4 == 0))["m"]
    for figure in (found.newer, found.older):
        assert figure.low is not None
        assert figure.value is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high
