"""What the matrix says, in words: shared by the terminal, Markdown and HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from passmuster.records.comparison import CandidateReport, Check, Comparison, MetricReport
from passmuster.records.judged import UNCALIBRATED
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate
from passmuster.records.stopped import STOPPED_EARLY, Stop
from passmuster.report import figures
from passmuster.report.escape import label, line, visible

NAME_LIMIT = 28

UNCHECKED = " ?"
"""What stands behind a figure that a judge gives and nobody has checked."""

CUT_SHORT = " †"
"""What stands behind a figure of a candidate that was stopped early."""

SENTENCE_LIMIT = 600

_SHORT = {
    "latency_p50": "p50",
    "latency_p95": "p95",
    "latency_p99": "p99",
    "first_token_p50": "first token p50",
    "first_token_p95": "first token p95",
    "cost_per_success": "cost",
    "cost_per_task": "cost per task",
    "failure_rate": "failures",
    "corpus_age": "age of cases",
    "corpus_coverage": "coverage",
}
_RANK = {"pass": 0, "undecided": 1, "fail": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Record):
    """A column of the matrix as text; `key` names what it holds."""

    key: str
    title: str
    cells: tuple[str, ...]
    right: bool = False


def short(metric: str) -> str:
    """Return the name of a metric for narrow places.

    Example:
        >>> short("latency_p95"), short("accuracy")
        ('p95', 'accuracy')
    """
    return _SHORT.get(metric, label(metric))


def name(candidate: CandidateReport | str) -> str:
    """Return a candidate's name for a narrow place, made harmless."""
    return label(candidate if isinstance(candidate, str) else candidate.name, NAME_LIMIT)


def sentence(text: str) -> str:
    """Return a sentence as one harmless line."""
    return line(text, SENTENCE_LIMIT)


def primary(comparison: Comparison) -> MetricReport | None:
    """Return the metric that the decision looks at first, or None where there is no metric."""
    return next((each for each in comparison.metrics if each.primary), next(iter(comparison.metrics), None))


def ordered(comparison: Comparison) -> tuple[CandidateReport, ...]:
    """Return the candidates as they are shown: the chosen one, those that pass, undecided, failing.

    Within each, those that lead come first, then the better on the primary metric.
    """
    metric = primary(comparison)
    sign = -1.0 if metric is None or metric.direction == "higher" else 1.0
    shares = {leading.name: leading.share for leading in comparison.decision.leading}

    def key(row: CandidateReport) -> tuple[bool, int, float, float]:
        value = row.metrics[metric.name].value if metric and metric.name in row.metrics else None
        place = float("inf") if value is None else sign * value
        chosen = row.name == comparison.decision.chosen
        return (not chosen, _RANK[row.verdict.status], -shares.get(row.name, 0.0), place)

    return tuple(sorted(comparison.candidates, key=key))


def bars(comparison: Comparison) -> tuple[str, ...]:
    """Return the texts of all bars, each once."""
    texts = (visible(check.bar) for row in comparison.candidates for check in row.checks)
    return tuple(dict.fromkeys(texts))


def bar_of(comparison: Comparison, metric: str) -> Check | None:
    """Return one check of the bar on a metric over all cases, for its limit; None where there is no such bar."""
    checks = (check for row in comparison.candidates for check in row.checks)
    plain = (check for check in checks if check.slice is None and check.versus is None)
    return next((check for check in plain if check.metric == metric), None)


def header(comparison: Comparison) -> str:
    """Return the one line that says what was compared, on what."""
    corpus = comparison.corpus
    parts = [
        visible(comparison.task),
        f"corpus {corpus.version[:8]} ({corpus.split}, {figures.count(corpus.cases, 'case')})",
    ]
    if comparison.incumbent is not None:
        parts.append(f"incumbent {name(comparison.incumbent)}")
    texts = bars(comparison)
    parts.append(f"bars: {', '.join(texts)}" if texts else "no bars")
    asked = dict.fromkeys(check.requirement for row in comparison.candidates for check in row.requirements)
    if asked:
        parts.append(f"requires: {', '.join(label(text, 60) for text in asked)}")
    parts.append(figures.count(len(comparison.candidates), "candidate"))
    return " · ".join(parts)


