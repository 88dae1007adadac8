"""What a calibrated judge looks like in words and tables, for the terminal, Markdown and the page alike."""

from collections.abc import Iterator
from math import exp, isfinite
from typing import NamedTuple

from passmuster.records.calibration import CalibratedCandidate, Calibration, Leaning, PositionBias
from passmuster.records.score import Difference, Estimate
from passmuster.report import figures
from passmuster.report.escape import label, visible

MOST_NAMED = 40
"""Characters of a name in a table."""

MOST_DIFFERENCES = 15
"""Differences in a table; the JSON has all."""


class Grid(NamedTuple):
    """A table: its title, what it says in a sentence, its heads (True: of numbers), and its rows, escaped."""

    key: str
    title: str
    hint: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


def headline(found: Calibration) -> str:
    """Return what was found, in a line.

    Example:
        >>> headline(Calibration(
        ...     task="t", metric="quality", judge="4f", models=("m",), question="q", bounds=(0, 1), binary=True,
        ...     status="ratings_missing", labels=3, waiting=37,
        ... ))
        'quality: 37 replies wait for people, 3 are rated'
    """
    name = label(found.metric)
    if found.faults:
        return f"{name}: {figures.count(len(found.faults), 'fault')} found"
    if found.status == "ratings_missing":
        waits = figures.count(found.waiting, "reply waits", "replies wait")
        return f"{name}: {waits} for people, {found.labels:,} {'is' if found.labels == 1 else 'are'} rated"
    cautions = sum(finding.severity == "caution" for finding in found.findings)
    said = figures.count(cautions, "caution") if cautions else "no fault found"
    return f"{name}: calibrated, {said}"


def provenance(found: Calibration) -> str:
    """Return who was calibrated, on what and on whose word: what every figure stands on."""
    people = figures.count(found.raters, "person", "people")
    parts = [
        f"judge {visible(', '.join(found.models))} (version {visible(found.judge)})",
        f"question {label(found.question)}",
        f"{found.judged:,} replies judged",
        f"{found.labels:,} rated by {people}" + (f", the last on {found.date[:10]}" if found.date else ""),
    ]
    return " · ".join(parts)


def findings(found: Calibration) -> list[tuple[str, str]]:
    """Return what was found: how grave it is, and the sentence."""
    return [(finding.severity, visible(finding.sentence)) for finding in found.findings]


def notes(found: Calibration) -> list[str]:
    """Return what a reader must know of the figures."""
    return list(_notes(found))


def _notes(found: Calibration) -> Iterator[str]:
    if found.unscored:
        yield f"{figures.count(found.unscored, 'reply is', 'replies are')} not judged yet: passmuster score"
    for name, why in found.akin.items():
        yield f"{label(name)} is {visible(why)}"
    if any(each.labels and not each.drawn for each in found.candidates):
        yield (
            "Ratings of replies that nobody drew at random do not say what the other replies are like: only a judge that "
            "passes or fails is corrected by them, by its error rates (Rogan-Gladen)"
        )
    if found.agreement is not None and found.agreement.n < 50:
        yield f"{found.agreement.n:,} ratings are few: the intervals of kappa, AC1 and the correlation are wide and rough"
    if found.length is None or found.self_preference is None:
        missing = [
            name
            for name, leaning, told in (
                ("length", found.length, True),
                ("self-preference", found.self_preference, bool(found.akin)),
            )
            if leaning is None and told
        ]
        if missing and found.status == "calibrated":
            yield f"{' and '.join(missing)} cannot be told apart from quality on these ratings"


def grids(found: Calibration) -> tuple[Grid, ...]:
    """Return the tables of a calibration, those that have something in them."""
    made = (_candidates(found), _differences(found), _agreement(found), _biases(found), _verdicts(found))
    return tuple(grid for grid in (*made, _worths(found)) if grid.rows)


