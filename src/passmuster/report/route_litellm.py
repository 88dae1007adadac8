"""A route as the configuration of a LiteLLM proxy: a model group whose deployments are picked by the tag of a request.

The form is that of LiteLLM's tag based routing (`litellm_params.tags`, `router_settings.enable_tag_filtering`) and of its
fallbacks. LiteLLM does not look at a reply to decide who is asked next, so of a cascade only what follows a failure can
be said there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.records.record import Record
from passmuster.records.routing import RouteReport, RoutingReport
from passmuster.report.escape import visible

DEFAULT_TAG = "default"
"""The tag of LiteLLM whose deployment gets the requests without one."""


def unfit(row: RouteReport) -> str | None:
    """Return a slice whose name LiteLLM would read as something else than a tag; None where there is none."""
    names = [rule.slice for rule in row.rules if rule.slice is not None]
    return next((name for name in names if name == DEFAULT_TAG or name.startswith(("!", "&"))), None)


NO_KEY = "none"
"""What stands as the key of a server that takes any: LiteLLM asks for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Record):
    """A candidate as LiteLLM asks it: its model with LiteLLM's prefix, the address, and the variable that holds the key."""

    model: str
    api_base: str | None = None
    key_variable: str | None = None


def render_route_litellm(
    report: RoutingReport, row: RouteReport, deployments: Mapping[str, Deployment]
) -> str:
    """Return the configuration as YAML, every text in it quoted as JSON quotes it.

    Args:
        report: What was found out of routes.
        row: The route.
        deployments: Its candidates by name.
    """
    group = report.task
    lines = [*_head(report, row), "model_list:"]
    own = {rule.slice for rule in row.rules}
    rest = [each.name for each in report.slices if each.name not in own]
    first = [(rule.slice or DEFAULT_TAG, rule.stages[0].candidate) for rule in row.rules]
    # A tag that no deployment has is an error there, so those of all other slices are said, too.
    first += [(name, candidate) for tag, candidate in first if tag == DEFAULT_TAG for name in rest]
    names = list(dict.fromkeys(stage.candidate for rule in row.rules for stage in rule.stages))
    for name in names:
        tags = [tag for tag, candidate in first if candidate == name]
        if tags:
            lines += _deployment(group, name, deployments[name], tags)
    after = _after(row)
    # A fallback names a model group: each candidate that follows another one has one of its own, open to every tag.
    for name in dict.fromkeys(after):
        lines += _deployment(name, name, deployments[name], [*dict.fromkeys(tag for tag, _ in first)])
    lines += ["router_settings:", "  enable_tag_filtering: true"]
    if after:
        lines += [f"  fallbacks: [{{{_text(group)}: [{', '.join(map(_text, dict.fromkeys(after)))}]}}]"]
    return "\n".join(lines) + "\n"


def _after(row: RouteReport) -> list[str]:
    return [stage.candidate for rule in row.rules for stage in rule.stages[1:]]


def _head(report: RoutingReport, row: RouteReport) -> list[str]:
    said = [
        f"The route {row.name} of {report.task}, written by passmuster for a LiteLLM proxy.",
        row.sentence or report.sentence,
        f"Ask the model {report.task} with the slice of the case as a tag: tags: [SLICE] in the request, or the header",
        "x-litellm-tags. A request without a tag goes to the candidate of all other cases.",
        "Prompts are not part of it: send each candidate the one that it was measured with.",
    ]
    if any(stage.least is not None for rule in row.rules for stage in rule.stages):
        said.append(
            "LiteLLM does not judge replies: the next candidate of the cascade is asked after a failure only. "
            "For the threshold take the Python function (--python)."
        )
    return [f"# {visible(line)}" for line in said]


def _deployment(group: str, name: str, found: Deployment, tags: Sequence[str]) -> list[str]:
    lines = [
        f"  - model_name: {_text(group)}",
        "    litellm_params:",
        f"      model: {_text(found.model)}",
    ]
    if found.api_base is not None:
        lines.append(f"      api_base: {_text(found.api_base)}")
    if found.key_variable is not None:
        lines.append(f"      api_key: {_text(f'os.environ/{found.key_variable}')}")
    elif found.api_base is not None:
        lines.append(f"      api_key: {_text(NO_KEY)}")
    lines.append(f"      tags: [{', '.join(map(_text, tags))}]")
    return [*lines, "    model_info:", f"      id: {_text(f'{group}/{name}')}"]


def _text(text: str) -> str:
    """Return a text as a YAML scalar; JSON's form of a string is one."""
    return json.dumps(text)
