from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Attribute, Candidate, ManualProcess
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.decision import Worth
from passmuster.records.task import Bar, MetricSpec, Requirement, Success, Task

MakeMeasured = Callable[..., Measured]
SPEC = MetricSpec(name="accuracy", kind="exact_match")


def worth_of(
    *measured: Measured, margin: float = 0.05, strata: Sequence[str] = (), **more: object
) -> Worth | None:
    n = measured[0].cases
    cases = tuple(
        Case(id=str(place), input=str(place), reference="x", stratum=strata[place] if strata else None)
        for place in range(n)
    )
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    task = Task(name="t", metrics=(SPEC,), margin=margin, **more)  # type: ignore[arg-type]  # a test's shorthand
    found = Matrix(task, [build_metric(SPEC)], corpus, measured, Scope(cases=cases)).comparison(
        "2026-11-22T00:00:00Z"
    )
    return found.decision.worth


def pair(make: MakeMeasured, n: int, rule: float, llm: float) -> tuple[Measured, Measured]:
    """Return a rule and an LLM that is right wherever the rule is, and on more: the most surely told difference."""
    right, more = round(rule * n), round(llm * n)
    return (
        make("regex", [1.0] * right + [0.0] * (n - right), kind="baseline"),
        make("llm", [1.0] * more + [0.0] * (n - more)),
    )


@pytest.mark.parametrize("n", [100, 1000, 10_000, 100_000])
def test_87_against_85_is_narrow_at_a_margin_of_2_points_with_any_number_of_cases(
    make_measured: MakeMeasured, n: int
) -> None:
    found = worth_of(*pair(make_measured, n, 0.85, 0.87), margin=0.02)
    assert found is not None
    assert found.status == "narrow"
    assert found.sentence.endswith("narrow, look before you commit.")
    assert found.shown == ("neither" if n == 100 else "gain")  # significant, and still narrow
    assert ("a gain is shown, but not that it reaches the margin" in found.sentence) == (n > 100)


@pytest.mark.parametrize("n", [100, 1000, 10_000])
def test_it_is_as_narrow_where_each_is_right_on_cases_that_the_other_misses(
    make_measured: MakeMeasured, n: int
) -> None:
    """7% only the LLM, 5% only the rule: the same 2 points, less surely told."""
    both, ours, theirs = n * 80 // 100, n * 7 // 100, n * 5 // 100
    neither = n - both - ours - theirs
    rule = make_measured(
        "regex", [1.0] * both + [0.0] * ours + [1.0] * theirs + [0.0] * neither, kind="baseline"
    )
    llm = make_measured("llm", [1.0] * both + [1.0] * ours + [0.0] * theirs + [0.0] * neither)
    found = worth_of(rule, llm, margin=0.02)
    assert found is not None
    assert found.status == "narrow"


@pytest.mark.parametrize(("n", "status"), [(100, "narrow"), (1000, "no"), (10_000, "no")])
def test_88_against_85_is_a_poor_candidate_at_the_usual_margin_as_soon_as_that_is_shown(
    make_measured: MakeMeasured, n: int, status: str
) -> None:
    found = worth_of(*pair(make_measured, n, 0.85, 0.88))
    assert found is not None
    assert found.status == status
    if status == "no":
        assert found.sentence.startswith("llm adds +3.0 points over regex (+")
        assert found.sentence.endswith(
            "margin 5): a gain is shown, and less than the margin: a poor candidate for an LLM."
        )


def test_a_gain_above_the_margin_is_worth_an_llm(make_measured: MakeMeasured) -> None:
    found = worth_of(*pair(make_measured, 1000, 0.80, 0.90))
    assert found is not None
    assert (found.status, found.shown) == ("yes", "gain")
    assert "a gain is shown, and more than the margin: worth an LLM." in found.sentence


def test_a_loss_is_called_one(make_measured: MakeMeasured) -> None:
    found = worth_of(*pair(make_measured, 1000, 0.90, 0.85))
    assert found is not None
    assert (found.status, found.shown) == ("no", "loss")
    assert "a loss is shown: a poor candidate for an LLM." in found.sentence


def test_the_best_baseline_is_the_one_to_beat_and_all_rivals_are_listed(make_measured: MakeMeasured) -> None:
    weak = make_measured("constant", [1.0] * 200 + [0.0] * 800, kind="baseline")
    strong, llm = pair(make_measured, 1000, 0.85, 0.88)
    found = worth_of(weak, llm, strong)
    assert found is not None
    assert found.baseline == "regex"
    assert [(rival.name, rival.status) for rival in found.rivals] == [("constant", "yes"), ("regex", "no")]


