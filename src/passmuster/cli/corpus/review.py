"""`passmuster corpus review`."""

import difflib
import sys
from collections.abc import Mapping, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK, UsageError
from passmuster.project.corpus.opening import Corpus
from passmuster.project.corpus.review import Reviewed, check_ids, open_review, parents_of, review, waiting
from passmuster.records.case import Case, Expect
from passmuster.records.proposal import Proposal
from passmuster.records.text import input_text
from passmuster.report.escape import cut, label, line, visible
from passmuster.workflows.corpus.review import Decision

_KEYS: Mapping[str, Decision | None] = {"a": "accepted", "d": "dropped", "s": None}
_SHOWN = 1_500
"""Characters of a text on the screen."""
_LISTED = 50
_EXPECT: Mapping[str, Expect] = {
    "answer": "answer",
    "refusal": "refusal",
    "escalation": "escalation",
    "clarification": "clarification",
}


@click.command(name="review")
@click.option("--accept", multiple=True, metavar="ID", help="Accept this case; may be repeated.")
@click.option("--drop", multiple=True, metavar="ID", help="Drop this case; may be repeated.")
@click.option("--accept-all", is_flag=True, help="Accept all that wait (under --only: those).")
@click.option("--drop-all", is_flag=True, help="Drop all that wait (under --only: those).")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only those of this source or reason; may be repeated."
)
@click.option("--expect", type=click.Choice(list(_EXPECT)), help="How those accepted now should end.")
@click.option("--by", metavar="WHO", help="Who decides; default: who is logged in.")
@click.option("--list", "listing", is_flag=True, help="List what waits, and decide nothing.")
@corpus_options
def command(  # noqa: PLR0913 - one parameter for each option
    options: CorpusOptions,
    *,
    accept: tuple[str, ...],
    drop: tuple[str, ...],
    accept_all: bool,
    drop_all: bool,
    only: tuple[str, ...],
    expect: str | None,
    by: str | None,
    listing: bool,
) -> int:
    """Accept or drop what `mine` and `stress` proposed: by id, all, or one after another with a key each."""
    corpus = options.corpus()
    proposals = open_review(corpus)
    open_ones = waiting(proposals, only)
    if listing:
        return _list(options, open_ones)
    _refuse_both(accept, drop, all_of=(accept_all, drop_all))
    check_ids(proposals, [*accept, *drop])
    decisions: dict[str, Decision] = {}
    if accept_all or drop_all:
        word: Decision = "accepted" if accept_all else "dropped"
        decisions = {proposal.case.id: word for proposal in open_ones}
    decisions |= dict.fromkeys(accept, "accepted")
    decisions |= dict.fromkeys(drop, "dropped")
    if not decisions and open_ones:
        decisions = _asked(options, corpus, open_ones)
    found = review(corpus, decisions, by=by, expect=_EXPECT[expect] if expect else None)
    _tell(options, found)
    return EXIT_OK


def _refuse_both(accept: Sequence[str], drop: Sequence[str], all_of: tuple[bool, bool]) -> None:
    both = set(accept) & set(drop)
    if both:
        raise UsageError(f"{min(both)!r} cannot be accepted and dropped at once")
    if all(all_of):
        raise UsageError("--accept-all and --drop-all contradict one another")


def _list(options: CorpusOptions, found: Sequence[Proposal]) -> int:
    if options.json:
        options.emit({"waiting": list(found)})
        return EXIT_OK
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in ("case", "pool", "why", "input"):
        table.add_column(head, overflow="fold")
    for proposal in found[:_LISTED]:
        why = "; ".join(reason.words for reason in proposal.reasons)
        cells = (label(proposal.case.id, 40), proposal.case.category, line(why, 90), _first(proposal.case))
        table.add_row(*map(Text, cells))
    console_of(color=options.color).print(table)
    more = f", the first {_LISTED} of them are listed" if len(found) > _LISTED else ""
    options.say(f"{len(found):,} wait{more}. Next: passmuster corpus review")
    return EXIT_OK


def _first(case: Case) -> str:
    return label(" ".join(input_text(case.input).split()), 60)


def _asked(options: CorpusOptions, corpus: Corpus, found: Sequence[Proposal]) -> dict[str, Decision]:
    """Return what a person decides, one proposal after another, with a key each."""
    if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"{len(found):,} proposals wait, and there is no terminal to ask at",
            hint="Name them: --accept ID, --drop ID, --accept-all, --drop-all. See them: --list",
        )
    console = console_of(color=options.color, stderr=True)
    parents = parents_of(corpus)
    decisions: dict[str, Decision] = {}
    for number, proposal in enumerate(found, start=1):
        _show(console, proposal, parents.get(proposal.case.parent or ""), f"{number} of {len(found)}")
        key = _key(console)
        if key == "q":
            break
        if (decision := _KEYS[key]) is not None:
            decisions[proposal.case.id] = decision
    return decisions


def _key(console: Console) -> str:
    console.print(Text("a accept · d drop · s skip · q quit and keep what was decided"), style="bold")
    while True:
        try:
            typed = click.getchar()
        except (KeyboardInterrupt, EOFError):  # Ctrl-C and Ctrl-D
            return "q"
        if typed == "\x1b":
            return "q"
        # What is typed ahead comes at once; an arrow key comes as a sequence, which has letters in it.
        known = [] if typed.startswith("\x1b") else [key for key in typed.lower() if key in {*_KEYS, "q"}]
        if known:
            return known[0]


def _show(console: Console, proposal: Proposal, parent: Case | None, turn: str) -> None:
    case = proposal.case
    console.rule(Text(f"{turn} · {visible(case.id)} · {case.category}", style="bold"), align="left")
    for reason in proposal.reasons:
        console.print(Text(f"why     {visible(reason.words)}"))
    if case.expect:
        console.print(Text(f"expect  {case.expect}"))
    own = input_text(case.input)
    if parent is None:
        console.print(Text(visible(cut(own, _SHOWN), block=True)))
        return
    before = input_text(parent.input)
    console.print(Text(f"parent  {visible(parent.id)}", style="dim"))
    console.print(Text(visible(cut(before, _SHOWN // 2), block=True), style="dim"))
    console.print(Text("case"))
    console.print(_marked(before[: 2 * _SHOWN], cut(own, _SHOWN)))


def _marked(before: str, own: str) -> Text:
    """Return the text of a case, what its parent does not have underlined."""
    shown = Text()
    matcher = difflib.SequenceMatcher(None, before.split(" "), words := own.split(" "), autojunk=False)
    for kind, _, _, start, end in matcher.get_opcodes():
        part = " ".join(words[start:end])
        if part:
            shown.append(visible(part, block=True) + " ", style="" if kind == "equal" else "underline")
    return shown


def _tell(options: CorpusOptions, found: Reviewed) -> None:
    if options.json:
        options.emit(found)
    else:
        places = sorted(set(found.placed.values()))
        counts = ", ".join(f"{list(found.placed.values()).count(place)} to {place}" for place in places)
        click.echo(f"accepted {found.accepted}{f' ({counts})' if counts else ''}, dropped {found.dropped}")
    for name in found.already[:5]:
        options.say(f"{visible(name)}: the corpus has this input already; it was not added again")
    if found.waiting:
        options.say(f"{found.waiting:,} still wait: passmuster corpus review --list")
    elif found.accepted:
        options.say("Next: passmuster corpus freeze")
    elif not found.dropped:
        options.say("Nothing waits. Proposals come from: passmuster corpus mine, passmuster corpus stress")
