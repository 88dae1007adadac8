"""A route as a Python file of its own: one typed function that asks whom the route asks, in the same order."""

import json

from passmuster.records.routing import RouteReport, RouteRule, RouteStage, RoutingReport
from passmuster.report.escape import visible

_BODY = '''\
from collections.abc import Callable
from typing import TypeVar

Reply = TypeVar("Reply")

Stage = tuple[str, float | None]
"""A candidate, and how sure its reply must be to stand; None: every reply stands."""

RULES: dict[str, list[Stage]] = {{{rules}}}
"""Slice -> who is asked, one after another."""

REST: list[Stage] = {rest}
"""Who is asked for the cases of all other slices."""

SIGNALS: dict[str, str] = {signals}
"""What says how sure a candidate is: the signal whose values the thresholds are."""


def route(
    name: str | None,
    ask: Callable[[str], Reply | None],
    sure: Callable[[str, Reply], float | None],
) -> Reply | None:
    """Return the reply to a case; None where every candidate that was asked failed.

    Args:
        name: The slice of the case ({slice_by}).
        ask: Asks a candidate by its name; None is a failed call, after which the next candidate is asked.
        sure: How sure a candidate is of its reply, None where that is not known.
    """
    for candidate, least in RULES.get(name or "", REST):
        reply = ask(candidate)
        if reply is None:
            continue
        if least is None:
            return reply
        found = sure(candidate, reply)
        if found is not None and found >= least:
            return reply
    return None
'''


def render_route_python(report: RoutingReport, row: RouteReport) -> str:
    """Return the file; it needs nothing but Python 3.10.

    Names and texts of the project stand in it as literals only, so that none of them is ever run.
    """
    own = [rule for rule in row.rules if rule.slice is not None]
    rest = next(rule for rule in row.rules if rule.slice is None)
    rules = "".join(f"\n    {_literal(rule.slice)}: {_stages(rule)}," for rule in own)
    signals = {
        stage.candidate: stage.signal
        for rule in row.rules
        for stage in rule.stages
        if stage.signal is not None
    }
    told = ", ".join(f"{_literal(name)}: {_literal(signal)}" for name, signal in signals.items())
    body = _BODY.format(
        rules=rules + ("\n" if rules else ""),
        rest=_stages(rest),
        signals=f"{{{told}}}",
        slice_by=report.slice_by or "there are none",
    )
    return f"{_head(report, row)}\n\n{body}"


def _head(report: RoutingReport, row: RouteReport) -> str:
    said = (
        f"The route {row.name} of {report.task}, written by passmuster.\n\n"
        f"{row.sentence or report.sentence}\n"
        f"Measured on {report.cases:,} cases of corpus {report.corpus} on {report.generated}, each with a route that was "
        "chosen on others."
    )
    lines = (visible(line).replace("\\", "/").replace('"""', "'''") for line in said.split("\n"))
    return '"""' + "\n".join(lines) + '\n"""'


def _stages(rule: RouteRule) -> str:
    return "[" + ", ".join(map(_stage, rule.stages)) + "]"


def _stage(stage: RouteStage) -> str:
    least = "None" if stage.least is None else repr(stage.least)
    return f"({_literal(stage.candidate)}, {least})"


def _literal(text: str | None) -> str:
    """Return a text as a Python literal of plain characters; JSON's form of a string is one."""
    return json.dumps(text or "")
