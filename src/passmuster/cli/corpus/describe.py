"""`passmuster corpus describe`."""

from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.corpus.counting import counting
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.describe import describe, write_page
from passmuster.report.corpus.terminal import render_terminal


@click.command(name="describe")
@click.option("--strata", metavar="RULE", help="A column, an expression or `topics`; default: the project's.")
@click.option("--topics", type=click.IntRange(min=0), help="How many topics to look for; 0: none.")
@click.option("--from", "sources", multiple=True, metavar="IMPORT", help="Only this import; may be repeated.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page to this file."
)
@corpus_options
def command(
    options: CorpusOptions,
    strata: str | None,
    topics: int | None,
    sources: tuple[str, ...],
    html: Path | None,
) -> int:
    """Show what traffic and corpus are made of, side by side: strata, topics, length, language, time of day."""
    corpus = options.corpus()
    with counting(options, "records") as watch:
        found = describe(corpus, strata=strata, topics=topics, sources=sources, watch=watch)
    if html is not None:
        write_page(found, html, corpus.clock.now())
    if options.json:
        options.emit(found)
    else:
        render_terminal(found, console_of(color=options.color))
    if html is not None:
        options.say(f"Page: {html}")
    if found.traffic is not None and found.traffic.n and not found.traffic.strata:
        options.say(
            "Nothing makes strata yet: --strata COLUMN, an expression such as 'words > 50', or topics"
        )
    following = "passmuster corpus sample 500" if found.corpus is None else "passmuster corpus check"
    options.say(f"Next: {following}" + ("" if html is not None else " · a page: --html describe.html"))
    return EXIT_OK
