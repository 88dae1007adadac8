"""`passmuster run`."""

from dataclasses import dataclass
from typing import Any

import click

from passmuster.cli.barred import say_barred
from passmuster.cli.dollars import Dollars
from passmuster.cli.options import Common, only_option, project_options, wish_options
from passmuster.cli.progress import told
from passmuster.cli.spending import agreed
from passmuster.decide.early.words import run_words, stop_words
from passmuster.errors import EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK, UsageError
from passmuster.project.asking import Estimate, amend, estimate, run
from passmuster.project.load import Project
from passmuster.project.quantities import share
from passmuster.records.run import RunEnd
from passmuster.report.alike import said_once
from passmuster.report.escape import visible
from passmuster.report.figures import money

_CODES = {"complete": EXIT_OK, "interrupted": EXIT_INTERRUPTED}


class _Share(click.FloatRange):
    """A share or a difference of shares, written as in a project file."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            found = share(value)
        except ValueError as problem:
            self.fail(str(problem), param, ctx)
        return float(super().convert(found, param, ctx))


_OPTIONS = (
    click.option(
        "--limit", type=click.IntRange(min=1), metavar="N", help="Only N of the cases, the same for all."
    ),
    click.option("--retry-failures", is_flag=True, help="Ask again what failed before."),
    click.option(
        "--amend", "amends", is_flag=True, help="Only add to the last run; refuse to ask anything again."
    ),
    click.option(
        "--budget",
        type=Dollars(min=0),
        metavar="USD",
        help="Spend no more than this, whatever happens.",
    ),
    click.option("--no-cache", is_flag=True, help="Take no reply of an earlier run for the same request."),
    click.option(
        "--estimate", "only_estimate", is_flag=True, help="Say what it would cost, and ask nothing."
    ),
    click.option(
        "--until-decided", is_flag=True, help="Ask in blocks, and nobody whom the decision no longer needs."
    ),
    click.option("--best", is_flag=True, help="With --until-decided: find the best, whatever the bars are."),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        metavar="N",
        help="With --until-decided: draws the order of the cases.  [default: 0]",
    ),
    click.option(
        "--within",
        type=_Share(min=0, max=1, max_open=True),
        metavar="SHARE",
        help="With --best: a difference that does not matter.  [default: 2 points]",
    ),
    click.option("--yes", "-y", is_flag=True, help="Do not ask before an expensive run."),
    only_option,
    click.option("--all", "everybody", is_flag=True, help="Ask those that miss a requirement, too."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the options say."""

    limit: int | None
    only: tuple[str, ...]
    retry_failures: bool
    amends: bool
    budget: float | None
    no_cache: bool
    only_estimate: bool
    yes: bool
    everybody: bool
    until_decided: bool
    best: bool
    seed: int | None
    within: float | None


@click.command(name="run")
@project_options
@wish_options(_Wish, _OPTIONS)
def command(common: Common, wish: _Wish) -> int:
    """Ask every candidate every case that is not stored yet. Ctrl-C is safe: run again to go on."""
    _check(wish)
    project = common.open()
    if not wish.everybody:
        say_barred(common, project, wish.only)
    if wish.amends:
        common.say(amend(project, limit=wish.limit, only=wish.only, everybody=wish.everybody).words)
    if wish.only_estimate or (project.priced and _wanted(common, project, wish)):
        expected = estimate(
            project,
            limit=wish.limit,
            only=wish.only,
            retry_failures=wish.retry_failures,
            everybody=wish.everybody,
        )
        _tell_estimate(common, expected, is_most=wish.until_decided)
        _tell_chance(common, project, expected, wish.limit)
        if wish.only_estimate:
            if common.json:
                totals = {key: getattr(expected, key) for key in ("trials", "expected", "worst")}
                common.emit({**totals, "candidates": expected.candidates})
            return EXIT_OK
        if not (_free(project, wish) or agreed(expected, project.settings.ask_above)):
            common.say("Nothing was asked, and nothing was spent.")
            return EXIT_INTERRUPTED
    end = _run(common, project, wish)
    if common.json:
        common.emit(end)
    _tell(common, end, "score" if project.scores_in_two_steps else "compare")
    return _CODES.get(end.status, EXIT_INCOMPLETE)


