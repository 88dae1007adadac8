"""`passmuster corpus suspects`."""

from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.corpus.label_tables import table
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.corpus.suspects.effect import Effect
from passmuster.corpus.suspects.rank import Suspect
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.label import PLACES
from passmuster.project.corpus.suspects import SuspectWish, suspect_labels, write_suspects
from passmuster.report.escape import label, line, visible
from passmuster.report.figures import number, percent
from passmuster.workflows.corpus.suspects import SuspectReport


@click.command(name="suspects")
@click.option(
    "--split", "splits", multiple=True, type=click.Choice(PLACES), help="Only these cases; may be repeated."
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many are shown."
)
@click.option(
    "--metric", metavar="NAME", help="The metric that reads labels out of replies; default: the first."
)
@click.option("--no-baseline", is_flag=True, help="Ask the stored candidates only, and fit no baseline.")
@click.option(
    "--write",
    "out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all flagged ones as JSON lines.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the folds and the resamples.")
@corpus_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: CorpusOptions,
    *,
    splits: tuple[str, ...],
    limit: int,
    metric: str | None,
    no_baseline: bool,
    out: Path | None,
    seed: int,
) -> int:
    """List labels that are probably wrong, with the reasons, and what they do to scores. Calls no model."""
    wish = SuspectWish(splits=splits, baseline=not no_baseline, metric=metric, seed=seed)
    found = suspect_labels(common.corpus(), wish)
    flagged = [each for each in found.suspects if each.flagged]
    if out is not None:
        write_suspects(out, flagged)
    shown = replace(found, suspects=tuple(flagged[:limit]))
    if common.json:
        common.emit(shown)
    else:
        _tell(common, shown)
    _tell_next(common, shown, out)
    return EXIT_OK


def _tell(common: CorpusOptions, found: SuspectReport) -> None:
    console = console_of(color=common.color)
    share = found.expected
    console.print(
        f"{found.flagged:,} of {found.rated:,} labels are suspect. Expected share of wrong labels: "
        f"{percent(share.value)} [{percent(share.low)}, {percent(share.high)}]"
    )
    for each in found.suspects:
        _tell_one(console, each)
    if found.flagged > len(found.suspects):
        console.print(f"... and {found.flagged - len(found.suspects):,} more (--limit)")
    if found.effects and found.flagged:
        console.print("\nWhat they do to the share of right answers")
        heads = ("candidate", "as labelled", "without", "corrected", "at least", "at most")
        console.print(table(heads, map(_effect, found.effects)))


def _tell_one(console: Console, each: Suspect) -> None:
    """Print a suspect: the case, the label and what it may rather be; below it the reasons."""
    head = Text(f"{line(each.case, 60)}  ", style="bold")
    head.append(f"{line(each.reference, 80)} -> {line(each.suggestion, 80)}", style="not bold")
    head.append(f"  ({percent(each.given)} against {percent(each.suggested)})", style="not bold")
    console.print(head, soft_wrap=True)
    for reason in each.reasons:
        console.print(Text(f"    {line(reason, 400)}"), soft_wrap=True)


def _effect(each: Effect) -> tuple[str, ...]:
    shares = (each.all, each.unsuspected, each.corrected, each.low, each.high)
    return (each.candidate, *map(number, shares))


def _tell_next(common: CorpusOptions, found: SuspectReport, out: Path | None) -> None:
    common.say(f"The share: {found.expected.method}; it {found.expected.note}.")
    for why, count in found.unrated.items():
        common.say(f"{count:,} cases {why}: they are not judged")
    heard = [voice for voice in found.voices if voice.left_out is None]
    if heard:
        listed = ", ".join(f"{label(voice.name)} (right on {percent(voice.right)})" for voice in heard)
        common.say(f"Candidates with a say, one of a kind: {listed}")
    else:
        common.say(
            "No stored candidate has a say: the baseline judges alone. Two signs are better: passmuster run"
        )
    for voice in found.voices:
        if voice.left_out is not None:
            common.say(f"{visible(voice.name)} has no say: {voice.left_out}")
    if found.effects and found.flagged:
        common.say(
            "`without` leaves the suspects out, `corrected` takes every suggestion; both flatter candidates that had "
            "a say in what is suspect. However people settle them, a score lies between `at least` and `at most`."
        )
    if found.leader != found.leader_corrected:
        first, then = visible(found.leader or "-"), visible(found.leader_corrected or "-")
        common.say(f"The leader depends on them: {first} as labelled, {then} with all suggestions taken.")
    if not found.flagged:
        common.say("Next: passmuster corpus freeze")
        return
    sheet = "suspects.jsonl" if out is None else str(out)
    write = "" if out else f"passmuster corpus suspects --write {sheet}, then "
    common.say(
        f"People look next, without the reference: {write}passmuster corpus label export OUT --ids {sheet} --which all"
    )
