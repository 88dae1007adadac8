"""Weights in the project file, and who chooses by them."""

from collections.abc import Callable

import pytest

from passmuster.project.load import Project
from passmuster.records.task import Dimension

Slip = Callable[..., str]
Load = Callable[..., Project]
BAR = "exact_match: {at_least: 70 %}"


def test_weights_are_numbers_or_say_what_counts_as_1_and_0(project: Load) -> None:
    loaded = project(
        f"  {BAR}\n",
        f"  {BAR}\nweights:\n  exact_match: 3\n  cost_per_success: {{weight: 1, worst: 5 cents}}\n"
        "  latency_p95: {weight: 0.5, best: 500 ms, worst: 5 s}\nchoose: weights\n",
    )
    assert loaded.task.weights == (
        Dimension(metric="exact_match", weight=3.0),
        Dimension(metric="cost_per_success", weight=1.0, worst=0.05),
        Dimension(metric="latency_p95", weight=0.5, best=0.5, worst=5.0),
    )
    assert loaded.task.choose == "weights"


def test_without_a_word_the_cheapest_is_chosen(project: Load) -> None:
    loaded = project(f"  {BAR}\n", f"  {BAR}\nweights: {{exact_match: 1}}\n")
    assert loaded.task.choose == "cheapest"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("weights: {exact_mach: 1}", "6:11", "Did you mean 'exact_match'?"),
        ("weights: {corpus_age: 1}", "6:11", "the task has no such metric"),
        ("weights: {exact_match: 0}", "6:10", "every weight is 0"),
        ("weights: {exact_match: -1}", "6:24", "must be at least 0"),
        ("weights: {exact_match: 1e999}", "6:24", "number"),
        ("weights: {latency_p95: {weight: 1, best: 5 %}}", "6:42", "is not a time"),
        ("weights: {latency_p95: {weight: 1, best: 5 s, worst: 1 s}}", "6:24", "the wrong way round"),
        ("weights: {exact_match: {weight: 1, best: 1, worst: 1}}", "6:24", "are the same"),
        (
            "weights: {exact_match: {weight: 1, best: 0.5, worst: 1}}",
            "6:24",
            "the wrong way round: more of it is better",
        ),
        ("weights: {exact_match: {wieght: 1}}", "6:25", "Did you mean 'weight'?"),
        ("choose: weights", "6:9", "needs weights to choose by"),
        ("choose: dearest", "6:9", "'dearest' is not valid here"),
    ],
)
def test_slips_have_their_place(slip: Slip, text: str, place: str, message: str) -> None:
    found = slip(f"  {BAR}\n", f"  {BAR}\n{text}\n")
    assert found.startswith(f"passmuster.yaml:{place}: "), found
    assert message in found


def test_a_metric_for_sanity_weighs_nothing(slip: Slip) -> None:
    found = slip(
        f"[exact_match]\nbars:\n  {BAR}",
        f"[exact_match, {{name: other, metric: exact_match, role: sanity}}]\nbars:\n  {BAR}\nweights: {{other: 1}}",
    )
    assert found.startswith("passmuster.yaml:6:18: a weight is told by 'other', which is for sanity only")
