"""What prompts and models do is told from contrasts of the same cases."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.factors.effects import Values, interactions, model_effects, prompt_effects
from passmuster.decide.factors.grid import Grid, grid_of, model_key
from passmuster.decide.factors.report import effects_of_prompts
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Prompt
from passmuster.records.prompt_effects import PromptEffects
from passmuster.records.score import Difference
from passmuster.records.task import MetricSpec, Task

SPEC = MetricSpec(name="accuracy", kind="exact_match")
TASK = Task(name="t", metrics=(SPEC,))
N = 400


def candidate(model: str, prompt: str, **more: object) -> Candidate:
    made = Candidate(
        name=f"{model}/{prompt}",
        provider="openai",
        model=model,
        base=model,
        prompt=Prompt(name=prompt, system=prompt),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # any field


def grid(models: Sequence[str] = "AB", prompts: Sequence[str] = "xyz") -> Grid:
    found = grid_of([candidate(model, prompt) for model in models for prompt in prompts])
    assert found is not None
    return found


def drawn(design: Grid, chance: Callable[[str, str], float], seed: int = 1) -> Values:
    """Return pass/fail values of cases with a difficulty that all candidates share."""
    rng = np.random.default_rng(seed)
    ease = rng.standard_normal(N)
    of = {}
    for (model, prompt), name in design.cells.items():
        own = 0.7 * ease + np.sqrt(0.51) * rng.standard_normal(N)
        of[name] = (own < stats.norm.ppf(chance(model, prompt))).astype(float)
    return Values(of=of, receivable=N)


def never(_one: str, _other: str) -> Difference:
    raise AssertionError


def test_candidates_are_told_apart_by_model_and_prompt() -> None:
    cells = [candidate("A", "x"), candidate("A", "y", parameters={"temperature": 1}), candidate("B", "x")]
    alone = Candidate(name="C", provider="openai", model="C")
    found = grid_of([*cells, alone, candidate("B", "y")])

    assert found is not None
    assert (found.models, found.prompts) == (("A", "B"), ("x", "y"))
    assert found.cells == {("A", "x"): "A/x", ("A", "y"): "A/y", ("B", "x"): "B/x", ("B", "y"): "B/y"}
    assert model_key(alone) is None


def test_without_a_model_that_has_two_prompts_there_is_nothing_to_compare() -> None:
    assert grid_of([candidate("A", "x"), candidate("B", "x")]) is None
    assert grid_of([]) is None


def test_candidates_that_differ_in_the_prompt_only_are_variants_without_being_listed_so() -> None:
    short = Candidate(name="short", provider="openai", model="m", prompt=Prompt(name="s", system="s"))
    found = grid_of([short, replace(short, name="long", prompt=Prompt(name="l", system="l"))])

    assert found is not None
    assert found.cells == {("m", "s"): "short", ("m", "l"): "long"}


def test_a_main_effect_is_the_mean_over_models_paired_by_case() -> None:
    design = grid()
    values = drawn(design, lambda _model, prompt: {"x": 0.7, "y": 0.8, "z": 0.7}[prompt])
    per_case = np.mean([values.of[f"{m}/y"] - values.of[f"{m}/x"] for m in "AB"], axis=0)

    first, second = prompt_effects(design, values, "x", never)

    assert (first.level, first.versus, first.over) == ("y", "x", 2)
    assert first.difference.value == pytest.approx(per_case.mean())
    ends = stats.ttest_1samp(per_case, 0.0).confidence_interval(0.975)  # two effects: Bonferroni
    assert (first.difference.low, first.difference.high) == pytest.approx(tuple(ends))
    p = [stats.ttest_1samp(per_case, 0.0).pvalue, second.difference.p]
    assert first.adjusted_p == pytest.approx(min(1.0, 2 * min(p)))  # Holm
    assert first.adjusted_p is not None
    assert first.adjusted_p < 0.01 < (second.adjusted_p or 0)


def test_models_are_compared_over_prompts_in_the_same_way() -> None:
    design = grid()
    values = drawn(design, lambda model, _prompt: {"A": 0.6, "B": 0.75}[model])

    (found,) = model_effects(design, values, "A", never)

    expected = np.mean([values.of[f"B/{p}"] - values.of[f"A/{p}"] for p in "xyz"])
    assert (found.level, found.versus, found.over) == ("B", "A", 3)
    assert found.difference.value == pytest.approx(expected)
    assert found.difference.low is not None
    assert found.difference.low > 0


def test_an_interaction_is_what_a_prompt_does_for_one_model_beyond_the_mean() -> None:
    design = grid("ABC", "xy")
    values = drawn(design, lambda model, prompt: 0.6 + 0.2 * (model == "B" and prompt == "y"))
    gains = {m: values.of[f"{m}/y"] - values.of[f"{m}/x"] for m in "ABC"}

    found = {each.model: each for each in interactions(design, values, "x")}

    assert found["B"].difference.value == pytest.approx(
        gains["B"].mean() - np.mean([gain.mean() for gain in gains.values()])
    )
    assert sum(each.difference.value or 0 for each in found.values()) == pytest.approx(0, abs=1e-9)
    assert (found["B"].adjusted_p or 1) < 0.001
    # of two models the second would say the first once more
    assert len(interactions(grid("AB", "xyz"), drawn(grid(), lambda _m, _p: 0.6), "x")) == 2


def test_models_without_the_prompt_do_not_count_and_cases_without_a_value_neither() -> None:
    cells = [
        candidate("A", "x"),
        candidate("A", "y"),
        candidate("B", "y"),
        candidate("B", "z"),
        candidate("C", "x"),
        candidate("C", "y"),
    ]
    design = grid_of(cells)
    assert design is not None
    values = drawn(design, lambda _model, _prompt: 0.6)
    values.of["A/x"][:50] = np.nan

    found = {each.level: each for each in prompt_effects(design, values, "x", never)}

    assert set(found) == {"y"}  # z and x were asked of no model together
    assert (found["y"].over, found["y"].difference.n, found["y"].difference.n_missing) == (2, N - 50, 50)


def test_clusters_widen_an_effect() -> None:
    design = grid()
    one = drawn(design, lambda _model, prompt: 0.7 + 0.05 * (prompt == "y"))
    repeated = {name: np.repeat(value, 3) for name, value in one.of.items()}
    groups = np.repeat(np.arange(N), 3)

    plain = prompt_effects(design, one, "x", never)[0].difference
    clustered = prompt_effects(design, Values(of=repeated, groups=groups), "x", never)[0].difference
    fooled = prompt_effects(design, Values(of=repeated), "x", never)[0].difference

    assert (clustered.low, clustered.high) == pytest.approx((plain.low, plain.high), abs=1e-3)
    assert (fooled.high or 0) - (fooled.low or 0) < 0.7 * ((plain.high or 0) - (plain.low or 0))


Make = Callable[..., Measured]


def measured_of(make: Make, name: str, scores: Sequence[float | None], **layout: object) -> Measured:
    model, _, prompt = name.partition("/")
    made = make(name, scores, **layout)
    return replace(made, candidate=candidate(model, prompt))


def report(items: Sequence[Measured], task: Task = TASK, judged: Sequence[str] = ()) -> PromptEffects:
    found = effects_of_prompts(items, task, [build_metric(SPEC)], judged)
    assert found is not None
    return found


def test_one_model_has_the_differences_of_the_matrix(make_measured: Make) -> None:
    rng = np.random.default_rng(2)
    x, y = (rng.random(100) < 0.6).astype(float), (rng.random(100) < 0.8).astype(float)
    found = report([measured_of(make_measured, "A/x", list(x)), measured_of(make_measured, "A/y", list(y))])

    (effect,) = found.of_prompts
    assert effect.difference.method == "Tango interval, mid-p McNemar"
    assert (effect.difference.better, effect.difference.worse) == (int((y > x).sum()), int((x > y).sum()))
    assert (found.of_models, found.interactions) == ((), ())
    assert (found.n, found.n_missing, found.note) == (100, 0, None)


def test_the_incumbents_prompt_and_model_are_what_others_are_held_against(make_measured: Make) -> None:
    items = [
        measured_of(make_measured, f"{model}/{prompt}", [1.0, 0.0] * 20) for model in "AB" for prompt in "xy"
    ]
    found = report(items, replace(TASK, incumbent="B/y"))

    assert [(each.level, each.versus) for each in found.of_prompts] == [("x", "y")]
    assert [(each.level, each.versus) for each in found.of_models] == [("A", "B")]


def test_what_a_judge_says_is_marked(make_measured: Make) -> None:
    items = [measured_of(make_measured, f"A/{prompt}", [1.0, 0.0] * 20) for prompt in "xy"]

    assert "as the judge says" in (report(items, judged=["accuracy"]).note or "")


def test_a_candidate_that_was_not_asked_yet_is_in_no_effect(make_measured: Make) -> None:
    asked = [measured_of(make_measured, f"A/{prompt}", [1.0, 0.0] * 20) for prompt in "xy"]
    waiting = measured_of(make_measured, "A/z", [])

    assert report([*asked, waiting]).prompts == ("x", "y")


def test_a_candidate_that_was_stopped_for_how_it_looked_is_left_out_and_that_is_said(
    make_measured: Make,
) -> None:
    items = [measured_of(make_measured, f"A/{prompt}", [1.0, 0.0] * 20) for prompt in "xyz"]
    found = effects_of_prompts(items, TASK, [build_metric(SPEC)], stopped={"A/y"})

    assert found is not None
    assert (found.prompts, found.note) == (("x", "z"), "1 candidate stopped early left out")
    assert effects_of_prompts(items, TASK, [build_metric(SPEC)], stopped={"A/y", "A/z"}) is None