def purpose(comparison: Comparison) -> str | None:
    """Return what the task is for and who answers for it, in a line; None where neither is said."""
    said = [] if comparison.purpose is None else [line(comparison.purpose, SENTENCE_LIMIT)]
    said += [] if comparison.owner is None else [f"Owner: {label(comparison.owner, 80)}"]
    return " · ".join(said) or None


def verdict(candidate: CandidateReport) -> str:
    """Return the verdict with what it hangs on, such as `fail: p95`."""
    status = candidate.verdict.status
    if status == "fail":
        missed = [label(check.attribute) for check in candidate.requirements if check.status == "misses"]
        missed += [about(check) for check in candidate.checks if check.status == "misses"]
        return f"fail: {', '.join(missed)}" if missed else "fail"
    if candidate.verdict.stopped is not None and status == "undecided":
        return _stopped(candidate.verdict.stopped)
    if status == "undecided":
        return f"undecided{_open(candidate)}"
    return "pass"


def _stopped(stop: Stop) -> str:
    after = f" after {stop.cases:,}" if stop.cases else ""
    if stop.reason in ("hopeless", "untestable"):
        return f"stopped{after}: {label(stop.bar or '', NAME_LIMIT)}"
    return f"stopped{after}" if stop.cases else "unasked"


def _open(candidate: CandidateReport) -> str:
    pending = [check for check in candidate.checks if check.status == "undecided"]
    parts = [f"{label(each)} not declared" for each in candidate.verdict.undeclared]
    parts += [_needs(check) for check in pending]
    if not parts:
        if candidate.verdict.more_ratings is not None:
            parts = [figures.count(candidate.verdict.more_ratings, "more rating")]
        elif (more := figures.more_cases(candidate.verdict.more_cases, "more case")) is not None:
            parts = [more]
        elif candidate.verdict.adjusted_p is not None:
            parts = [f"adjusted p {figures.p_value(candidate.verdict.adjusted_p)}"]
    return f" ({', '.join(parts)})" if parts else ""


def _needs(check: Check) -> str:
    if check.more_ratings is not None:
        return f"{about(check)}: {figures.count(check.more_ratings, 'more rating')}"
    more = figures.more_cases(check.more_cases, "more case")
    return about(check) if more is None else f"{about(check)}: {more}"


def about(check: Check) -> str:
    """Return what a check is about in few words: its metric, its slice, and whether it is against the incumbent."""
    versus = "" if check.versus is None else " vs incumbent"
    where = "" if check.slice is None else f" on {label(check.slice)}"
    return f"{short(check.metric)}{versus}{where}"


