"""`passmuster screen`."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.decide.screening.filtering import KEEP, FilterWish
from passmuster.decide.screening.limits import Limits
from passmuster.errors import EXIT_OK, EXIT_UNDECIDED, UsageError
from passmuster.project.leaderboards import TableOptions
from passmuster.project.load import FILE_NAME, Project
from passmuster.project.quantities import share
from passmuster.project.screening import screen
from passmuster.records.screening import ScreenReport
from passmuster.report.screen_page import render_screen_page
from passmuster.report.screen_terminal import render_screen, screen_markdown
from passmuster.workflows.report_names import page_file
from passmuster.workflows.screen import ABOVE


class _Pair(click.ParamType[tuple[str, str]]):
    """`COLUMN=VALUE`, where the value is a text or a number."""

    name = "pair"

    def __init__(self, *, number: bool) -> None:
        self._number = number

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        column, mark, said = str(value).rpartition("=")
        if not mark or not column:
            self.fail(f"{value!r} is not COLUMN=VALUE.", param, ctx)
        if self._number:
            try:
                finite = math.isfinite(float(said))
            except ValueError:
                finite = False
            if not finite:
                self.fail(f"{said!r} is no number.", param, ctx)
        return column, said.strip()


class _Share(click.ParamType[float]):
    """A share such as 5%."""

    name = "share"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            found = share(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not 0 < found < 1:
            self.fail(f"{value!r} is not between 0 and 100 %.", param, ctx)
        return found


_NUMBERS, _TEXTS = _Pair(number=True), _Pair(number=False)


@click.command(name="screen")
@click.argument("tables", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--by", metavar="[TABLE:]COLUMN", help="The column that filters; default: the first table's leading one."
)
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help=f"Keep the first N; default: {KEEP}.")
@click.option("--margin", type=click.FloatRange(min=0), metavar="X", help="Keep all within X of the first.")
@click.option(
    "--risk",
    type=_Share(),
    metavar="SHARE",
    help="Keep as few as lose the best with this chance, such as 5%.",
)
@click.option(
    "--correlation",
    type=click.FloatRange(min=0, max=1),
    metavar="R",
    help="Between public and own order; default: measured where own scores are, else 0.7.",
)
@click.option(
    "--at-least",
    type=_NUMBERS,
    multiple=True,
    metavar="COLUMN=X",
    help="Drop whoever has less; may be repeated.",
)
@click.option(
    "--at-most",
    type=_NUMBERS,
    multiple=True,
    metavar="COLUMN=X",
    help="Drop whoever has more; may be repeated.",
)
@click.option(
    "--max-input-price", type=click.FloatRange(min=0), metavar="USD", help="The most for a million tokens in."
)
@click.option(
    "--max-output-price",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="The most for a million tokens out.",
)
@click.option("--min-context", type=click.IntRange(min=1), metavar="TOKENS", help="The shortest context.")
@click.option(
    "--where",
    type=_TEXTS,
    multiple=True,
    metavar="COLUMN=TEXT",
    help="Only these rows of tables; may be repeated.",
)
@click.option("--higher", multiple=True, metavar="COLUMN", help="More of it is better; may be repeated.")
@click.option("--lower", multiple=True, metavar="COLUMN", help="Less of it is better; may be repeated.")
@click.option("--model-column", metavar="COLUMN", help="The column with the models' names.")
@click.option(
    "--above",
    type=click.FloatRange(min=0),
    default=ABOVE,
    show_default=True,
    metavar="X",
    help="Public scores, in percent, from which models are the top.",
)
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the candidates to paste, and nothing else.")
@click.option("--markdown", is_flag=True, help="Print Markdown tables.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Where the page goes; default: REPORTS/TASK-screen.html, without a project nowhere.",
)
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    /,
    *,
    tables: tuple[Path, ...],
    by: str | None,
    above: float,
    as_yaml: bool,
    markdown: bool,
    html: Path | None,
    **given: Any,
) -> int:
    """Filter the models of public tables, and hold the tables against your own scores. Calls no model.

    Exits with 0; 3 where nothing can be said: no column is known to be better at one end, and no verdict is possible.
    """
    if sum((common.json, as_yaml, markdown)) > 1:
        raise click.UsageError("--json, --yaml and --markdown exclude each other")
    if sum(given[name] is not None for name in ("keep", "margin", "risk")) > 1:
        raise click.UsageError("--keep, --margin and --risk exclude each other")
    here = common.project is not None or Path(FILE_NAME).is_file()
    project = common.open() if here else None
    report = screen(project, tables, wish=_wish(given), by=by, above=above, reading=_reading(given))
    path = _write(project, report, html)
    _print(common, report, as_yaml=as_yaml, markdown=markdown)
    if path is not None:
        common.say(f"Report: {path}")
    return _code(report)


def _wish(given: Mapping[str, Any]) -> FilterWish:
    limits = Limits(
        at_least=_numbers(given["at_least"]),
        at_most=_numbers(given["at_most"]),
        input_price=given["max_input_price"],
        output_price=given["max_output_price"],
        context=given["min_context"],
    )
    return FilterWish(
        keep=given["keep"],
        margin=given["margin"],
        risk=given["risk"],
        correlation=given["correlation"],
        limits=limits,
    )


def _reading(given: Mapping[str, Any]) -> TableOptions:
    return TableOptions(
        columns={**dict.fromkeys(given["lower"], "lower"), **dict.fromkeys(given["higher"], "higher")},
        where=dict(given["where"]),
        model=given["model_column"],
    )


def _numbers(pairs: Sequence[tuple[str, str]]) -> Mapping[str, float]:
    return {column: float(value) for column, value in pairs}


def _print(common: Common, report: ScreenReport, *, as_yaml: bool, markdown: bool) -> None:
    if common.json:
        common.emit(report)
    elif as_yaml:
        click.echo("" if report.filter is None else report.filter.yaml, nl=False)
    elif markdown:
        click.echo(screen_markdown(report), nl=False)
    else:
        render_screen(report, console_of(color=common.color))


def _write(project: Project | None, report: ScreenReport, html: Path | None) -> Path | None:
    if html is None and project is None:
        return None
    path = html
    if path is None and project is not None:
        path = project.reports_dir / page_file(f"{project.task.name}-screen")
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_screen_page(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))


def _code(report: ScreenReport) -> int:
    columns = () if report.agreement is None else report.agreement.columns
    verdict = any(column.status != "too few" for column in columns)
    return EXIT_OK if report.filter is not None or verdict else EXIT_UNDECIDED