def _check(wish: _Wish) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: where they do not.
    """
    if wish.until_decided and wish.only:
        raise UsageError(
            "--until-decided asks all candidates: to leave some out on the way would void the error rate",
            hint="Name those that you mean as `finalists` in the project file, before you look.",
        )
    others = {"--best": wish.best, "--seed": wish.seed is not None, "--within": wish.within is not None}
    named = [option for option, is_given in others.items() if is_given]
    if named and not wish.until_decided:
        raise UsageError(f"{', '.join(named)} goes with --until-decided only")


def _free(project: Project, wish: _Wish) -> bool:
    """Return whether it may go on whatever it will cost."""
    return wish.yes or wish.budget is not None or project.settings.budget is not None


def _wanted(common: Common, project: Project, wish: _Wish) -> bool:
    """Return whether the estimate tells or stops anything: to make it takes a while."""
    return not (common.quiet and _free(project, wish))


def _run(common: Common, project: Project, wish: _Wish) -> RunEnd:
    if wish.until_decided:
        return _run_until_decided(common, project, wish)
    with told(common, project.clock) as progress:
        return run(
            project,
            limit=wish.limit,
            only=wish.only,
            retry_failures=wish.retry_failures,
            budget=wish.budget,
            cache=not wish.no_cache,
            progress=progress,
            everybody=wish.everybody,
        )


def _run_until_decided(common: Common, project: Project, wish: _Wish) -> RunEnd:
    # It compares on the way, which takes numpy and scipy; a plain run does not wait for these.
    from passmuster.project.until_decided import Wish, run_until_decided  # noqa: PLC0415

    given = {"seed": wish.seed, "within": wish.within}
    settled = {name: value for name, value in given.items() if value is not None}
    with told(common, project.clock) as progress:
        return run_until_decided(
            project,
            Wish(best=wish.best, **settled),  # type: ignore[arg-type]  # each is of its own type
            limit=wish.limit,
            retry_failures=wish.retry_failures,
            budget=wish.budget,
            cache=not wish.no_cache,
            progress=progress,
            everybody=wish.everybody,
        )


def _tell_estimate(common: Common, expected: Estimate, *, is_most: bool) -> None:
    if not expected.trials:
        return
    likely = "an unknown amount" if expected.expected is None else f"about {money(expected.expected)}"
    worst = "" if expected.worst is None else f", at most {money(expected.worst)} without retries"
    common.say(f"{expected.trials:,} trials to ask: {likely}{worst}")
    for candidate in expected.candidates:
        if candidate.trials and candidate.expected is None:
            common.say(f"  {visible(candidate.name)}: {candidate.why}")
        if candidate.unasked:
            common.say(f"  {visible(candidate.name)}: {visible(candidate.unasked)}")
    if is_most:
        common.say("That is the most: who is not needed any more is not asked.")


def _tell_chance(common: Common, project: Project, expected: Estimate, limit: int | None) -> None:
    if common.quiet or not expected.trials:
        return
    # It brings numpy and scipy, for which only a run waits that costs money.
    from passmuster.project.planning import chance_line  # noqa: PLC0415

    line = chance_line(project, expected, cases=limit)
    if line is not None:
        common.say(f"{line} (passmuster plan)")


def _tell(common: Common, end: RunEnd, following: str) -> None:
    spend = "unknown" if end.spend is None else money(end.spend)
    cached = f" ({end.cached:,} of them from the cache)" if end.cached else ""
    common.say(
        f"{end.status}: {end.asked:,} trials asked, {end.reused:,} reused{cached}, {end.failed:,} failed, spend {spend}"
    )
    if end.at_risk:
        common.say(
            f"Up to {money(end.at_risk)} more may have been billed for calls whose account never came."
        )
    for name, count in end.withheld.items():
        common.say(f"{visible(name)} was not sent {count:,} trials: its egress rules withhold these cases.")
    if end.failed:
        common.say("Failed trials are kept as failures. To ask them again: passmuster run --retry-failures")
    for name, reason in end.stopped.items():
        common.say(f"{visible(name)} was given up: {visible(reason)}")
    for remark in end.remarks:
        common.say(visible(remark))
    _tell_early(common, end)
    _tell_lag(common, end)
    if end.status == "complete":
        common.say(common.here(f"Next: passmuster {following}"))
    else:
        again = "" if end.early is None else " --until-decided"
        common.say(f"What is finished is kept. To go on: passmuster run{again}")


def _tell_early(common: Common, end: RunEnd) -> None:
    if end.early is None:
        return
    within = end.early.until.within
    stops = ((visible(stop.candidate), visible(stop_words(stop, within))) for stop in end.early.stops)
    for who, words in said_once(stops):
        common.say(f"  {who} {words}")
    common.say(visible(run_words(end.early)))


def _tell_lag(common: Common, end: RunEnd) -> None:
    if end.lag is None or not end.asked:
        return
    late = f"{end.lag.p50 * 1000:.1f} / {end.lag.p99 * 1000:.1f} / {end.lag.longest * 1000:.1f} ms"
    common.say(f"This program's own delay, in every latency: p50 / p99 / longest {late}")
    if end.distorted:
        names = ", ".join(map(visible, end.distorted))
        common.say(f"It may have moved the p99 latency by more than 5%: {names}. Use fewer calls at a time.")
