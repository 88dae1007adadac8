"""`passmuster corpus label model`."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.cli.progress import told
from passmuster.cli.spending import agreed
from passmuster.errors import EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK
from passmuster.project.asking import Estimate
from passmuster.project.corpus.label import PLACES
from passmuster.project.corpus.label_exchange import read_ids, read_prompt
from passmuster.project.corpus.label_model import (
    LabelPlan,
    ModelWish,
    estimate_labels,
    label_by_model,
    plan_labels,
)
from passmuster.report.escape import line, visible
from passmuster.report.figures import money
from passmuster.workflows.corpus.label import Wanted
from passmuster.workflows.corpus.label_model import ModelLabels

_PATH = click.Path(path_type=Path)
_OPTIONS = (
    click.argument("candidate"),
    click.option(
        "--labels", metavar="A,B,...", help="The labels to choose from; default: those of the references."
    ),
    click.option(
        "--prompt", "prompt_file", type=_PATH, metavar="FILE", help="Ask with this template instead of ours."
    ),
    click.option("--own-prompt", is_flag=True, help="Ask with the candidate's own prompt."),
    click.option(
        "--which",
        type=click.Choice(["unlabelled", "disputed", "all"]),
        default="unlabelled",
        show_default=True,
        help="Cases that no person has labelled, those in dispute, or all.",
    ),
    click.option("--again", is_flag=True, help="Also cases that this machine has labelled already."),
    click.option(
        "--ids", type=_PATH, metavar="FILE", help="Only the cases in this file: ids, or rows with `case`."
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="N of them, drawn by the seed."),
    click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another draw."),
    click.option(
        "--split",
        "splits",
        multiple=True,
        type=click.Choice(PLACES),
        help="Only these cases; may be repeated.",
    ),
    click.option(
        "--budget",
        type=click.FloatRange(min=0),
        metavar="USD",
        help="Spend no more than this, whatever happens.",
    ),
    click.option(
        "--estimate", "only_estimate", is_flag=True, help="Say what it would cost, and ask nothing."
    ),
    click.option("--yes", "-y", is_flag=True, help="Do not ask before an expensive run."),
)


def _options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    @functools.wraps(function)
    def wrapped(**given: Any) -> int | None:
        common = {name: given.pop(name) for name in ("datasets", "project", "as_json", "quiet", "no_color")}
        ids, path, labels = given.pop("ids"), given.pop("prompt_file"), given.pop("labels")
        agreed = {name: given.pop(name) for name in ("only_estimate", "yes")}
        wanted = Wanted(
            which=given.pop("which"),
            ids=None if ids is None else read_ids(ids),
            limit=given.pop("limit"),
            seed=given.pop("seed"),
        )
        wish = ModelWish(
            wanted=wanted,
            labels=tuple(text.strip() for text in (labels or "").split(",") if text.strip()),
            prompt=None if path is None else read_prompt(path),
            **given,
        )
        return function(wish, **agreed, **common)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@click.command(name="model")
@_options
@corpus_options
def model(common: CorpusOptions, wish: ModelWish, *, only_estimate: bool, yes: bool) -> int:
    """Let CANDIDATE of the project label the cases; its labels are a machine's, and make no reference by themselves."""
    corpus = common.corpus()
    planned = plan_labels(corpus, wish)
    _tell_plan(common, planned)
    expected = estimate_labels(corpus, planned)
    _tell_cost(common, expected, planned)
    if only_estimate:
        if common.json:
            common.emit({"trials": expected.trials, "expected": expected.expected, "worst": expected.worst})
        return EXIT_OK
    limit = corpus.need_project("to ask a model").settings.ask_above
    if not (yes or planned.budget is not None or agreed(expected, limit)):
        common.say("Nothing was asked, and nothing was spent.")
        return EXIT_INTERRUPTED
    with told(common, corpus.clock) as progress:
        found = label_by_model(corpus, planned, progress)
    if common.json:
        common.emit(found)
    _tell(common, found, planned)
    return {"complete": EXIT_OK, "interrupted": EXIT_INTERRUPTED}.get(found.run.status, EXIT_INCOMPLETE)


def _tell_plan(common: CorpusOptions, planned: LabelPlan) -> None:
    labels = f"one of {len(planned.labels):,} labels" if planned.labels else "an answer of any form"
    common.say(f"{planned.named} is asked for {labels} of {len(planned.cases):,} cases.")


def _tell_cost(common: CorpusOptions, expected: Estimate, planned: LabelPlan) -> None:
    likely = "an unknown amount" if expected.expected is None else f"about {money(expected.expected)}"
    worst = "" if expected.worst is None else f", at most {money(expected.worst)} without retries"
    budget = "no budget is set" if planned.budget is None else f"the budget is {money(planned.budget)}"
    common.say(f"{expected.trials:,} calls to make: {likely}{worst}; {budget}")


def _tell(common: CorpusOptions, found: ModelLabels, planned: LabelPlan) -> None:
    spend = "unknown" if found.run.spend is None else money(found.run.spend)
    read = len(found.labels) - found.unreadable
    common.say(
        f"{found.run.status}: {read:,} labels by the machine {visible(found.annotator)}, spend {spend}"
    )
    left = {
        "answers named none of the labels": found.unreadable,
        "calls failed": found.failed,
        "cases may not be sent to it (egress)": found.withheld,
    }
    for words, count in left.items():
        if count:
            common.say(f"{count:,} {words}")
    if planned.labels:
        common.say(f"The labels were: {line(', '.join(planned.labels), 300)}")
    common.say(
        "People look next: passmuster corpus label export OUT. How far they agree with it: "
        "passmuster corpus label agreement"
    )