def test_an_llm_that_is_shown_to_miss_a_bar_is_not_asked_about_while_there_is_another(
    make_measured: MakeMeasured,
) -> None:
    rule, _ = pair(make_measured, 1000, 0.85, 0.95)
    slow = make_measured("slow", [1.0] * 950 + [0.0] * 50, seconds=9.0)
    quick = make_measured("quick", [1.0] * 880 + [0.0] * 120)
    bars = (Bar(metric="latency_p95", at_most=1.0),)
    found = worth_of(rule, slow, quick, bars=bars)
    assert found is not None
    assert found.llm == "quick"
    alone = worth_of(rule, slow, bars=bars)
    assert alone is not None
    assert alone.llm == "slow"


def test_without_a_rival_nothing_is_said(make_measured: MakeMeasured) -> None:
    assert worth_of(make_measured("llm", [1.0, 0.0])) is None


def test_who_misses_a_requirement_is_neither_the_llm_nor_the_rival(make_measured: MakeMeasured) -> None:
    rule, best = pair(make_measured, 1000, 0.80, 0.95)
    abroad = replace(best, candidate=replace(best.candidate, attributes={"region": Attribute(value="us")}))
    second = make_measured("second", [1.0] * 820 + [0.0] * 180)
    near = Attribute(value="eu")
    others = [
        replace(each, candidate=replace(each.candidate, attributes={"region": near}))
        for each in (rule, second)
    ]
    found = worth_of(abroad, *others, requires=(Requirement(attribute="region", one_of=("eu",)),))
    assert found is not None
    assert found.llm == "second"


def test_in_a_stratum_the_answer_may_be_another_one(make_measured: MakeMeasured) -> None:
    """Over all cases it is narrow; in one stratum the LLM is worth it, in the other it adds nothing."""
    easy, hard = [1.0] * 460 + [0.0] * 40, [1.0] * 400 + [0.0] * 100
    rule = make_measured("regex", easy + hard, kind="baseline")
    llm = make_measured("llm", easy + [1.0] * 450 + [0.0] * 50)
    found = worth_of(rule, llm, strata=["easy"] * 500 + ["hard"] * 500)
    assert found is not None
    assert found.status == "narrow"
    assert [(each.stratum, each.status, each.shown) for each in found.strata] == [
        ("hard", "yes", "gain"),
        ("easy", "no", "neither"),
    ]
    assert found.strata[0].difference.n == 500


def test_a_stratum_of_a_few_cases_is_left_out(make_measured: MakeMeasured) -> None:
    rule, llm = pair(make_measured, 100, 0.8, 0.9)
    found = worth_of(rule, llm, strata=["a"] * 60 + ["b"] * 35 + ["c"] * 5)
    assert found is not None
    assert {each.stratum for each in found.strata} == {"a", "b"}


def by_hand(make: MakeMeasured, n: int, error_rate: float) -> Measured:
    """Return people whose figures are only stated: nobody was asked."""
    people = make("by hand", [1.0] * n, kind="manual")
    process = ManualProcess(minutes=3.0, hourly=40.0, error_rate=error_rate)
    blank = Candidate(name="by hand", provider="baseline", kind="manual", manual=process)
    states = replace(people.columns, state=people.columns.state * 0)
    return replace(people, candidate=blank, columns=states, account=type(people.account)())


def test_against_people_the_margin_is_what_may_be_lost_and_the_gain_is_in_the_cost(
    make_measured: MakeMeasured,
) -> None:
    llm = make_measured("llm", [1.0] * 950 + [0.0] * 50)
    found = worth_of(by_hand(make_measured, 1000, 0.03), llm)
    assert found is not None
    assert (found.baseline, found.status, found.rivals[0].stated) == ("by hand", "yes", True)
    assert found.difference.value == pytest.approx(-0.02)
    assert "at most 5 may be lost" in found.sentence


def test_far_worse_than_people_is_a_poor_candidate_however_cheap(make_measured: MakeMeasured) -> None:
    llm = make_measured("llm", [1.0] * 800 + [0.0] * 200)
    found = worth_of(by_hand(make_measured, 1000, 0.03), llm)
    assert found is not None
    assert found.status == "no"


def test_beside_a_baseline_people_are_one_rival_more(make_measured: MakeMeasured) -> None:
    rule, llm = pair(make_measured, 1000, 0.85, 0.95)
    found = worth_of(by_hand(make_measured, 1000, 0.03), rule, llm)
    assert found is not None
    assert found.baseline == "regex"
    assert {rival.name for rival in found.rivals} == {"by hand", "regex"}


