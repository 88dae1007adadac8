"""How far raters agree, as tables and sentences."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from passmuster.records.raters import RaterAgreement, RaterFigures, RaterPair
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.escape import label, line
from passmuster.report.rows import Column
from passmuster.report.tables import packed, table

COEFFICIENTS: Mapping[str, str] = {
    "raw": "raw agreement",
    "within_one": "within one step",
    "mean_gap": "mean gap between two",
    "cohen_kappa": "Cohen's kappa",
    "fleiss_kappa": "Fleiss' kappa",
    "gwet_ac1": "Gwet's AC1",
    "krippendorff_alpha": "Krippendorff's alpha",
}
SCALES = {"nominal": "pass or fail", "ordinal": "steps of a scale", "interval": "means of criteria"}
NOTE_LIMIT = 400


def headline(found: RaterAgreement) -> str:
    """Return what was asked and answered, in a line.

    Example:
        >>> none = Estimate(value=None)
        >>> headline(RaterAgreement(metric="quality", answered="ratings", level="ordinal", items=9, shared=4, cases=9,
        ...                         people={}, repeated=none, repeated_gap=none))
        'quality: ratings of 9 replies to 9 cases, 4 of them by two people or more; steps of a scale'
    """
    what = "reply" if found.answered == "ratings" else "pair"
    plural = "replies" if found.answered == "ratings" else "pairs"
    items = figures.count(found.items, what, plural)
    scale = SCALES[found.level] if found.answered == "ratings" else "one, the other or a tie"
    of = f"{found.answered} of {items} to {figures.count(found.cases, 'case')}"
    return f"{label(found.metric)}: {of}, {found.shared:,} of them by two people or more; {scale}"


def render_raters(found: RaterAgreement, console: Console) -> None:
    """Print the coefficients, each criterion, the pairs of people, the raters, and what to know."""
    console.print(Text(headline(found), style="bold"), soft_wrap=True)
    if found.people:
        _print(_people(found.people), console)
    if found.criteria:
        _print(_criteria(found.criteria), console)
    if len(found.pairs) > 1:
        _print(_pairs(found.pairs, exact=found.level != "interval"), console)
    if found.raters:
        _print(_raters(found.raters, exact=found.level != "interval"), console)
    for text in notes(found):
        console.print(Text(text), soft_wrap=True)


def notes(found: RaterAgreement) -> tuple[str, ...]:
    """Return what a reader must know, each as one harmless line."""
    said = [f"{text[:1].upper()}{text[1:]}." for text in (line(note, NOTE_LIMIT) for note in found.notes)]
    said += [f"{number:,} left out: {line(why, NOTE_LIMIT)}." for why, number in found.left_out.items()]
    if found.repeated.value is not None:
        share = figures.interval(found.repeated)
        told = f"Where a reply came to the same person again: {share} the same, of {found.repeated.n:,}"
        apart = (
            "" if found.repeated_gap.value is None else f", {figures.number(found.repeated_gap.value)} apart"
        )
        said.append(f"{told}{apart}.")
    return tuple(said)


def _people(people: Mapping[str, Estimate]) -> tuple[Column, ...]:
    rows = [(COEFFICIENTS.get(name, label(name)), figure) for name, figure in people.items()]
    return (
        _column("what", "people", (name for name, _ in rows), right=False),
        _column("value", "value", (figures.interval(figure) for _, figure in rows)),
        _column("n", "shared", (f"{figure.n:,}" for _, figure in rows)),
        _column("note", "", (line(figure.note or "", NOTE_LIMIT) for _, figure in rows), right=False),
    )


def _criteria(criteria: Mapping[str, Mapping[str, Estimate]]) -> tuple[Column, ...]:
    names = [name for name in COEFFICIENTS if any(name in of for of in criteria.values())]
    return (
        _column("criterion", "criterion", (label(name) for name in criteria), right=False),
        *(
            _column(name, COEFFICIENTS[name], (_short(of.get(name)) for of in criteria.values()))
            for name in names
        ),
    )


def _pairs(pairs: Sequence[RaterPair], *, exact: bool) -> tuple[Column, ...]:
    """Return a row for each pair; `exact` where equal values mean something, as they do not of means of criteria."""
    both = (f"{label(each.first)} and {label(each.second)}" for each in pairs)
    made = [_column("pair", "pair", both, right=False)]
    if exact:
        made.append(_column("raw", "raw", (figures.interval(each.raw) for each in pairs)))
        made.append(_column("kappa", "Cohen's kappa", (figures.interval(each.kappa) for each in pairs)))
    made.append(_column("gap", "first minus second", (_short(each.gap, signed=True) for each in pairs)))
    return (*made, _column("n", "shared", (f"{each.raw.n:,}" for each in pairs)))


def _raters(raters: Sequence[RaterFigures], *, exact: bool) -> tuple[Column, ...]:
    made = [
        _column("rater", "rater", (_name(each) for each in raters), right=False),
        _column("ratings", "rated", (f"{each.ratings:,}" for each in raters)),
        _column("unanswered", "unsure", (f"{each.unanswered:,}" for each in raters)),
    ]
    if exact:
        made.append(_column("others", "same as others", (_short(each.with_others) for each in raters)))
    made.append(_column("severity", "minus others", (_short(each.severity, signed=True) for each in raters)))
    title = "same again" if exact else "apart again"
    again = (_again(each.again if exact else each.again_gap) for each in raters)
    return (*made, _column("again", title, again))


def _name(each: RaterFigures) -> str:
    return label(each.name) + (" (machine)" if each.kind == "machine" else "")


def _again(figure: Estimate) -> str:
    return _short(figure) + ("" if figure.value is None else f" of {figure.n:,}")


def _short(figure: Estimate | None, *, signed: bool = False) -> str:
    return figures.interval(figure, signed=signed, compact=True)


def _column(key: str, title: str, cells: Iterable[str], *, right: bool = True) -> Column:
    return Column(key=key, title=title, cells=tuple(cells), right=right)


def _print(made: tuple[Column, ...], console: Console) -> None:
    for group in packed(made[0], made[1:], console.width):
        console.print()
        console.print(table(group, console.width))
    console.print()
