"""What every verb takes: which project, and how to print."""

import functools
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from passmuster.cli.results import results, results_apart
from passmuster.errors import PassmusterError
from passmuster.project.corpus.opening import Corpus, open_corpus
from passmuster.project.load import Project, load_project
from passmuster.report.escape import visible
from passmuster.report.json_text import record_json

P = ParamSpec("P")
W = TypeVar("W")

_COMMAND = re.compile(r"\bpassmuster (corpus (?:label )?)?[a-z]+\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How a verb prints: results on stdout, words for people on stderr."""

    json: bool
    quiet: bool
    color: bool

    def say(self, text: str) -> None:
        """Print a line for people; nothing under --quiet."""
        if not self.quiet:
            click.echo(visible(text, block=True), err=True)

    def emit(self, value: object) -> None:
        """Print one object as JSON."""
        click.echo(record_json(value), file=results())


@dataclass(frozen=True, slots=True, kw_only=True)
class Common(Printing):
    """The common options of verbs that work on a project."""

    project: Path | None

    def open(self) -> Project:
        """Open the project."""
        return load_project(self.project)

    def here(self, text: str) -> str:
        """Return a text whose commands, each of one word, name the project that this one was given."""
        return _COMMAND.sub(lambda found: found[0] + _stated("--project", self.project), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusOptions(Common):
    """The common options of verbs that work on a corpus."""

    datasets: Path | None

    def corpus(self) -> Corpus:
        """Open the corpus."""
        return open_corpus(self.project, self.datasets)

    def say(self, text: str) -> None:
        """Print a line for people, whose commands work on this corpus; nothing under --quiet."""
        Common.say(self, self.here(text))

    def here(self, text: str) -> str:
        """Return a text whose commands name the folder and the project that this one was given."""
        project = _stated("--project", self.project)
        datasets = _stated("--datasets", self.datasets)
        return _COMMAND.sub(lambda found: found[0] + (datasets if found[1] else "") + project, text)


def _stated(option: str, path: Path | None) -> str:
    return "" if path is None else f" {option} {shlex.quote(str(path))}"


def _printing(function: Callable[..., int | None]) -> Callable[..., int | None]:
    for option in (
        click.option("--no-color", is_flag=True, help="Print without colours."),
        click.option("--quiet", "-q", is_flag=True, help="Print no words for people on stderr."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    ):
        function = option(function)
    return function


_project_option = click.option(
    "--project",
    "-p",
    type=click.Path(path_type=Path),
    help="The project file or its folder; default: ./passmuster.yaml.",
)


def printing_options(function: Callable[Concatenate[Printing, P], int | None]) -> Callable[..., int | None]:
    """Give a verb --json, --quiet and --no-color, as one `Printing`."""

    @_printing
    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> int | None:
        printing = Printing(
            json=bool(kwargs.pop("as_json")),
            quiet=bool(kwargs.pop("quiet")),
            color=not kwargs.pop("no_color"),
        )
        with results_apart(wanted=printing.json):
            return function(printing, *args, **kwargs)

    return wrapped


def project_options(function: Callable[Concatenate[Common, P], int | None]) -> Callable[..., int | None]:
    """Give a verb --project, --json, --quiet and --no-color, as one `Common`."""

    @_project_option
    @_printing
    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> int | None:
        project = kwargs.pop("project")
        common = Common(
            json=bool(kwargs.pop("as_json")),
            quiet=bool(kwargs.pop("quiet")),
            color=not kwargs.pop("no_color"),
            project=project if isinstance(project, Path) else None,
        )
        with results_apart(wanted=common.json):
            return function(common, *args, **kwargs)

    return wrapped


def corpus_options(
    function: Callable[Concatenate[CorpusOptions, P], int | None],
) -> Callable[..., int | None]:
    """Give a verb --datasets, --project, --json, --quiet and --no-color, as one `CorpusOptions`."""

    @click.option(
        "--datasets",
        type=click.Path(path_type=Path, file_okay=False),
        help="The folder of the corpus; default: that of the project, else eval/datasets.",
    )
    @_project_option
    @_printing
    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> int | None:
        project, datasets = kwargs.pop("project"), kwargs.pop("datasets")
        options = CorpusOptions(
            json=bool(kwargs.pop("as_json")),
            quiet=bool(kwargs.pop("quiet")),
            color=not kwargs.pop("no_color"),
            project=project if isinstance(project, Path) else None,
            datasets=datasets if isinstance(datasets, Path) else None,
        )
        try:
            with results_apart(wanted=options.json):
                return function(options, *args, **kwargs)
        except PassmusterError as error:
            error.hint = None if error.hint is None else options.here(error.hint)
            raise

    return wrapped


only_option = click.option(
    "--only", multiple=True, metavar="NAME", help="Only this candidate; may be repeated."
)


def wish_options(
    kind: Callable[..., W], options: Sequence[Callable[[Callable[..., int]], Callable[..., int]]]
) -> Callable[[Callable[[Common, W], int]], Callable[..., int]]:
    """Give a verb of many options these, in their order, as one value of a kind whose fields have their names."""

    def decorate(function: Callable[[Common, W], int]) -> Callable[..., int]:
        @functools.wraps(function)
        def wrapped(common: Common, **wish: Any) -> int:
            return function(common, kind(**wish))

        found: Callable[..., int] = wrapped
        for option in reversed(options):
            found = option(found)
        return found

    return decorate
