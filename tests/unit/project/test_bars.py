"""Bars per slice, per stratum and against the incumbent in the project file, and metrics for sanity only."""

from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from passmuster.decide.phrases import bar_text
from passmuster.project.load import Project
from passmuster.project.schema import project_schema
from passmuster.project.yaml import read_yaml
from passmuster.records.task import Bar

Slip = Callable[..., str]
Load = Callable[..., Project]
BAR = "exact_match: {at_least: 70 %}"


def at_least(limit: float, **about: object) -> Bar:
    return Bar(metric="exact_match", at_least=limit, **about)  # type: ignore[arg-type]  # test data


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("exact_match: {at_least: 0.7}", (at_least(0.7),)),
        (
            "exact_match: [{at_least: 0.7}, {at_most: 0.9}]",
            (at_least(0.7), Bar(metric="exact_match", at_most=0.9)),
        ),
        (
            "exact_match: {at_least: 0.7, slices: {edge: 60 %, \"stratum == 'a'\": 0.5}}",
            (at_least(0.7), at_least(0.6, slice="edge"), at_least(0.5, slice="stratum == 'a'")),
        ),
        ("exact_match: {at_least: 0.7, slice: edge}", (at_least(0.7, slice="edge"),)),
        ("exact_match: {at_least: 0.7, each: stratum}", (at_least(0.7, each="stratum"),)),
        (
            "exact_match: {at_least: 0.7, each: stratum, slices: {edge: 0.6}}",
            (at_least(0.7, each="stratum"), at_least(0.6, slice="edge")),
        ),
        ("exact_match: {versus: incumbent, margin: 2 points}", (at_least(-0.02, versus="incumbent"),)),
        ("exact_match: {versus: incumbent, at_least: 0.01}", (at_least(0.01, versus="incumbent"),)),
        (
            "exact_match: {versus: incumbent, margin: 0.02, slices: {edge: 0.05}}",
            (at_least(-0.02, versus="incumbent"), at_least(-0.05, versus="incumbent", slice="edge")),
        ),
        (
            "failure_rate: {versus: incumbent, margin: 1 %}",
            (Bar(metric="failure_rate", at_most=0.01, versus="incumbent"),),
        ),
        (
            "latency_p95: {versus: incumbent, margin: 10 %}",
            (Bar(metric="latency_p95", at_most=1.1, versus="incumbent"),),
        ),
        (
            "cost_per_task: {versus: incumbent, at_most: 0.5}",
            (Bar(metric="cost_per_task", at_most=0.5, versus="incumbent"),),
        ),
        (
            "latency_p50: {at_most: 800 ms, slices: {edge: 1 s}}",
            (Bar(metric="latency_p50", at_most=0.8), Bar(metric="latency_p50", at_most=1.0, slice="edge")),
        ),
    ],
)
def test_each_limit_becomes_a_bar(project: Load, text: str, bars: tuple[Bar, ...]) -> None:
    loaded = project(f"  {BAR}\n", f"  {text}\nslices: {{edge: \"category == 'edge'\"}}\n")
    assert loaded.task.bars == bars
    assert loaded.task.slices == {"edge": "category == 'edge'"}


def test_a_margin_is_above_the_incumbent_where_less_of_a_metric_is_better(project: Load) -> None:
    """A margin taken for a floor would let a candidate with three steps more pass, and refuse one with three less."""
    loaded = project(
        f"[exact_match]\nbars:\n  {BAR}",
        "[exact_match, steps]\nbars:\n  steps: {versus: incumbent, margin: 3}",
    )
    assert loaded.task.bars == (Bar(metric="steps", at_most=3.0, versus="incumbent"),)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("exact_match: {at_least: 0.7, at_most: 0.9}", "5:16", "has both at_least and at_most"),
        ("exact_match: {slices: {edge: 0.6}}", "5:16", "has no limit"),
        ("exact_match: [{at_least: 0.7}, {at_lest: 0.9}]", "5:35", "Did you mean 'at_least'?"),
        ("exact_match: {margin: 0.02}", "5:25", "says not over whom"),
        ("exact_match: {versus: incumbent}", "5:16", "has no limit"),
        ("exact_match: {versus: incumbent, margin: 0.02, at_least: 0.7}", "5:16", "has both at_least and margin"),
        ("exact_match: {versus: incumbent, margin: -0.02}", "5:44", "has a margin below 0"),
        ("exact_match: {versus: incumbant, margin: 0.02}", "5:25", "Did you mean 'incumbent'?"),
        ("cost_per_task: {versus: incumbent, at_most: -1}", "5:47", "is a ratio, which must be above 0"),
        ("cost_per_month: {versus: incumbent, margin: 10 %}", "5:28", "cannot be held against the incumbent"),
        ("exact_match: {at_least: 0.7, slice: edeg}", "5:39", "there is no slice 'edeg'\n  Did you mean 'edge'?"),
        ("exact_match: {at_least: 0.7, slices: {edeg: 0.5}}", "5:41", "there is no slice 'edeg'"),
        ("exact_match: {at_least: 0.7, slice: \"colour == 'red'\"}", "5:39", "is not known of a case"),
        ("exact_match: {at_least: 0.7, slices: {edge: lots}}", "5:47", "'lots' is not a share"),
        ("exact_match: {at_least: 0.7, each: colour}", "5:38", "'colour' is not valid here"),
        ("exact_match: {at_least: 0.7, each: tag, slice: edge}", "5:38", "has both slice and each"),
        ("corpus_age: {at_most: 90 days, slice: edge}", "5:41", "takes no slice"),
        ("latency_p95: {at_most: 1 s, slices: {edge: 5 %}}", "5:46", "is not a time"),
        ("failure_rate: {at_least: 0.5}", "5:28", "less of failure_rate is better"),
        ("latency_p95: {at_least: 0.5 s}", "5:27", "Write `at_most`"),
        ("exact_match: {at_least: 74}", "5:27", "its values lie between 0 and 1\n  Write a share, such as 0.74"),
        ("exact_match: {at_least: 0.7, slices: {edge: 60}}", "5:47", "has the limit 60,"),
        ("exact_match: {versus: incumbent, margin: 2}", "5:44", "has a margin of 2, which is as good as none"),
        ("cost_per_task: {versus: incumbent, margin: 10}", "5:46", "Write `10 %`; 10 is 1000%"),
    ],
)  # fmt: skip
def test_slips_have_their_place(slip: Slip, text: str, place: str, message: str) -> None:
    found = slip(f"  {BAR}\n", f"  {text}\nslices: {{edge: \"category == 'edge'\"}}\n")
    assert found.startswith(f"passmuster.yaml:{place}: "), found
    assert message in found


