"""The gate for GitHub Actions: annotations, the values of the step, and the room of the job's summary."""

from collections.abc import Sequence

from passmuster.errors import Place
from passmuster.records.gate import GateReport
from passmuster.report.gate_entries import Entry, Places, entries, holds_up, outcome
from passmuster.report.gate_words import regressed_count

SUMMARY_LIMIT = 1024 * 1024
"""Bytes that GitHub takes as the summary of a step; it drops a larger one as a whole."""

COMMENT_LIMIT = 60_000
"""Bytes of a comment on a pull request: GitHub takes 65,536 characters."""

MOST = 10
"""Annotations of one kind that GitHub shows of a step."""

_TITLE = "passmuster gate"
_NAMED = 20


def annotations(report: GateReport, places: Places, *, allow_undecided: bool = False) -> str:
    """Return the workflow commands that mark what did not pass: at most 10 errors and 10 warnings.

    The first says what the gate says, or is a notice where the change passes. Where there are more, the last of its
    kind names the rest. Print them at the beginning of a line, on stdout or stderr.

    Args:
        report: What the gate found out.
        places: Where the annotations point at; paths relative to the repository.
        allow_undecided: Whether the gate lets through what it cannot tell.
    """
    errors: list[Entry] = []
    warnings: list[Entry] = []
    first, *others = entries(report)
    for entry in (first, *others):
        end = outcome(report, entry.weight, allow_undecided=allow_undecided)
        if end in ("failure", "error"):
            errors.append(entry)
        elif end == "skipped":
            warnings.append(entry)
    lines = [*_commands("error", errors, places), *_commands("warning", warnings, places)]
    if first.level == "pass":
        lines.insert(0, _command("notice", places.candidate, f"{_TITLE}: {first.level}", first.message))
    return "".join(f"{each}\n" for each in lines)


def step_outputs(report: GateReport, *, allow_undecided: bool = False) -> str:
    """Return the lines for `$GITHUB_OUTPUT`: words and numbers of ours only, for they end up in scripts.

    Nothing of a model's, a case's or a file's text is among them: `${{ steps.gate.outputs.level }}` is put into a
    shell script as it is.

    Example:
        >>> from passmuster.records.gate import GatePolicy, GateReport, GateSide
        >>> side = GateSide(name="a", digest="0")
        >>> print(step_outputs(GateReport(schema_version=1, task="t", generated="", old=side, new=side, corpus="",
        ...     cases=7, level="pass", finding="noise", sentence="", policy=GatePolicy())))
        level=pass
        finding=noise
        passed=true
        cases=7
        regressed=0
        more_cases=
        <BLANKLINE>
    """
    values = {
        "level": report.level,
        "finding": report.finding,
        "passed": "false" if holds_up(report, allow_undecided=allow_undecided) else "true",
        "cases": str(report.cases),
        "regressed": _known(regressed_count(report)),
        "more_cases": _known(report.more_cases),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _known(count: int | None) -> str:
    return "" if count is None else str(count)


def escaped(text: str, *, of_property: bool = False) -> str:
    r"""Return `text` as a part of a workflow command: the message, or the value of a property.

    Example:
        >>> escaped("50 %\nof a: b, c"), escaped("a: b, c", of_property=True)
        ('50 %25%0Aof a: b, c', 'a%3A b%2C c')
    """
    safe = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return safe.replace(":", "%3A").replace(",", "%2C") if of_property else safe


def _commands(kind: str, found: Sequence[Entry], places: Places) -> list[str]:
    shown = list(found) if len(found) <= MOST else list(found[: MOST - 1])
    lines = [
        _command(kind, places.of(each.case), f"{_TITLE}: {each.title}", each.message)
        if each.kind != "gate"
        else _command(kind, places.candidate, f"{_TITLE}: {each.level}", each.message)
        for each in shown
    ]
    rest = found[len(shown) :]
    if rest:
        names = ", ".join(each.title for each in rest[:_NAMED])
        beyond = f" and {len(rest) - _NAMED:,} more" if len(rest) > _NAMED else ""
        title = f"{_TITLE}: {len(rest):,} more"
        lines.append(_command(kind, places.candidate, title, f"{names}{beyond}"))
    return lines


def _command(kind: str, place: Place, title: str, message: str) -> str:
    properties = {"file": place.path.removeprefix("./"), "line": str(place.line or 1), "title": title}
    stated = ",".join(f"{name}={escaped(value, of_property=True)}" for name, value in properties.items())
    return f"::{kind} {stated}::{escaped(message)}"
