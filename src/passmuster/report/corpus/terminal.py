"""A description in the terminal: a few short tables."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.description import Description, Part, Profile
from passmuster.report import figures
from passmuster.report.corpus.page import RESPECTS
from passmuster.report.corpus.pictures import Pair, paired, share_of
from passmuster.report.escape import label, visible

SHOWN = 8
"""Parts that are shown of each kind; the page and the JSON have more."""

_BAR = 16
_SHOWN_RESPECTS = ("strata", "topics", "languages", "lengths", "feedback", "models", "origins")


def render_terminal(found: Description, console: Console) -> None:
    """Print the headline, what stands out, and the largest parts of each kind."""
    console.print(Text(visible(found.headline), style="bold"))
    for text in found.remarks:
        console.print(Text(f"  {visible(text)}"), soft_wrap=True)
    console.print(_sizes(found))
    for respect in _SHOWN_RESPECTS:
        pairs = _pairs(found, respect)
        if len(pairs) > 1 or (pairs and respect in ("strata", "languages", "feedback")):
            console.print()
            console.print(_table(RESPECTS[respect][0].lower(), pairs))
    line = _busiest(found)
    if line:
        console.print()
        console.print(Text(line))


def _pairs(found: Description, respect: str) -> list[Pair]:
    if respect == "lengths":
        own, its = (
            None if profile is None or profile.lengths is None else profile.lengths.bands
            for profile in (found.traffic, found.corpus)
        )
        return paired(own, its, keep_order=True)
    traffic, corpus = (
        None if profile is None else getattr(profile, respect) for profile in (found.traffic, found.corpus)
    )
    return paired(traffic, corpus)


def _sizes(found: Description) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("")
    for head in ("n", "with a reference", "words (median, 95%)"):
        table.add_column(head, justify="right")
    for name, profile in (("traffic", found.traffic), ("corpus", found.corpus)):
        if profile is not None:
            table.add_row(name, f"{profile.n:,}", f"{profile.labelled:,}", _lengths(profile))
    return table


def _lengths(profile: Profile) -> str:
    return "-" if profile.lengths is None else f"{profile.lengths.p50:,}, {profile.lengths.p95:,}"


def _table(title: str, pairs: Sequence[Pair]) -> Table:
    both = (any(pair.traffic for pair in pairs), any(pair.corpus for pair in pairs))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(title, no_wrap=True, min_width=28)
    for head, there in (("traffic", both[0]), ("corpus", both[1])):
        if there:
            table.add_column(head, justify="right")
    table.add_column("")
    most = max((share_of(part) for pair in pairs for part in (pair.traffic, pair.corpus)), default=0.0) or 1.0
    for pair in pairs[:SHOWN]:
        shares = [part for part, there in ((pair.traffic, both[0]), (pair.corpus, both[1])) if there]
        cells = [figures.percent(share_of(part)) for part in shares]
        table.add_row(Text(label(pair.name, 40)), *cells, _bar(shares[0] if shares else None, most))
    if len(pairs) > SHOWN:
        table.add_row(f"{len(pairs) - SHOWN} more", *([""] * sum(both)), "")
    return table


def _bar(part: Part | None, most: float) -> str:
    return "█" * round(share_of(part) / most * _BAR)


def _busiest(found: Description) -> str:
    said = []
    for name, profile in (("traffic", found.traffic), ("corpus", found.corpus)):
        if profile is not None and profile.hours:
            hour = max(range(24), key=lambda each: profile.hours[each])
            share = profile.hours[hour] / sum(profile.hours)
            said.append(f"{name}: {figures.percent(share)} at {hour:02}:00 UTC")
    return f"busiest hour · {' · '.join(said)}" if said else ""