def _candidates(found: Calibration) -> Grid:
    return Grid(
        "candidates",
        "Candidates",
        "Corrected: what people would say of all replies, from the judge on all of them and people on some. Worth: how many "
        "more ratings the judge stands for.",
        (
            ("candidate", False),
            ("corrected (95%)", True),
            ("judge alone (95%)", True),
            ("rated / judged", True),
            ("correlation", True),
            ("worth", True),
            ("method", False),
        ),
        tuple(_candidate(each) for each in found.candidates),
    )


def _candidate(each: CalibratedCandidate) -> tuple[str, ...]:
    return (
        label(each.candidate, MOST_NAMED),
        figures.interval(each.corrected),
        figures.interval(each.raw),
        f"{each.labels:,} / {each.judged:,}",
        figures.number(each.correlation),
        worth_text(each.worth),
        figures.MISSING if each.corrected is None else each.corrected.method,
    )


def worth_text(worth: float | None) -> str:
    """Return further ratings as text: whole, without an end where the judge is perfect.

    Example:
        >>> worth_text(37.4), worth_text(None), worth_text(float("inf"))
        ('+37', '-', 'no end')
    """
    if worth is None:
        return figures.MISSING
    return f"+{worth:,.0f}" if isfinite(worth) else "no end"


def _differences(found: Calibration) -> Grid:
    return Grid(
        "differences",
        "Differences",
        "A candidate minus another one on the same cases: a judge that favours one of them is wrong about it, people's "
        "ratings of both set it right.",
        (
            ("difference", False),
            ("corrected (95%)", True),
            ("judge alone (95%)", True),
            ("p corrected", True),
        ),
        tuple(
            (
                f"{label(each.candidate, MOST_NAMED)} - {label(each.versus, MOST_NAMED)}",
                _signed(each.corrected),
                _signed(each.raw),
                figures.p_value(None if each.corrected is None else each.corrected.p),
            )
            for each in found.differences[:MOST_DIFFERENCES]
        ),
    )


def _agreement(found: Calibration) -> Grid:
    told = found.agreement
    rows: list[tuple[str, Estimate | None, str]] = []
    if told is not None:
        rows = [
            ("same value", told.same, "the share of replies of which both say the same"),
            (
                "Gwet's AC1",
                told.ac1,
                "agreement beyond chance; keeps its meaning where nearly all replies pass",
            ),
            (
                "Cohen's kappa",
                told.kappa,
                "agreement beyond chance; falls where nearly all replies pass or fail",
            ),
            ("sensitivity", told.sensitivity, "of replies that people pass, the share that the judge passes"),
            ("specificity", told.specificity, "of replies that people fail, the share that the judge fails"),
            ("correlation", told.correlation, "Pearson's"),
            ("gap", told.gap, "judge minus people, on average: above 0 it is lenient"),
            ("apart", told.apart, "distance of judge and people, on average"),
        ]
    return Grid(
        "agreement",
        "Agreement with people",
        f"On {0 if told is None else told.n:,} replies that both looked at, weighted back to all judged replies.",
        (("figure", False), ("value (95%)", True), ("what it is", False)),
        tuple(
            (name, figures.interval(value, signed=name == "gap"), what)
            for name, value, what in rows
            if value is not None and value.value is not None
        ),
    )


def _biases(found: Calibration) -> Grid:
    return Grid(
        "biases",
        "Biases and noise",
        "What moves the judge beside the reply itself. p: the chance of so much where there is nothing.",
        (("what", False), ("figure (95%)", True), ("p", True), ("n", True), ("what it is", False)),
        tuple(_bias_rows(found)),
    )


def _bias_rows(found: Calibration) -> Iterator[tuple[str, ...]]:
    if found.position is not None:
        yield from _position_rows(found.position)
    yield from _leaning_rows(found)
    if found.padding is not None:
        probe = found.padding
        what = f"value of the same content at {probe.longer:.1f} times the length, minus the plain one's"
        yield _bias("padding", figures.interval(probe.shift, signed=True), probe.p, probe.n, what)
    if found.steadiness is not None:
        steady = found.steadiness
        what = "the share of replies of which it says the same when asked again"
        if steady.deviation is not None and not found.binary:
            what += f"; standard deviation of one judgement {figures.number(steady.deviation)}"
        yield _bias("asked again", figures.interval(steady.same), None, steady.n, what)


