"""What the page of judges says of rubrics and failures is what the code has."""

import re
from pathlib import Path

import pytest

from passmuster.metrics.judges.judge import RubricJudge
from passmuster.metrics.judges.panel import PANEL_SPLIT
from passmuster.metrics.judges.ready.library import READY
from passmuster.metrics.judges.verdict import JUDGE_FAILURES
from passmuster.metrics.registry import build_metric
from passmuster.project.rubrics import read_rubric
from passmuster.records.task import MetricSpec

PAGE = (Path(__file__).parents[2] / "docs" / "metrics" / "judges.md").read_text(encoding="utf-8")
RUBRICS = [
    block
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    if re.search(r"^criteria:", block, flags=re.MULTILINE)
]


@pytest.mark.parametrize("name", READY)
def test_a_ready_rubric_is_listed_with_its_scale_and_criteria(name: str) -> None:
    (row,) = re.findall(rf"(?m)^\| `{name}` \|.*$", PAGE)
    _, scale, criteria, _ = (cell.strip() for cell in row.strip("|").split("|"))
    rubric = READY[name]

    assert scale.startswith("pass or fail" if rubric.binary else f"{rubric.low} to {rubric.high}")
    assert re.findall(r"`(\w+)`", criteria) == [each.name for each in rubric.criteria]


@pytest.mark.parametrize("kind", [*JUDGE_FAILURES, PANEL_SPLIT])
def test_a_failure_of_a_judge_is_explained(kind: str) -> None:
    assert re.search(rf"(?m)^\| `{kind}` \|", PAGE)


def test_an_example_of_a_rubric_is_one_in_a_file_and_in_the_project_file() -> None:
    assert RUBRICS
    for text in RUBRICS:
        spec = MetricSpec(
            name="own", kind="judge", options={"asks": "a", "rubric": read_rubric(text, "own.yaml")}
        )
        metric = build_metric(spec)
        assert isinstance(metric, RubricJudge)
        assert len(metric.rubric.criteria) > 1
