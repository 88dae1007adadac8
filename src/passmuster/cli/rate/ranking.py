"""`passmuster rate ranking`."""

from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, only_option, project_options
from passmuster.errors import EXIT_OK
from passmuster.project.rating.ranking import RankWish, ranking, write_page
from passmuster.report.ranking_view import render_ranking


@click.command(name="ranking")
@click.option("--metric", metavar="NAME", help="The question that was answered; default: the only one.")
@click.option("--judge", metavar="NAME", help="Choices of this judge of pairs, in place of people's.")
@click.option("--style", is_flag=True, help="Also with the style of the replies held equal.")
@only_option
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page to this file."
)
@project_options
def command(
    common: Common,
    metric: str | None,
    judge: str | None,
    *,
    style: bool,
    only: tuple[str, ...],
    html: Path | None,
) -> int:
    """Rank candidates by who was preferred to whom: strengths with intervals, and what sways the choice."""
    found = ranking(common.open(), RankWish(metric=metric, judge=judge, style=style, only=only))
    if html is not None:
        write_page(found, html)
    if common.json:
        common.emit(found)
    else:
        render_ranking(found, console_of(color=common.color))
    if html is not None:
        common.say(f"Page: {html}")
    elif not style:
        common.say("With style held equal: --style · a page: --html ranking.html")
    return EXIT_OK
