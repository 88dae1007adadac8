"""What the HTML report shows, as plain values: its matrix and tables. Layout only; every figure is a record's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from passmuster.records.comparison import CandidateReport, Check, Comparison, MetricReport
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate
from passmuster.report import figures
from passmuster.report.axes import mathematical
from passmuster.report.escape import label, visible
from passmuster.report.rows import Column, cached, cases, mark, name, ordered, sentence, short, verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Record):
    """A cell: what is read, its interval, the value it sorts by, where it leads, and why it is missing."""

    text: str
    range: str = ""
    value: str = ""
    href: str = ""
    why: str = ""
    status: str = ""
    number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Record):
    """A row: a candidate with its cells."""

    name: str
    tags: tuple[str, ...]
    chosen: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid(Record):
    """A table: heads (whether numeric) and lines."""

    heads: tuple[tuple[str, bool], ...]
    lines: tuple[Line, ...]


def cases_link(candidate: str, show: str) -> str:
    """Return the address within the page of the cases behind a figure.

    Example:
        >>> cases_link("gpt-4o", "wrong")
        '#cases?c=gpt-4o&show=wrong'
    """
    return "#cases?" + urlencode({"c": visible(candidate), "show": show})


def status(comparison: Comparison, row: CandidateReport) -> str:
    """Return the word that picks shape and colour: chosen, or the verdict."""
    return "chosen" if row.name == comparison.decision.chosen else row.verdict.status


def tags(comparison: Comparison, row: CandidateReport) -> tuple[str, ...]:
    """Return what must be known of a candidate beside its name."""
    return (
        *(("chosen",) if row.name == comparison.decision.chosen else ()),
        *(("incumbent",) if row.name == comparison.incumbent else ()),
        *((row.kind,) if row.kind not in ("llm", row.name) else ()),
        *(("simulated",) if row.simulated else ()),
    )


def line(comparison: Comparison, row: CandidateReport, cells: Iterable[Cell]) -> Line:
    """Return a row of a table that has one for each candidate."""
    chosen = row.name == comparison.decision.chosen
    return Line(name=name(row), tags=tags(comparison, row), chosen=chosen, cells=tuple(cells))


def estimate(figure: Estimate | Difference | None, *, href: str = "", signed: bool = False) -> Cell:
    """Return a cell with a metric's figure and its interval."""
    note = figure.note if isinstance(figure, Estimate) else None
    if figure is None or figure.value is None:
        return Cell(text=figures.MISSING, why=sentence(note or "not available"))
    text = figures.number(figure.value, signed=signed)
    span = _range(figure, signed=signed)
    if isinstance(figure, Difference) and figure.p is not None:
        span = f"{span} p {figures.p_value(figure.p)}".strip()
    text += mark(figure)
    return Cell(text=text, range=span, value=repr(figure.value), href=href, why=_note(note))


def _range(figure: Estimate | Difference, *, signed: bool) -> str:
    if figure.low is None or figure.high is None:
        return ""
    low, high = (figures.number(end, signed=signed) for end in (figure.low, figure.high))
    return f"[{low}, {high}]"


def _note(note: str | None) -> str:
    return sentence(note) if note else ""


def time(figure: Estimate | None, *, href: str = "", ranged: bool = False) -> Cell:
    """Return a cell with a time, and its interval where there is room."""
    if figure is None or figure.value is None:
        return Cell(text=figures.MISSING, why=sentence((figure and figure.note) or "not streamed"))
    low, high = figure.low, figure.high
    both = ranged and low is not None and high is not None
    interval = f"[{figures.seconds(low)}, {figures.seconds(high)}]" if both else ""
    text = figures.seconds(figure.value) + mark(figure)
    return Cell(text=text, range=interval, value=repr(figure.value), href=href, why=_note(figure.note))


def dollars(row: CandidateReport, *, href: str = "", ranged: bool = False) -> Cell:
    """Return a cell with the dollars per 1,000 successes."""
    cost = row.cost
    text = figures.per_thousand(cost.per_success.value, cost.basis) + mark(cost.per_success)
    value = "" if cost.per_success.value is None else repr(cost.per_success.value)
    low, high = cost.per_success.low, cost.per_success.high
    both = ranged and low is not None and high is not None
    interval = (
        f"[{figures.per_thousand(low, 'reported')}, {figures.per_thousand(high, 'reported')}]" if both else ""
    )
    why = _note(cost.note or cost.per_success.note)
    return Cell(text=text.replace(">=", "≥ "), range=interval, value=value, href=href, why=why)