def test_what_the_llm_brings_is_told_beside_the_rival(make_measured: MakeMeasured) -> None:
    rule = make_measured("regex", [1.0] * 850 + [0.0] * 150, kind="baseline", seconds=0.002, dollars=0.0)
    llm = make_measured("llm", [1.0] * 900 + [0.0] * 70 + [None] * 30, seconds=0.8, dollars=0.003)
    found = worth_of(rule, llm)
    assert found is not None
    assert [each.name for each in found.burdens] == ["llm", "regex"]
    ours = found.burdens[0]
    assert ours.trials == 1000
    assert ours.latency_p95.value == pytest.approx(0.8)
    assert found.brings.startswith("It brings: p95 0.8 s (against 0.002 s), cost a task $0.003 (against $0)")


LENGTH = MetricSpec(name="length", kind="length")


def lengths_of(*measured: Measured, bars: Sequence[Bar] = ()) -> Comparison:
    """Compare by a metric that counts words, of which fewer are better; exact matches decide what a success is."""
    cases = tuple(Case(id=str(place), input=str(place), reference="x") for place in range(measured[0].cases))
    corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
    task = Task(name="t", metrics=(LENGTH, SPEC), bars=tuple(bars), success=Success(metric="accuracy"))
    metrics = [build_metric(LENGTH), build_metric(SPEC)]
    return Matrix(task, metrics, corpus, measured, Scope(cases=cases)).comparison("2026-11-22T00:00:00Z")


@pytest.fixture
def words(make_measured: MakeMeasured) -> Callable[..., Measured]:
    def made(name: str, length: float, kind: str = "llm", dollars: float = 0.001) -> Measured:
        item = make_measured(name, [1.0] * 100, kind=kind, dollars=dollars)
        counts = replace(item.columns.scores["accuracy"], value=np.full((100, 1), length))
        columns = replace(item.columns, scores={"length": counts, **item.columns.scores})
        layout = replace(
            item.layout, binary={"length": False, "accuracy": True}, bounds={"length": (0.0, inf)}
        )
        return replace(item, columns=columns, layout=layout)

    return made


def test_a_stated_error_rate_is_no_length(
    words: Callable[..., Measured], make_measured: MakeMeasured
) -> None:
    llm = words("llm", 12.0)
    people = replace(by_hand(make_measured, 100, 0.05), layout=llm.layout)
    found = lengths_of(llm, people, bars=[Bar(metric="length", at_most=0.5)]).candidates[1]
    assert found.metrics["length"].value is None
    assert found.metrics["accuracy"].value == pytest.approx(0.95)
    assert (found.checks[0].value, found.checks[0].status) == (None, "undecided")


def test_what_is_no_share_has_no_points_and_no_margin(words: Callable[..., Measured]) -> None:
    assert lengths_of(words("llm", 12.0), words("regex", 40.0, kind="baseline")).decision.worth is None


def test_who_is_shorter_is_better_where_less_is(words: Callable[..., Measured]) -> None:
    bars = [Bar(metric="accuracy", at_least=0.5)]
    said = lengths_of(words("long", 40.0), words("short", 12.0, dollars=0.002), bars=bars).decision.reason
    assert "short is better by 28 in length (-28 to -26.4) for 2.0 times the price." in said


def test_where_less_is_better_the_longer_one_is_dominated(words: Callable[..., Measured]) -> None:
    found = lengths_of(words("long", 40.0), words("short", 12.0))
    assert [row.dominated_by for row in found.candidates] == [("short",), ()]


@pytest.mark.parametrize(
    ("dollars", "spread", "status"),
    [(1.0, 0.0, "yes"), (1.9, 1.5, "narrow"), (9.0, 0.0, "no")],
)
def test_against_people_a_lower_cost_must_be_shown(
    make_measured: MakeMeasured, dollars: float, spread: float, status: str
) -> None:
    costs = [dollars + spread * (-1) ** place for place in range(60)]
    llm = make_measured("llm", [1.0] * 60, dollars=costs)  # people cost $2.06 a success
    found = worth_of(by_hand(make_measured, 60, 0.03), llm, margin=0.1)
    assert found is not None
    assert found.status == status


def test_a_cost_of_which_only_a_lower_bound_is_known_is_no_lower_cost(make_measured: MakeMeasured) -> None:
    llm = make_measured("llm", [1.0] * 300, basis="lower_bound")
    found = worth_of(by_hand(make_measured, 300, 0.03), llm)
    assert found is not None
    assert found.status == "narrow"
    assert "its cost unknown" in found.sentence
