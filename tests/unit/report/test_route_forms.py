"""The report on routes in the terminal, as Markdown and as a page, and what is written out of it."""

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console
from tests.unit.report.route_sample import HOSTILE, routing_sample

from passmuster.records.routing import RouteReport, RoutingReport
from passmuster.report.route_litellm import Deployment, render_route_litellm, unfit
from passmuster.report.route_markdown import render_routing_markdown
from passmuster.report.route_page import render_route_page
from passmuster.report.route_python import render_route_python
from passmuster.report.route_terminal import render_routing


def terminal(report: RoutingReport, width: int = 200) -> str:
    stream = io.StringIO()
    render_routing(report, Console(file=stream, width=width, color_system=None))
    return stream.getvalue()


def test_the_terminal_says_what_to_do_and_who_is_asked_for_what() -> None:
    text = terminal(routing_sample())

    assert "Route: best of each stratum" in text
    assert re.search(r"^\* best of each stratum .* gain", text, flags=re.MULTILINE)
    assert "claims (40 cases): small" in text
    assert "all others (60 cases): large" in text
    assert "small where confidence >= 0.8125, else large" in text
    assert "+5.0 [+1.0, +9.0]" in text
    assert "confidence is worth something: +2.0 points" in text
    assert "small was asked little." in text


def test_one_table_of_what_decides_fits_a_hundred_columns() -> None:
    text = terminal(routing_sample(), 100)

    assert sum(line.startswith("route ") for line in text.splitlines()) == 1
    assert "shown" in next(line for line in text.splitlines() if line.startswith("route "))


@pytest.mark.parametrize("name", ["default", "!claims", "&claims"])
def test_a_slice_that_litellm_reads_in_its_own_way_is_found(name: str) -> None:
    assert unfit(routing_sample(sliced=name).routes[0]) == name
    assert unfit(routing_sample().routes[0]) is None


def test_a_missing_figure_is_no_zero() -> None:
    assert "$4.00 for 1,000 tasks, p50 300 ms, p95 -," in terminal(routing_sample())


@pytest.mark.parametrize("render", [terminal, render_routing_markdown, render_route_page])
def test_hostile_names_are_shown_and_do_nothing(render: Callable[[RoutingReport], str]) -> None:
    text = render(routing_sample(HOSTILE, HOSTILE + "2", HOSTILE))

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>" not in text or render is terminal
    text.encode("utf-8")


def test_the_page_loads_nothing_and_holds_the_pictures() -> None:
    page = render_route_page(routing_sample())

    assert "default-src &#39;none&#39;" in page
    assert not re.search(r'(src|href)="https?:', page)
    assert page.count("<svg") >= 3
    assert "<script" not in page
    assert len(page) < 200_000


def test_markdown_has_a_table_of_routes() -> None:
    text = render_routing_markdown(routing_sample())

    assert "# Routes: claims" in text
    assert re.search(r"^\| \S{1,6} best of each stratum \|", text, flags=re.MULTILINE)


def test_markdown_escapes_once() -> None:
    assert "\\\\" not in render_routing_markdown(routing_sample())


def function_of(text: str) -> Any:
    space: dict[str, Any] = {}
    exec(compile(text, "route.py", "exec"), space)  # noqa: S102 - the file that we wrote
    return space["route"]


def cascade(report: RoutingReport) -> RouteReport:
    return report.routes[1]


@pytest.mark.parametrize(
    ("sure", "failing", "asked", "reply"),
    [
        (0.9, (), ["small"], "small!"),
        (0.8125, (), ["small"], "small!"),
        (0.5, (), ["small", "large"], "large!"),
        (None, (), ["small", "large"], "large!"),
        (0.9, ("small",), ["small", "large"], "large!"),
        (0.5, ("small", "large"), ["small", "large"], None),
    ],
)
def test_the_python_function_asks_as_the_route_does(
    sure: float | None, failing: tuple[str, ...], asked: list[str], reply: str | None
) -> None:
    report = routing_sample()
    route = function_of(render_route_python(report, cascade(report)))
    calls: list[str] = []

    def ask(name: str) -> str | None:
        calls.append(name)
        return None if name in failing else f"{name}!"

    assert route(None, ask, lambda _name, _reply: sure) == reply
    assert calls == asked


def test_the_python_function_goes_by_slice() -> None:
    report = routing_sample()
    route = function_of(render_route_python(report, report.routes[0]))

    assert route("claims", lambda name: name, lambda _name, _reply: None) == "small"
    assert route("other", lambda name: name, lambda _name, _reply: None) == "large"
    assert route(None, lambda name: name, lambda _name, _reply: None) == "large"


def test_names_stand_in_the_python_file_as_texts_only() -> None:
    report = routing_sample(HOSTILE, 'x"); import os  #', "'''\"\"\"\\")
    for row in report.routes:
        text = render_route_python(report, row)
        text.encode("ascii", "backslashreplace")
        route = function_of(text)
        assert route("none", lambda name: name, lambda _name, _reply: 1.0) in {HOSTILE, 'x"); import os  #'}


def test_the_python_file_is_typed(tmp_path: Path) -> None:
    report = routing_sample(HOSTILE, "small", "'''\\n{x}")
    for number, row in enumerate(report.routes):
        (tmp_path / f"route_{number}.py").write_text(render_route_python(report, row), encoding="utf-8")
    made = sorted(map(str, tmp_path.glob("*.py")))
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", *made],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert told.returncode == 0, told.stdout


DEPLOYMENTS = {
    "large": Deployment(model="openai/gpt-4o", key_variable="OPENAI_API_KEY"),
    "small": Deployment(model="openai/llama", api_base="http://localhost:8000/v1"),
}


def test_the_litellm_file_tags_a_deployment_for_each_slice() -> None:
    report = routing_sample()
    config = yaml.safe_load(render_route_litellm(report, report.routes[0], DEPLOYMENTS))

    assert config["router_settings"] == {"enable_tag_filtering": True}
    found = {tuple(each["litellm_params"]["tags"]): each for each in config["model_list"]}
    assert {each["model_name"] for each in config["model_list"]} == {"claims"}
    assert found[("claims",)]["litellm_params"] == {
        "model": "openai/llama",
        "api_base": "http://localhost:8000/v1",
        "api_key": "none",
        "tags": ["claims"],
    }
    assert found[("default", "rest")]["litellm_params"]["api_key"] == "os.environ/OPENAI_API_KEY"


def test_of_a_cascade_litellm_gets_what_follows_a_failure_and_the_file_says_so() -> None:
    report = routing_sample()
    text = render_route_litellm(report, cascade(report), DEPLOYMENTS)
    config = yaml.safe_load(text)

    assert config["router_settings"]["fallbacks"] == [{"claims": ["large"]}]
    assert [each["model_name"] for each in config["model_list"]] == ["claims", "large"]
    assert "after a failure only" in text


def test_hostile_names_break_no_yaml() -> None:
    report = routing_sample(HOSTILE, "small", 'a: [b]\n- c "d" # e')
    named = {HOSTILE: DEPLOYMENTS["large"], "small": DEPLOYMENTS["small"]}
    for row in report.routes:
        config = yaml.safe_load(render_route_litellm(report, row, named))
        assert config["model_list"][0]["model_name"] == report.task
