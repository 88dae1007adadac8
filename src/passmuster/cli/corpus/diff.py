"""`passmuster corpus diff`."""

import json
from collections.abc import Iterable, Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options, only_option
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.diff import Diff, diff
from passmuster.project.corpus.versions import LATEST, NOW
from passmuster.records.record import Json
from passmuster.records.score import Difference
from passmuster.records.version import Changed, Placed, Tally, VersionScores
from passmuster.report.escape import visible

_COUNTS = ("before", "after", "added", "removed", "changed", "relabelled", "moved")
_WIDTH = 40


@click.command(name="diff")
@click.argument("before", metavar="A", default=LATEST)
@click.argument("after", metavar="B", default=NOW)
@click.option("--no-scores", is_flag=True, help="Do not score stored candidates on both.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Cases listed of each kind."
)
@only_option
@corpus_options
def command(
    options: CorpusOptions, before: str, after: str, only: tuple[str, ...], *, no_scores: bool, limit: int
) -> int:
    """Show what changed from A to B: each the beginning of a digest, `latest`, `now` or a folder.

    Without them: from the newest frozen version to the corpus as it is now.
    """
    found = diff(options.corpus(), before, after, with_scores=not no_scores, only=only)
    if options.json:
        options.emit(found)
    else:
        _print(console_of(color=options.color), found, limit)
    total = found.changes.total
    happened = ", ".join(f"{getattr(total, name)} {name}" for name in _COUNTS[2:] if getattr(total, name))
    options.say(f"{found.before} -> {found.after}: {happened or 'nothing changed'}")
    if after == NOW and happened:
        options.say("Next: passmuster corpus freeze, then passmuster run")
    elif happened and not no_scores and not found.scores:
        options.say("No stored trials on these cases. Next: passmuster run")
    return EXIT_OK


def _print(console: Console, found: Diff, limit: int) -> None:
    changes = found.changes
    kinds = (("part", changes.parts), ("stratum", changes.strata), ("origin", changes.origins))
    for title, tallies in kinds:
        touched = {name: tally for name, tally in tallies.items() if _touched(tally)}
        if touched:
            console.print(_tallies(title, touched, len(tallies) - len(touched)))
    _list(console, "added", [_placed(each) for each in changes.added], limit)
    _list(console, "removed", [_placed(each) for each in changes.removed], limit)
    _list(console, "changed", [_changed(each) for each in changes.changed], limit)
    if found.scores and _touched(changes.total):
        console.print(_scores([each for each in found.scores if each.metric == found.scores[0].metric]))


def _touched(tally: Tally) -> bool:
    return any(getattr(tally, name) for name in _COUNTS[2:])


def _table(heads: Iterable[str], left: int = 1) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, head in enumerate(heads):
        named = place < left
        table.add_column(head, overflow="fold", justify="left" if named else "right", no_wrap=named)
    return table


def _tallies(title: str, tallies: Mapping[str, Tally], others: int) -> Table:
    table = _table((title, *_COUNTS))
    for name, tally in tallies.items():
        counts = [str(getattr(tally, each) or "-") for each in _COUNTS]
        table.add_row(Text(visible(name or "none")), *counts)
    if others:
        table.add_row(Text(f"{others} more as before"))
    return table


def _list(console: Console, title: str, lines: Sequence[str], limit: int) -> None:
    if not lines or not limit:
        return
    console.print(Text(f"\n{title}", style="bold"))
    for line in lines[:limit]:
        console.print(Text(f"  {visible(line)}"), soft_wrap=True)
    if len(lines) > limit:
        console.print(Text(f"  and {len(lines) - limit} more: --limit N, or --json for all"))


def _placed(each: Placed) -> str:
    where = f"{each.part}, {each.stratum}" if each.stratum else each.part
    return f"{each.case}  ({where}; {each.origin})"


def _changed(each: Changed) -> str:
    said = []
    if each.moved:
        said.append(f"moved from {each.was} to {each.part}")
    if each.relabelled:
        said.append(f"relabelled from {_short(each.before)} to {_short(each.after)}")
    other = [name for name in each.fields if name != "reference"]
    if other:
        said.append("changed " + ", ".join(other))
    return f"{each.case}  {'; '.join(said)}"


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


def _scores(found: Sequence[VersionScores]) -> Table:
    first = found[0]
    heads = (
        first.metric,
        f"A\nn={first.before.n}",
        f"B\nn={first.after.n}",
        f"common\nby A\nn={first.common_before.n}",
        f"common\nby B\nn={first.common_after.n}",
        f"new\nn={first.new.n}",
        "new -\ncommon",
        "B -\ncommon",
    )
    table = _table(heads)
    for each in found:
        figures = (each.before, each.after, each.common_before, each.common_after, each.new)
        table.add_row(
            Text(visible(each.candidate)),
            *("-" if figure.value is None else f"{figure.value:.3f}" for figure in figures),
            _signed(each.harder),
            _signed(each.step),
        )
    return table


def _signed(each: Difference) -> str:
    if each.value is None:
        return "-"
    ends = "" if each.low is None or each.high is None else f"\n{each.low:+.3f} to {each.high:+.3f}"
    return f"{each.value:+.3f}{ends}"
