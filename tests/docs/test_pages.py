"""Everything that a user can name has a place in the documentation."""

import re
from pathlib import Path
from typing import get_args

import pytest

from passmuster import errors
from passmuster.cli.main import VERBS
from passmuster.metrics.registry import METRICS
from passmuster.project.entries import BaselineSettings
from passmuster.project.settings import ProjectSettings
from passmuster.records.trial import FailureKind

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
BASELINES = (*get_args(BaselineSettings.__annotations__["kind"]), "manual")
ERRORS = [
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.PassmusterError)
]


def text_of(name: str) -> str:
    """Return a page."""
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_a_page(verb: str) -> None:
    assert re.search(rf"^# .*{verb}", text_of(f"{verb}.md"), flags=re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_is_explained(metric: str) -> None:
    assert f"`{metric}`" in text_of("metrics.md")


@pytest.mark.parametrize("kind", BASELINES)
def test_a_baseline_is_explained(kind: str) -> None:
    assert f"`{kind}`" in text_of("baselines.md")


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_explained(name: str) -> None:
    assert any(f"`{name}`" in page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("kind", get_args(FailureKind))
def test_a_kind_of_failure_is_explained(kind: str) -> None:
    assert any(f"`{kind}`" in page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("key", ProjectSettings.__dataclass_fields__)
def test_a_key_of_the_project_file_is_explained(key: str) -> None:
    assert f"`{key}`" in text_of("project-file.md") or f"\n{key}:" in text_of("project-file.md")


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_a_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "page", [path for path in PAGES if path.name != "index.md"], ids=lambda page: page.name
)
def test_a_page_is_found_from_the_index(page: Path) -> None:
    assert f"({page.relative_to(DOCS)})" in text_of("index.md")
