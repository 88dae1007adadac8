"""`passmuster corpus contamination`."""

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from passmuster.cli.console import console_of
from passmuster.cli.corpus.contamination_tables import print_found
from passmuster.cli.options import CorpusOptions, corpus_options, only_option
from passmuster.cli.progress import told
from passmuster.errors import EXIT_FAIL, EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK, UsageError
from passmuster.project.corpus.contamination import Contamination, Wish, contamination, expected
from passmuster.project.corpus.contamination_look import Asked
from passmuster.project.corpus.opening import Corpus
from passmuster.report.escape import visible
from passmuster.report.figures import money

_METHODS: tuple[Asked, ...] = ("canary", "completion", "rephrase")


_OPTIONS = (
    click.option(
        "--ask",
        multiple=True,
        type=click.Choice([*_METHODS, "all"]),
        help="Let this method call models; may be repeated.",
    ),
    click.option("--source", metavar="NAME", help="What the corpus would be called where it leaked."),
    click.option(
        "--rephrase-with", metavar="CANDIDATE", help="Who makes rephrased cases, marked as synthetic."
    ),
    click.option("--older", metavar="CANDIDATE", help="An older candidate, whose rephrase gap is taken off."),
    click.option(
        "--cutoff",
        "cutoffs",
        multiple=True,
        metavar="CANDIDATE=DATE",
        help="When its training data end; may be repeated.",
    ),
    click.option(
        "--learned-from",
        "learned",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="More that was learned from; may be repeated.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        default=50,
        show_default=True,
        help="Texts that are completed or rephrased.",
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="Which of them."),
    click.option(
        "--budget", type=click.FloatRange(min=0, max=1e9), metavar="USD", help="Spend no more than this."
    ),
    only_option,
)


def _wished(function: Callable[..., int | None]) -> Callable[..., int | None]:
    @functools.wraps(function)
    def wrapped(**stated: Any) -> int | None:
        names = {field.name for field in fields(Wish)}
        said: dict[str, Any] = {name: stated.pop(name) for name in names}
        ask = said.pop("ask")
        cutoffs = _cutoffs(said.pop("cutoffs"))
        methods = _METHODS if "all" in ask else tuple(name for name in _METHODS if name in ask)
        return function(Wish(ask=methods, cutoffs=cutoffs, **said), **stated)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@click.command(name="contamination")
@_wished
@click.option("--yes", "-y", is_flag=True, help="Do not ask before expensive calls.")
@corpus_options
def command(options: CorpusOptions, wish: Wish, *, yes: bool) -> int:
    """Look whether candidates have seen the cases before. Calls models only with --ask.

    Exits with 1 where anything speaks for it: a case stands in what candidates are given or learn from, a canary was
    completed, or a score falls where it should not.
    """
    corpus = options.corpus()
    if wish.ask and not _agreed(options, corpus, wish, yes=yes):
        options.say("Nothing was asked, and nothing was spent.")
        return EXIT_INTERRUPTED
    found = contamination(corpus, wish, lambda: told(options, corpus.clock))
    if options.json:
        options.emit(found)
    else:
        print_found(console_of(color=options.color), found)
    _tell(options, found, wish)
    return _code(found)


def _cutoffs(stated: Sequence[str]) -> dict[str, str]:
    found = {}
    for each in stated:
        name, sign, date = each.rpartition("=")
        if not sign or not name:
            raise click.UsageError(f"--cutoff {each}: expected CANDIDATE=DATE, such as small-model=2024-06")
        found[name] = date
    return found


def _agreed(options: CorpusOptions, corpus: Corpus, wish: Wish, *, yes: bool) -> bool:
    """Say what the calls will cost, and ask whether to spend that much, where it is much.

    Raises:
        UsageError: where nobody is there to be asked.
    """
    cost = expected(corpus, wish)
    likely = "an unknown amount" if cost.expected is None else f"about {money(cost.expected)}"
    worst = "" if cost.worst is None else f", at most {money(cost.worst)} without retries"
    options.say(f"{cost.trials:,} calls to make: {likely}{worst}")
    settings = corpus.need_project("to ask candidates").settings
    sure = sum(candidate.expected or 0.0 for candidate in cost.candidates)
    if yes or wish.budget is not None or settings.budget is not None or sure <= settings.ask_above:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            f"this is expected to spend {money(sure)}, more than {money(settings.ask_above)} (ask_above)",
            hint="Say --yes, or set a limit that is never passed: --budget USD.",
        )
    return click.confirm(f"Spend about {money(sure)}?", err=True)


def _tell(options: CorpusOptions, found: Contamination, wish: Wish) -> None:
    _tell_runs(options, found)
    for what, count in found.rephrasings.items():
        where = "written to rephrased.jsonl: read them" if what == "made" else f"dropped: {what}"
        options.say(f"{count} rephrasings {where}")
    copied = len(found.overlap.flagged)
    if copied:
        options.say(
            f"{copied} cases stand in what candidates are given or learn from: take them out of one of the two."
        )
    speaking = [each for each in found.candidates if each.found]
    for each in speaking:
        options.say(f"{visible(each.candidate)}: {', '.join(each.found)} speak for contamination.")
    if not copied and not speaking:
        options.say("Nothing that was looked at speaks for contamination.")
    if found.candidates and not wish.ask:
        options.say("Next: passmuster corpus contamination --ask all --rephrase-with CANDIDATE")


def _tell_runs(options: CorpusOptions, found: Contamination) -> None:
    for end in found.runs:
        if end.status != "complete":
            options.say(f"a run is {end.status}: what is finished is kept. To go on: the same command again")
        if end.failed:
            options.say(f"{end.failed:,} calls failed: they say nothing of who failed")
        for name, reason in end.stopped.items():
            options.say(f"{visible(name)} was given up: {visible(reason)}")


def _code(found: Contamination) -> int:
    statuses = {end.status for end in found.runs}
    if "interrupted" in statuses:
        return EXIT_INTERRUPTED
    if found.overlap.copied or any(each.found for each in found.candidates):
        return EXIT_FAIL
    return EXIT_INCOMPLETE if statuses - {"complete"} else EXIT_OK
