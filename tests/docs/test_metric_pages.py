"""What the pages say of the metrics is what their classes say."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from passmuster.metrics.registry import METRICS, option_names

DOCS = Path(__file__).parents[2] / "docs"
OVERVIEW = (DOCS / "metrics.md").read_text(encoding="utf-8")
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in sorted((DOCS / "metrics").glob("*.md"))}
ELSEWHERE = {"accuracy": "exact_match"}


def class_of(kind: str) -> Any:
    module, name = METRICS[kind].split(":")
    return getattr(import_module(f"passmuster.metrics.{module}"), name)


def row_of(kind: str) -> list[str]:
    """Return the cells of the metric's row in the overview."""
    row = next(
        line for line in OVERVIEW.splitlines() if line.startswith("|") and f"`{kind}`" in line.split("|")[1]
    )
    return [cell.strip() for cell in row.strip("|").split("|")]


def told(cell: str, kind: str) -> str:
    """Return what a cell says of one metric where the row is of several: `lower, higher`."""
    several, said = re.findall(r"`(\w+)`", row_of(kind)[0]), [each.strip() for each in cell.split(",")]
    return said[several.index(kind)] if len(said) == len(several) else cell


@pytest.mark.parametrize("kind", METRICS)
def test_the_overview_says_how_a_metric_counts(kind: str) -> None:
    made = class_of(kind)
    _, value, better, *_ = row_of(kind)
    if not isinstance(made.direction, property):
        assert told(better, kind) == made.direction
    if not isinstance(made.binary, property):
        assert (value == "1 or 0") == made.binary
    assert (value == "F1") == (made.summary == "counts")
    assert (value == "a number") == (made.bounds != (0.0, 1.0))


@pytest.mark.parametrize("kind", [kind for kind in METRICS if kind not in ELSEWHERE])
def test_a_metric_has_a_section_that_names_its_options_and_its_version(kind: str) -> None:
    found = [
        section
        for page in PAGES.values()
        for section in re.split(r"(?m)^(?=## )", page)
        if re.match(rf"## .*\b{kind}\b", section)
    ]
    assert found, "no section on a page under docs/metrics"
    page = next(page for page in PAGES.values() if found[0] in page)
    said = found[0]
    for other in re.findall(r"options of \[?`(\w+)`", said):
        said += next(part for part in re.split(r"(?m)^(?=## )", page) if re.match(rf"## .*\b{other}\b", part))
    missing = [
        option
        for option in option_names(kind)
        if f"`{option}`" not in said and f"`{option}`" not in page.split("\n## ")[0]
    ]
    assert missing == []
    assert re.search(r"(?i)versions?\b.*\b\d", found[0] + page.split("\n## ")[0])