def reasons(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """Return (name, reason) of every candidate that does not pass."""
    return tuple(
        (name(row), sentence(row.verdict.reason))
        for row in ordered(comparison)
        if row.verdict.status != "pass"
    )


def was_asked(candidate: CandidateReport) -> bool:
    """Say whether a candidate was asked anything; a run until it is decided may never come to it."""
    return candidate.verdict.stopped is None or candidate.verdict.stopped.cases > 0


def columns(comparison: Comparison, *, compact: bool = False) -> tuple[Column, ...]:
    """Return the matrix as columns of text, candidate first and verdict last."""
    rows = ordered(comparison)
    chosen = comparison.decision.chosen
    names = tuple(
        ("* " if row.name == chosen else "  ") + name(row) + (" (sim)" if row.simulated else "")
        for row in rows
    )
    made = [Column(key="candidate", title="  candidate", cells=names)]
    for metric in comparison.metrics:
        made.extend(_metric_columns(comparison, rows, metric, compact=compact))
    made.extend(_time_columns(rows))
    failed = tuple(figures.percent(row.failures.rate.value) + mark(row.failures.rate) for row in rows)
    costs = tuple(_per_thousand(row.cost.per_success, row) for row in rows)
    verdicts = tuple(verdict(row) for row in rows)
    return (
        *made,
        Column(key="failed", title="failed", cells=failed, right=True),
        Column(key="cost", title="$ / 1k ok", cells=costs, right=True),
        *_account_columns(rows),
        Column(key="verdict", title="verdict", cells=verdicts),
    )


def _account_columns(rows: Sequence[CandidateReport]) -> Iterable[Column]:
    tasks = tuple(_per_thousand(row.cost.per_task, row) for row in rows)
    yield Column(key="account:task", title="$ / 1k tasks", cells=tasks, right=True)
    yield Column(key="account:tokens", title="tokens in / out", cells=tuple(map(tokens, rows)), right=True)
    yield Column(key="account:n", title="n (missing)", cells=tuple(map(cases, rows)), right=True)


def _per_thousand(figure: Estimate, row: CandidateReport) -> str:
    return figures.per_thousand(figure.value, row.cost.basis) + mark(figure)


def tokens(row: CandidateReport) -> str:
    """Return the mean tokens of a task, in and out, `~` where they are estimated."""
    counts = (row.cost.input_tokens, row.cost.output_tokens)
    if counts == (None, None):
        return figures.MISSING
    mark = "~" if row.cost.tokens_estimated else ""
    return mark + " / ".join(figures.MISSING if count is None else f"{count:,.0f}" for count in counts)


def cases(row: CandidateReport) -> str:
    """Return how many cases a row rests on, in brackets how many are missing, and how many are withheld."""
    missing = f" ({row.n_missing:,})" if row.n_missing else ""
    withheld = f", {row.n_withheld:,} withheld" if row.n_withheld else ""
    return f"{row.n:,}{missing}{withheld}"


def cached(row: CandidateReport) -> str:
    """Return what is said of replies from the cache beside a candidate's times; nothing where there are none."""
    times = row.latency
    if not times.cached:
        return ""
    left_out = "" if times.load.source == "cached" else " left out"
    return f", {times.cached:,} of {times.replies:,} replies from the cache{left_out}"


def _metric_columns(
    comparison: Comparison, rows: Sequence[CandidateReport], metric: MetricReport, *, compact: bool
) -> Iterable[Column]:
    title = label(metric.name) + (" (sanity)" if metric.role == "sanity" else "")
    values = tuple(_figure(row.metrics.get(metric.name), compact=compact) for row in rows)
    key = "primary" if metric.primary else f"metric:{metric.name}"
    yield Column(key=key, title=f"{title} (95%)", cells=values)
    if comparison.incumbent is None or not metric.primary:
        return
    differences = tuple(
        figures.interval(row.versus_incumbent.get(metric.name), signed=True, compact=compact) for row in rows
    )
    yield Column(key="versus", title="vs incumbent", cells=differences)
    found = (row.versus_incumbent.get(metric.name) for row in rows)
    p_values = tuple(figures.p_value(None if each is None else each.p) for each in found)
    yield Column(key="versus:p", title="p vs inc.", cells=p_values, right=True)


def _figure(figure: Estimate | None, *, compact: bool) -> str:
    """Return a figure with its interval, and a mark behind one that a judge gives and nobody has checked."""
    text = figures.interval(figure, compact=compact)
    return text + mark(figure)


def mark(figure: Estimate | Difference | None) -> str:
    """Return the mark behind a figure that must not be read without its caveat; nothing behind any other."""
    note = figure.note if isinstance(figure, Estimate) else None
    if note is None:
        return ""
    return UNCHECKED if note == UNCALIBRATED else CUT_SHORT if note.startswith(STOPPED_EARLY) else ""


def _time_columns(rows: Sequence[CandidateReport]) -> Iterable[Column]:
    yield Column(
        key="latency",
        title="p50 / p95 / p99 s",
        cells=_joined([(row.latency.p50, row.latency.p95, row.latency.p99) for row in rows]),
    )
    if any(row.latency.first_token_p50 or row.latency.first_token_p95 for row in rows):
        yield Column(
            key="first_token",
            title="1st token p50 / p95 s",
            cells=_joined([(row.latency.first_token_p50, row.latency.first_token_p95) for row in rows]),
        )


def _joined(rows: Sequence[tuple[Estimate | None, ...]]) -> tuple[str, ...]:
    texts = [[figures.bare_seconds(None if each is None else each.value) for each in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(*texts, strict=True)]
    return tuple(
        figures.MISSING
        if all(text == figures.MISSING for text in row)
        else " / ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) + mark(found[0])
        for row, found in zip(texts, rows, strict=True)
    )
