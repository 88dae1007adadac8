"""How contamination is shown on a terminal."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.contamination import CandidateContamination, Contamination, Overlap
from passmuster.records.score import Difference, Estimate
from passmuster.report.escape import visible

_LISTED = 20
_SMALL = 0.001
_METHODS = ("canary", "completion", "rephrase", "novelty")


def print_found(console: Console, found: Contamination) -> None:
    """Print what was found: the copies, a line a candidate and method, and what each method cannot show."""
    _print_overlap(console, found.overlap)
    if found.candidates:
        console.print()
    if any(getattr(each, name) is not None for each in found.candidates for name in _METHODS):
        console.print(_table(found))
    _print_reasons(console, found)
    console.print(Text("\nWhat this can show, and what it cannot", style="bold"))
    shown = {name for each in found.candidates for name in _METHODS if getattr(each, name) is not None}
    for name, text in found.limits.items():
        if name == "overlap" or name in shown:
            console.print(Text(f"  {name}: {text}"), soft_wrap=True)


def _print_overlap(console: Console, overlap: Overlap) -> None:
    table = _columns("source", "texts", "cases in it")
    for name, source in overlap.sources.items():
        table.add_row(Text(visible(name)), f"{source.texts:,}", f"{source.cases:,}")
    if not overlap.sources:
        console.print(
            Text(
                "Nothing is known that candidates are given or learn from: no prompts, train or learned_from."
            )
        )
        return
    console.print(table)
    said = [f"{overlap.looked_for:,} of {overlap.cases:,} cases looked for"]
    if overlap.boilerplate:
        said.append(f"{overlap.boilerplate:,} share only words that stand in many cases")
    console.print(Text("; ".join(said)))
    for each in overlap.copied[:_LISTED]:
        line = f"  {each.case}: {each.share:.0%} of it in {each.source}, {each.place}: {each.excerpt}"
        console.print(Text(visible(line)), soft_wrap=True)
    if len(overlap.copied) > _LISTED:
        console.print(Text(f"  and {len(overlap.copied) - _LISTED} more: --json"))


def _table(found: Contamination) -> Table:
    table = _columns("candidate", "method", "found", "what", right=())
    for each in found.candidates:
        for name in _METHODS:
            if name not in each.why_not:
                what = next(_lines(each, name), "")
                said = "yes" if name in each.found else "no"
                table.add_row(Text(visible(each.candidate)), name, said, Text(visible(what)))
    return table


def _print_reasons(console: Console, found: Contamination) -> None:
    """Print why methods were not used, a line for each reason and not for each candidate."""
    for name in _METHODS:
        reasons: dict[str, list[str]] = {}
        for each in found.candidates:
            if name in each.why_not:
                reasons.setdefault(each.why_not[name], []).append(each.candidate)
        for reason, names in reasons.items():
            who = "" if len(names) == len(found.candidates) else f", {', '.join(names)}"
            console.print(Text(visible(f"{name}{who}: not looked at: {reason}")), soft_wrap=True)


def _lines(each: CandidateContamination, method: str) -> Iterator[str]:
    if method == "canary" and each.canary is not None:
        known = sum(reply.known for reply in each.canary.replies)
        most = max((reply.digits or 0 for reply in each.canary.replies), default=0)
        yield f"completed {known} of {len(each.canary.replies)} canaries; at most {most} digits"
    if method == "completion" and each.completion is not None:
        one = each.completion
        yield (
            f"ROUGE-L {_figure(one.named)} with the source named, {_figure(one.unnamed)} without: "
            f"{_gap(one.difference)}; {one.exact} nearly word for word"
        )
    if method == "rephrase" and each.rephrase is not None:
        gap = each.rephrase
        beyond = "" if gap.beyond is None else f"; beyond that of {gap.older}: {_gap(gap.beyond)}"
        yield f"{gap.metric} {_figure(gap.original)}, rephrased {_figure(gap.rephrased)}: {_gap(gap.gap)}{beyond}"
    if method == "novelty" and each.novelty is not None:
        new = each.novelty
        yield f"{new.metric} {_figure(new.newer)} after the cut-off, {_figure(new.older)} before: {_gap(new.gap)}"


def _figure(figure: Estimate) -> str:
    return "-" if figure.value is None else f"{figure.value:.3f} (n={figure.n})"


def _gap(gap: Difference) -> str:
    if gap.value is None:
        return "-"
    ends = "" if gap.low is None or gap.high is None else f" [{gap.low:+.3f}, {gap.high:+.3f}]"
    return f"{gap.value:+.3f}{ends}{_p(gap.p)}"


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return f", p {p:.3f}" if p >= _SMALL else f", p < {_SMALL}"


def _columns(*heads: str, right: tuple[int, ...] = (1, 2)) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head, overflow="fold", justify="right" if place in right else "left")
    return table
