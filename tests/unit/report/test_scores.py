"""What `score` prints of many metrics: tables that people can read, and each reason once."""

import io

from rich.console import Console

from passmuster.records.scored import CandidateScores, ScoredMetric, ScoreSummary
from passmuster.report.scores import render_scores

NAMES = tuple(f"a_metric_number_{n}" for n in range(12))


def printed(*candidates: CandidateScores, names: tuple[str, ...], width: int = 80) -> list[str]:
    metrics = [ScoredMetric(name=name, kind="exact_match", version=1, options={}) for name in names]
    out = io.StringIO()
    render_scores(candidates, metrics, Console(file=out, width=width))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def scored(name: str, metrics: tuple[str, ...], failures: dict[str, int]) -> CandidateScores:
    made = tuple(ScoreSummary(metric=each, mean=0.5, n=3, failures=failures) for each in metrics)
    return CandidateScores(name=name, trials=8, failed=1, metrics=made)


def test_metrics_that_do_not_fit_side_by_side_stand_in_several_tables_with_whole_names() -> None:
    lines = printed(scored("near", NAMES, {}), names=NAMES)

    assert all(len(line) <= 80 for line in lines)
    heads = [line for line in lines if line.startswith("candidate")]
    assert len(heads) > 1
    assert all(sum(f"{name} v1" in head for head in heads) == 1 for name in NAMES)
    assert sum(line.startswith("near") for line in lines) == len(heads)


def test_a_reason_is_told_once_for_all_metrics_and_candidates_that_share_it() -> None:
    names = ("right", "close")
    lines = printed(
        scored("near", names, {"no_reference": 4}), scored("far", names, {"no_reference": 4}), names=names
    )

    assert [line for line in lines if "not scored" in line] == [
        "  near, far: right, close not scored in 4: no_reference"
    ]


def test_other_numbers_of_the_same_reason_are_told_apart() -> None:
    lines = printed(
        scored("near", ("right",), {"error": 1, "no_reference": 2}),
        scored("far", ("right",), {"error": 3}),
        names=("right",),
    )

    assert [line for line in lines if "not scored" in line] == [
        "  near: right not scored in 1: error",
        "  near: right not scored in 2: no_reference",
        "  far: right not scored in 3: error",
    ]


def test_what_a_judge_says_alone_is_marked_and_explained() -> None:
    metric = ScoredMetric(name="quality", kind="judge", version=1, options={}, judge="0123456789ab")
    out = io.StringIO()
    render_scores([scored("near", ("quality",), {})], [metric], Console(file=out, width=100))

    assert "0.500 ?" in out.getvalue()
    assert "? quality is what the judge (version 0123456789ab) says alone" in out.getvalue()