def words(text: str, *, state: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(text=text, value=text, status=state, number=False)


def plain(text: str | None) -> Cell:
    """Return a cell with a number that is text already; None is missing."""
    return Cell(text=figures.MISSING) if text is None else Cell(text=text)


def matrix(comparison: Comparison) -> Grid:
    """Return the matrix: one row for each candidate, each figure a link to what is behind it.

    What the decision hangs on comes first; further metrics and first tokens last.
    """
    rows = ordered(comparison)
    streamed = any(row.latency.first_token_p50 for row in rows)
    metrics = sorted(comparison.metrics, key=lambda metric: not metric.primary)
    heads = [*_metric_heads(comparison, metrics[:1])]
    heads += ["$ per 1,000 successes", "p50", "p95", "p99", "failed", "n (missing)"]
    heads += _metric_heads(comparison, metrics[1:])
    heads += ["first token p50"] if streamed else []
    made = []
    for row in rows:
        cells = [_verdict_cell(row), *_metric_cells(comparison, row, metrics[:1]), *_work_cells(row)]
        cells += _metric_cells(comparison, row, metrics[1:])
        cells += [time(row.latency.first_token_p50, href="#latency")] if streamed else []
        made.append(line(comparison, row, cells))
    titles = (("candidate", False), ("verdict", False), *((head, True) for head in heads))
    return Grid(heads=titles, lines=tuple(made))


def _metric_heads(comparison: Comparison, metrics: Sequence[MetricReport]) -> list[str]:
    made = []
    for metric in metrics:
        made.append(label(metric.name))
        if comparison.incumbent is not None:
            made.append("vs incumbent" if metric.primary else f"{label(metric.name)} vs incumbent")
    return made


def _verdict_cell(row: CandidateReport) -> Cell:
    word = row.verdict.status
    detail = verdict(row).removeprefix(word).strip(" :()")
    why = sentence(row.verdict.sentence)
    return Cell(text=word, range=detail, value=word, href=behind(row), why=why, status=word, number=False)


def behind(row: CandidateReport) -> str:
    """Return where the page shows the cases that a verdict hangs on: those of the first bar that is not met."""
    hanging = [check for check in row.checks if check.status != "meets"] or list(row.checks)
    return link_of(row, hanging[0]) if hanging else cases_link(row.name, "wrong")


def link_of(row: CandidateReport, check: Check) -> str:
    """Return where the page shows what is behind the check of a bar.

    Example:
        >>> slow = Check(metric="latency_p95", bar="", limit=1.0, direction="at_most", value=2.0, status="misses",
        ...     p=1.0, p_misses=0.0, more_cases=None, method="")
        >>> from types import SimpleNamespace
        >>> link_of(SimpleNamespace(name="a"), slow)
        '#cases?c=a&show=slow'
    """
    if check.p is None:
        return "#checks"
    if check.metric.startswith(("latency_", "first_token_")):
        return cases_link(row.name, "slow")
    if check.metric.startswith("cost_"):
        return "#costs"
    return cases_link(row.name, "failed" if check.metric == "failure_rate" else "wrong")


def _metric_cells(
    comparison: Comparison, row: CandidateReport, metrics: Sequence[MetricReport]
) -> Iterable[Cell]:
    for metric in metrics:
        yield estimate(row.metrics.get(metric.name), href=cases_link(row.name, "wrong"))
        if comparison.incumbent is None:
            continue
        difference = row.versus_incumbent.get(metric.name)
        if difference is None:
            same = row.name == comparison.incumbent
            yield Cell(text=figures.MISSING, why="this is the incumbent" if same else "not available")
        else:
            yield estimate(difference, href=cases_link(row.name, "differs"), signed=True)


def _work_cells(row: CandidateReport) -> Iterable[Cell]:
    yield dollars(row, href="#costs")
    for each in (row.latency.p50, row.latency.p95, row.latency.p99):
        yield time(each, href="#latency")
    rate = row.failures.rate
    value = "" if rate.value is None else repr(rate.value)
    text = figures.percent(rate.value) + mark(rate)
    yield Cell(text=text, value=value, href=cases_link(row.name, "failed"), why=_note(rate.note))
    yield Cell(text=cases(row), value=str(row.n), href="#failures")


def checks(comparison: Comparison) -> Grid:
    """Return the test of every bar for every candidate."""
    heads = ("candidate", "bar", "value", "status", "p", "more cases to settle", "note")
    lines = []
    for row in ordered(comparison):
        for check in row.checks:
            value = figures.of_check(check)
            cells = (
                words(mathematical(check.bar)),
                Cell(text=value, href=link_of(row, check)),
                words(check.status, state=check.status),
                plain(None if check.p is None else figures.p_value(check.p)),
                plain(figures.more_cases(check.more_cases)),
                words(sentence(check.note or check.method)),
            )
            lines.append(line(comparison, row, cells))
    numeric = {"value", "p", "more cases to settle"}
    return Grid(heads=tuple((head, head in numeric) for head in heads), lines=tuple(lines))


def latency(comparison: Comparison) -> Grid:
    """Return the times with their intervals, what retries added, and under which load they were taken."""
    rows = ordered(comparison)
    streamed = any(row.latency.gaps for row in rows)
    heads = ["candidate", "p50", "p95", "p99", "first token p50", "first token p95"]
    heads += ["gaps p50 / p95 / p99"] if streamed else []
    heads += ["retried", "retries add", "taken"]
    lines = [line(comparison, row, _latency_cells(row, streamed=streamed)) for row in rows]
    return Grid(heads=tuple((head, head not in ("candidate", "taken")) for head in heads), lines=tuple(lines))


def _latency_cells(row: CandidateReport, *, streamed: bool) -> Iterable[Cell]:
    times = row.latency
    for each in (times.p50, times.p95, times.p99):
        yield time(each, ranged=True)
    yield time(times.first_token_p50, ranged=True)
    yield time(times.first_token_p95, ranged=True)
    if streamed:
        gaps = times.gaps
        known = None if gaps is None else " / ".join(map(figures.seconds, (gaps.p50, gaps.p95, gaps.p99)))
        yield plain(known)
    retries = times.retries
    yield plain(None if retries is None else figures.percent(retries.share))
    added = None if retries is None or retries.seconds is None else retries.seconds
    yield plain(None if added is None else figures.seconds(added))
    yield words(_load(row))


def _load(row: CandidateReport) -> str:
    load = row.latency.load
    how = f"{load.source}, load unknown"
    if load.mean_in_flight is not None and load.max_in_flight is not None:
        how = f"{load.source}, {load.mean_in_flight:.1f} in flight (at most {load.max_in_flight})"
    return how + cached(row)


def failures(comparison: Comparison) -> Grid:
    """Return how many trials ended without a reply, of which kinds, and what could not be scored."""
    heads = ("candidate", "cases", "missing", "withheld", "failed", "kinds", "retried", "not scored")
    lines = []
    for row in ordered(comparison):
        failed = row.failures
        text = figures.percent(failed.rate.value) + mark(failed.rate)
        rate = Cell(text=text, href=cases_link(row.name, "failed"))
        cells = (
            plain(f"{row.n:,}"),
            plain(f"{row.n_missing:,}"),
            plain(f"{row.n_withheld:,}"),
            rate,
            words(_counts(failed.kinds.items())),
            plain(f"{failed.retried:,}"),
            words(_counts(failed.score_failures.items())),
        )
        lines.append(line(comparison, row, cells))
    texts = {"candidate", "kinds", "not scored"}
    return Grid(heads=tuple((head, head not in texts) for head in heads), lines=tuple(lines))


def _counts(items: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{short(key)} {number:,}" for key, number in items) or "none"


def columns_of(grid: Grid | None, key: str) -> tuple[Column, ...]:
    """Return a table as columns of text, named after `key`; none where there is no table."""
    if grid is None:
        return ()
    names = Column(key="candidate", title="candidate", cells=tuple(each.name for each in grid.lines))
    columns = [names]
    for place, (title, numeric) in enumerate(grid.heads[1:]):
        cells = tuple(f"{each.cells[place].text} {each.cells[place].range}".strip() for each in grid.lines)
        columns.append(Column(key=f"{key}:{place}", title=title, cells=cells, right=numeric))
    return tuple(columns)
