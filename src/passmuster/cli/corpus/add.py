"""`passmuster corpus add`."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.add import Mode, add, from_file, from_run, from_trace
from passmuster.project.corpus.opening import Corpus
from passmuster.records.addition import AddedCase, Addition
from passmuster.records.failure_mode import FailureMode, Severity
from passmuster.report.escape import visible
from passmuster.workflows.corpus.add import Failure

_FILE = click.Path(path_type=Path, dir_okay=False)
_SOURCES = "say where the failure is: --from-run RUN --case ID, --from-trace FILE, or --from-file FILE"
_MODES = "say how it fails: --mode NAME, or --new-mode NAME --severity high"


@click.command(name="add")
@click.option(
    "--from-run", "run", metavar="RUN", help="A stored run: its id, the beginning of it, or `latest`."
)
@click.option("--case", metavar="ID", help="Which case of the run, or of the file.")
@click.option("--from-trace", "trace_file", type=_FILE, metavar="FILE", help="Traces: OTLP JSON and others.")
@click.option("--span", metavar="ID", help="Which call of the traces.")
@click.option("--trace", metavar="ID", help="The trace that the call belongs to.")
@click.option(
    "--from-file", "file", type=_FILE, metavar="FILE", help="Cases (.jsonl, .csv), or one text (.txt)."
)
@click.option("--reference", metavar="ANSWER", help="The right answer.")
@click.option("--mode", metavar="NAME", help="The failure mode, one of failure_modes.yaml.")
@click.option("--new-mode", metavar="NAME", help="A failure mode that is not known yet: it is written there.")
@click.option("--severity", type=click.Choice(get_args(Severity)), help="Of the new mode.")
@click.option("--description", default="", metavar="TEXT", help="Of the new mode: what goes wrong.")
@click.option("--link", metavar="URL", help="Of the new mode: an incident or a ticket.")
@click.option("--take-from-train", is_flag=True, help="Take a case that stands in train out of it.")
@corpus_options
def command(  # noqa: PLR0913 - the options of the command line, by name
    options: CorpusOptions,
    *,
    run: str | None,
    case: str | None,
    trace_file: Path | None,
    span: str | None,
    trace: str | None,
    file: Path | None,
    reference: str | None,
    mode: str | None,
    new_mode: str | None,
    severity: Severity | None,
    description: str,
    link: str | None,
    take_from_train: bool,
) -> int:
    """Make a regression case of a failure: out of a run, a trace or a file. It names its failure mode."""
    meant = _mode(mode, new_mode, severity, description, link)
    corpus = options.corpus()
    failures = _failures(corpus, run, case, trace_file, (span, trace), file)
    found = add(corpus, failures, meant, reference=reference, from_train=take_from_train)
    if options.json:
        options.emit(found)
    else:
        for each in found.added:
            click.echo(visible(each.id))
    _tell(options, found)
    return EXIT_OK


def _mode(
    known: str | None, new: str | None, severity: Severity | None, description: str, link: str | None
) -> Mode:
    if (known is None) == (new is None):
        raise click.UsageError(_MODES)
    if known is not None:
        if severity is not None or description or link is not None:
            raise click.UsageError("--severity, --description and --link are for --new-mode")
        return Mode(name=known)
    if severity is None:
        raise click.UsageError("a new mode needs its --severity: low, medium, high or critical")
    name = (new or "").strip()
    if not name:
        raise click.UsageError("a new mode needs a name")
    return Mode(name=name, new=FailureMode(name=name, description=description, severity=severity, link=link))


def _failures(
    corpus: Corpus,
    run: str | None,
    case: str | None,
    traces: Path | None,
    call: tuple[str | None, str | None],
    file: Path | None,
) -> Sequence[Failure]:
    if sum(each is not None for each in (run, traces, file)) != 1:
        raise click.UsageError(_SOURCES)
    if any(call) and traces is None:
        raise click.UsageError("--span and --trace are for --from-trace FILE")
    if case is not None and traces is not None:
        raise click.UsageError("a trace has calls, not cases: --span ID or --trace ID")
    if run is not None:
        if case is None:
            raise click.UsageError("say which case of the run: --case ID. Failed ones: passmuster show RUN")
        return from_run(corpus, run, case)
    if traces is not None:
        return from_trace(corpus, traces, *call)
    return from_file(corpus, file or Path(), case)


def _tell(options: CorpusOptions, found: Addition) -> None:
    if found.new_mode:
        options.say(f"new failure mode {found.mode.name}: {found.mode.severity}")
    for each in found.added:
        _tell_case(options, found, each)
    for name, already in found.present:
        options.say(f"not added: {name} stands in the regression pool already, as {already}")
    for name in found.taken:
        options.say(f"taken out of train: {name}")
    if found.replaced:
        options.say(f"{found.replaced} identifiers of people replaced by pseudonyms")
    for warning in found.warnings if found.added else ():
        options.say(warning)
    if found.added:
        options.say("Next: passmuster corpus freeze --note 'a failure', then passmuster run")


def _tell_case(options: CorpusOptions, found: Addition, each: AddedCase) -> None:
    options.say(f"added {each.id} ({found.mode.name}), from {each.source}")
    same = [one for one in each.alike if one.part == "eval" and one.similarity == 1]
    if same:
        options.say(f"  {same[0].case} stays in eval: without it, the estimate of production would flatter")
    for one in each.alike[:3]:
        if one not in same[:1]:
            options.say(f"  nearly the same: {one.case} in {one.part}, Jaccard {one.similarity:.2f}")
    for warning in each.warnings:
        options.say(f"  {warning}")