def test_a_bar_against_an_incumbent_that_nobody_named_is_refused(slip: Slip) -> None:
    found = slip(f"{BAR}\nincumbent: always", "exact_match: {versus: incumbent, margin: 2 points}")
    assert found.startswith("passmuster.yaml:5:25: the bar on 'exact_match' is held against an incumbent")


def test_a_slice_that_cannot_be_read_is_refused_where_it_stands(slip: Slip) -> None:
    found = slip("incumbent:", "slices: {edge: \"categry == 'edge'\"}\nincumbent:")
    assert found.startswith("passmuster.yaml:6:16: slices: \"categry == 'edge'\" speaks of something")


@pytest.mark.parametrize(
    "metric",
    [
        "exact_match: {role: sanity, normalise: [case]}",
        "{name: match, metric: exact_match, role: sanity}",
    ],
)
def test_a_metric_can_be_for_sanity_only(project: Load, metric: str) -> None:
    specs = project(f"[exact_match]\nbars:\n  {BAR}", f"[token_f1, {metric}]").task.metrics
    assert [spec.role for spec in specs] == ["verdict", "sanity"]
    assert "role" not in specs[1].options


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("[exact_match]", "[token_f1, exact_match: {role: sanity}]", "5:3", "is for sanity only: it is shown"),
        (f"[exact_match]\nbars:\n  {BAR}", "[exact_match: {role: sanity}, token_f1]", "3:11", "the first metric"),
        (f"[exact_match]\nbars:\n  {BAR}", "[token_f1, exact_match: {role: sanity}]\nsuccess: exact_match", "4:10", "a success is told by"),
        (f"[exact_match]\nbars:\n  {BAR}", "[token_f1, exact_match: {role: sanity}]\nweights: {exact_match: 2}", "4:24", "a weight is told by"),
        (f"[exact_match]\nbars:\n  {BAR}", "[token_f1, exact_match: {role: santy}]", "3:21", "Did you mean 'sanity'?"),
    ],
)  # fmt: skip
def test_what_is_for_sanity_only_decides_nothing(
    slip: Slip, old: str, new: str, place: str, message: str
) -> None:
    found = slip(old, new)
    assert found.startswith(f"passmuster.yaml:{place}: "), found
    assert message in found


PAGE = Path(__file__).parents[3] / "docs" / "bars.md"


def test_the_example_of_the_page_says_what_its_comments_say(project: Load) -> None:
    """The page's file names models that this project does not have: only its slices and bars are taken."""
    text = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    text = text.replace("incumbent: gpt-4o-mini", "incumbent: always").replace("accuracy:", "exact_match:")
    bars = project(f"bars:\n  {BAR}\nincumbent: always\n", text).task.bars
    assert [bar_text(bar) for bar in bars if bar.each is None] == [
        "exact_match >= 0.74",
        "exact_match >= 0.60 on edge",
        "exact_match >= 0.70 on cards",
        "exact_match >= incumbent - 0.02",
        "latency_p95 <= 1.5 s",
        "latency_p95 <= 2 s on cards",
        "failure_rate <= incumbent + 0.01",
        "cost_per_success <= 0.8 x incumbent",
    ]
    assert [bar.each for bar in bars].count("stratum") == 1


@pytest.mark.parametrize(
    ("bars", "valid"),
    [
        ("{exact_match: {at_least: 0.7, slices: {edge: 60 %}}}", True),
        ("{exact_match: [{at_least: 0.7}, {versus: incumbent, margin: 2 points, slice: edge}]}", True),
        ("{exact_match: [{at_lest: 0.7}]}", False),
        ("{exact_match: {at_least: 0.7, each: colour}}", False),
        ("{exact_match: {versus: yesterday, margin: 0.1}}", False),
        ("{exact_match: 0.7}", False),
    ],
)
def test_an_editor_sees_bars_as_the_tool_does(write: Callable[..., Path], bars: str, *, valid: bool) -> None:
    text = (
        (write() / "passmuster.yaml").read_text(encoding="utf-8").replace(f"bars:\n  {BAR}", f"bars: {bars}")
    )
    assert Draft202012Validator(project_schema()).is_valid(read_yaml(text, "", {}).data) == valid
