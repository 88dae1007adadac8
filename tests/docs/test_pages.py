"""Everything that a user can name has a place in the documentation."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import pytest

from passmuster import errors
from passmuster.cli.corpus.verbs import CORPUS_VERBS
from passmuster.cli.corpus.verbs import command as corpus
from passmuster.cli.judge.verbs import JUDGE_VERBS
from passmuster.cli.judge.verbs import command as judge
from passmuster.cli.main import VERBS, group
from passmuster.cli.rate.verbs import RATE_VERBS
from passmuster.cli.rate.verbs import command as rate
from passmuster.metrics.registry import METRICS
from passmuster.project.entries import CANDIDATE_CLASSES, PROVIDERS, BaselineSettings
from passmuster.project.settings import ProjectSettings
from passmuster.project.validate import validate
from passmuster.project.yaml import read_yaml
from passmuster.records.run import Lag, RunEnd
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

EVERYWHERE = {"--project", "-p", "--quiet", "-q", "--no-color"}
MINIMAL = "task: t\ncorpus: cases.jsonl\nmetrics: [exact_match]\n"
"""What an example that shows only candidates leaves out."""


def text_of(name: str) -> str:
    """Return a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def keys_of(settings: type[Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Yield every key of a class of settings, with the key that it stands in."""
    hints = get_type_hints(settings)
    for field in fields(settings):
        # An option of a baseline stands beside the other keys; a price has no `book` but is a word by itself.
        if field.name not in {"options", "book"}:
            yield field.name, within
        for part in (hints[field.name], *get_args(hints[field.name])):
            for inner in (part, *get_args(part)):
                if is_dataclass(inner) and isinstance(inner, type):
                    yield from keys_of(inner, field.name)


KEYS = sorted(
    {(provider, *key) for provider, settings in CANDIDATE_CLASSES.items() for key in keys_of(settings)}
)
PAGES_OF = {
    "openai": "providers.md",
    "replay": "replay.md",
    "manual": "baselines.md",
    "baseline": "baselines.md",
}
EXAMPLES = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in [*PAGES, ROOT / "README.md"]
    for number, block in enumerate(
        re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    )
    if re.search(r"^candidates:", block, flags=re.MULTILINE)
]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_a_page(verb: str) -> None:
    assert re.search(rf"^# .*{verb}", text_of(f"{verb}.md"), flags=re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_a_verb_stands_on_its_page(verb: str) -> None:
    page, command = text_of(f"{verb}.md"), group.get_command(click.Context(group), verb)
    assert command is not None
    params = [] if isinstance(command, click.Group) else command.params
    options = [opt for param in params for opt in param.opts if opt.startswith("--")]

    assert [opt for opt in options if opt not in EVERYWHERE and opt not in page] == []


GROUPS = {"corpus": (corpus, CORPUS_VERBS), "judge": (judge, JUDGE_VERBS), "rate": (rate, RATE_VERBS)}


@pytest.mark.parametrize(
    ("group", "verb"), [(name, verb) for name, (_, verbs) in GROUPS.items() for verb in verbs]
)
def test_a_verb_of_a_group_has_a_page_that_explains_every_option(group: str, verb: str) -> None:
    page = text_of(f"{group}/{verb}.md")
    table = GROUPS[group][0]
    command = table.get_command(click.Context(table), verb)
    assert command is not None
    inner = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    options = [opt for each in inner for param in each.params for opt in param.opts if opt.startswith("-")]

    assert re.search(rf"^# .*{verb}", page, flags=re.MULTILINE | re.IGNORECASE)
    assert [opt for opt in options if opt not in {*EVERYWHERE, "--datasets"} and f"`{opt}" not in page] == []


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


@pytest.mark.parametrize(("provider", "key", "within"), KEYS)
def test_a_key_of_a_candidate_is_explained(provider: str, key: str, within: str) -> None:
    page = text_of(PAGES_OF.get(provider, f"provider-{provider}.md"))
    form = rf"`{key}`|`{within}: {{[^`]*\b{key}\b" if within else f"`{key}`"
    listed = rf"\| `{within}` \|[^\n]*\b{key}\b" if within else form

    assert any(re.search(f"{form}|{listed}", text) for text in (text_of("project-file.md"), page))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_listed_with_what_it_is_for(provider: str) -> None:
    assert re.search(rf"^\| \[`{provider}`\]\(", text_of("providers.md"), flags=re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_candidates_of_an_example_are_valid(example: str) -> None:
    text = example if re.search(r"^task:", example, flags=re.MULTILINE) else MINIMAL + example

    assert validate(read_yaml(text, "example.yaml", {})).candidates


@pytest.mark.parametrize("verb", ["run", "cache", "gate", "baseline"])
def test_every_option_of_a_verb_is_explained(verb: str) -> None:
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    options = [opt for each in command.params for opt in each.opts if opt.startswith("-")]

    assert [opt for opt in options if opt not in EVERYWHERE and f"`{opt}" not in text_of(f"{verb}.md")] == []


@pytest.mark.parametrize(
    "field", [*(each.name for each in fields(RunEnd)), *(each.name for each in fields(Lag))]
)
def test_what_is_known_of_the_end_of_a_run_is_explained(field: str) -> None:
    assert field == "run" or f"`{field}`" in text_of("runs.md")


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