def _position_rows(told: PositionBias) -> Iterator[tuple[str, ...]]:
    what = "the share of verdicts that stay when the sides are swapped"
    yield _bias("swap-consistency", figures.interval(told.consistent), None, told.n, what)
    what = "of the verdicts that change, the share that the first place wins; fair is 0.5"
    yield _bias("first place", figures.interval(told.lean), told.p, told.first + told.second, what)


def _leaning_rows(found: Calibration) -> Iterator[tuple[str, ...]]:
    named = [
        ("length", found.length, "the odds of the better verdict for a reply twice as long, rated alike"),
        (
            "self-preference",
            found.self_preference,
            "the odds for candidates of the judge's family, rated alike",
        ),
    ]
    for candidate, leaning in found.favours.items():
        # Of two candidates the other one says the same.
        if len(found.favours) != 2 or (leaning.effect.value or 0.0) >= 0:
            what = "the odds of the better verdict beside the other candidates, rated alike"
            named.append((f"favours {label(candidate, MOST_NAMED)}", leaning, what))
    for name, each, what in named:
        if each is not None:
            yield _bias(name, _odds(each), each.p, each.n, what)


def _bias(name: str, figure: str, p: float | None, n: int, what: str) -> tuple[str, ...]:
    return name, figure, figures.p_value(p), f"{n:,}", what


def _odds(leaning: Leaning) -> str:
    """Return an effect as times the odds; alone where the verdicts are separated by it."""
    effect = leaning.effect
    if effect.value is None:
        return figures.MISSING
    if leaning.separated:
        return "settles it"
    low, high = (None if each is None else _times(each) for each in (effect.low, effect.high))
    return f"{_times(effect.value)} times" + ("" if low is None or high is None else f" [{low}, {high}]")


def _times(effect: float) -> str:
    return ">1,000" if effect > 6.9 else figures.significant(exp(effect), 3)


def _verdicts(found: Calibration) -> Grid:
    asked = found.judged + sum(found.failures.values())
    return Grid(
        "verdicts",
        "Answers without a verdict",
        "They count as missing, never as a pass or a zero.",
        (("kind", False), ("replies", True), ("share", True)),
        tuple(
            (visible(kind), f"{number:,}", figures.percent(number / asked))
            for kind, number in found.failures.items()
        ),
    )


def _worths(found: Calibration) -> Grid:
    known = found.agreement is not None and len(found.worths) == 1
    return Grid(
        "worths",
        "What the judge is worth",
        f"At {found.planned:,} ratings of a candidate, "
        + (
            "by the correlation that was found within candidates."
            if known
            else "by correlations as they might be found."
        ),
        (
            ("correlation with people", True),
            ("width of the interval", True),
            ("as if so many more were rated", True),
        ),
        tuple(
            (figures.number(each.correlation), figures.percent(each.ratio), worth_text(each.labels))
            for each in found.worths
        ),
    )


def _signed(difference: Difference | None) -> str:
    return figures.interval(difference, signed=True)


def next_step(found: Calibration) -> str:
    """Return what to do next, with the command."""
    if found.status == "ratings_missing" and found.waiting:
        return "Next: passmuster rate form --rater NAME, or sheets for several people: passmuster rate export OUT --rater NAME"
    if not found.judged:
        return f"No answer of {label(found.metric)} is a verdict. Read one: passmuster show latest CASE"
    if found.status == "ratings_missing":
        return (
            "Next: passmuster judge calibrate draws replies for people (leave --no-draw out); where none is left, more "
            "cases are needed"
        )
    return "Next: passmuster compare"


def severity_mark(severity: str) -> str:
    """Return what stands before a finding where there is no colour.

    Example:
        >>> severity_mark("fault")
        'FAULT'
    """
    return {"fault": "FAULT", "caution": "caution"}.get(severity, "note")
