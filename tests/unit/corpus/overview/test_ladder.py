"""The ladder says what a corpus can show, and what to do next."""

from dataclasses import replace

import pytest
from scipy import stats

from passmuster.corpus.overview.ladder import effective_size, ladder, next_rung, rung
from passmuster.corpus.overview.to_do import DAY, Facts, to_do
from passmuster.records.case import Case
from passmuster.records.description import StratumState
from passmuster.stats.paired_power import paired_cases

READY = Facts(
    n=600,
    effective=600.0,
    labelled=600,
    target=500,
    ladder=ladder(600),
    strata=[StratumState(name="a", cases=600, labelled=600, share=1.0, wanted=30)],
    holdout="sealed",
    pools={"edge": 1, "adversarial": 1, "regression": 1},
    stratified=True,
    frozen=True,
    newest=0.0,
    now=DAY,
)


def texts(**changes: object) -> list[str]:
    return [each.text for each in to_do(replace(READY, **changes))]  # type: ignore[arg-type]


@pytest.mark.parametrize("discordance", [0.1, 0.2, 0.4])
def test_the_difference_of_a_rung_is_the_one_that_its_cases_show(discordance: float) -> None:
    for step in ladder(0, discordance):
        assert step.between is not None
        assert paired_cases(step.between, discordance) == pytest.approx(step.cases, abs=1)


@pytest.mark.parametrize("bar", [0.5, 0.85, 0.95])
def test_a_candidate_as_far_above_the_bar_passes_four_times_of_five_with_just_so_many_cases(
    bar: float,
) -> None:
    for step in ladder(0, bar=bar):
        needed = next(k for k in range(step.cases + 1) if stats.binom.sf(k - 1, step.cases, bar) <= 0.05)
        assert step.above is not None
        assert stats.binom.sf(needed - 1, step.cases, bar + step.above) == pytest.approx(0.8)


def test_too_few_cases_show_nothing() -> None:
    step = rung(10, "now", 0.2, 0.85, reached=True)
    assert step.between is None
    assert step.above is None


def test_rungs_are_reached_by_cases_of_even_weight() -> None:
    assert [step.reached for step in ladder(499.9)] == [True, True, False, False]
    found = next_rung(ladder(499.9), 1000)
    assert found is not None
    assert found.cases == 500
    assert next_rung(ladder(499.9), 200) is None


def test_uneven_weights_are_worth_fewer_cases() -> None:
    cases = [Case(id=str(n), input="x", weight=99.0 if n == 0 else 1.0) for n in range(100)]
    assert effective_size(cases) == pytest.approx((99 + 99) ** 2 / (99**2 + 99))
    assert effective_size([Case(id="1", input="x"), Case(id="2", input="y")]) == 2.0
    assert effective_size([]) == 0.0


def test_a_corpus_that_lacks_nothing_has_nothing_to_do() -> None:
    assert to_do(READY) == ()


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"leaks": [("e1", "t1")]}, "1 case of eval hangs together with cases of train"),
        ({"overlap": {"prompts": 2, "train": 9}}, "2 cases of eval stand in prompts"),
        ({"conflicts": 3}, "3 groups of cases with equal input"),
        ({"holdout": "unsealed"}, "The holdout lies in plain"),
        ({"waiting": 7}, "7 sampled cases wait to be split."),
        ({"waiting": 1}, "1 sampled case waits to be split."),
        ({"proposals": 1}, "1 proposed case waits for a person"),
        ({"duplicates": 1}, "1 case is a near-duplicate of another one"),
        ({"outside": 1}, "1 case does not come from production"),
        ({"labelled": 590}, "Label 10 cases of eval"),
        ({"proposals": 2}, "2 proposed cases wait for a person"),
        ({"holdout": "none"}, "There is no sealed holdout"),
        ({"duplicates": 4}, "4 cases are near-duplicates"),
        ({"pools": {"edge": 2}}, "There are no adversarial or regression cases yet."),
        ({"outside": 5, "synthetic": 2}, "5 cases do not come from production (2 synthetic)"),
        ({"frozen": False}, "This state is not frozen"),
        ({"stratified": False}, "The cases have no strata"),
        ({"now": 100 * DAY}, "The newest case is of 1970-01-01, 100 days ago"),
    ],
)
def test_each_lack_is_one_sentence(changes: dict[str, object], start: str) -> None:
    found = texts(**changes)
    assert len(found) == 1
    assert found[0].startswith(start)


def test_what_is_wrong_stands_first_and_every_step_but_advice_has_a_command() -> None:
    found = to_do(replace(READY, frozen=False, waiting=1, conflicts=1))
    assert [each.urgency for each in found] == ["wrong", "next", "later"]
    assert all(each.command for each in found)


def test_strata_that_lack_cases_are_named_with_the_largest_first() -> None:
    strata = [
        StratumState(name=f"s {n}", cases=10 + n, labelled=0, share=0.05 + n / 100, wanted=30)
        for n in range(5)
    ]
    found = to_do(replace(READY, strata=strata))
    assert [each.text[:31] for each in found] == [
        "Collect 16 more cases of 's 4':",
        "Collect 17 more cases of 's 3':",
        "Collect 18 more cases of 's 2':",
        "2 other major strata have too f",
    ]
    assert found[0].command == "passmuster corpus sample 72 --only 's 4'"


def test_a_hostile_name_of_a_stratum_stays_one_word_of_the_command() -> None:
    strata = [StratumState(name="a'; rm -rf ~ #", cases=1, labelled=0, share=0.5, wanted=2)]
    assert to_do(replace(READY, strata=strata))[0].command == (
        "passmuster corpus sample 5 --only 'a'\\''; rm -rf ~ #'"
    )


def test_the_next_rung_says_how_many_and_what_for() -> None:
    found = texts(n=250, labelled=250, effective=200.0, ladder=ladder(200.0))
    assert found[0].startswith(
        "Collect about 375 more cases to score, for 500 of even weight (ready for production)"
    )


def test_without_cases_the_first_step_is_named() -> None:
    empty = Facts(n=0, effective=0.0, labelled=0, target=500, ladder=())
    assert to_do(empty)[0].command == "passmuster corpus import LOGS.jsonl"
    assert to_do(replace(empty, traffic=True))[0].command == "passmuster corpus sample 500"


@pytest.mark.parametrize("weight", [13083 / 500, 0.1, 1 / 3, 6.1])
@pytest.mark.parametrize("count", [100, 200, 500])
def test_equal_weights_reach_the_rung_of_their_number(weight: float, count: int) -> None:
    cases = [Case(id=str(number), input="a", weight=weight) for number in range(count)]

    assert effective_size(cases) == count


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({"labelled": 10}, "passmuster corpus label export to-label --split eval"),
        ({"duplicates": 2}, "passmuster corpus clean eval.jsonl"),
        (
            {"pools": {"edge": 1, "adversarial": 1}},
            "passmuster corpus add --from-run latest --case ID --new-mode NAME",
        ),
    ],
)
def test_a_command_can_be_given_as_it_stands(changes: dict[str, object], command: str) -> None:
    assert command in [each.command for each in to_do(replace(READY, **changes))]  # type: ignore[arg-type]
