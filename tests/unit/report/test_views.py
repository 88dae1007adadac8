"""The tables of the HTML report: what was withheld, taken from the cache or retried is told beside the figures."""

from dataclasses import replace

from passmuster.records.comparison import Comparison, GapReport, RetryReport
from passmuster.report import notes, views
from passmuster.report.rows import cases


def _changed(comparison: Comparison) -> Comparison:
    first, *others = comparison.candidates
    latency = replace(
        first.latency,
        retries=RetryReport(share=0.125, attempts=1.25, seconds=0.5),
        gaps=GapReport(p50=0.01, p95=0.05, p99=0.25, n=1000),
        replies=900,
        cached=300,
    )
    return replace(comparison, candidates=(replace(first, latency=latency, n_withheld=40), *others))


def _cells(grid: views.Grid, name: str) -> dict[str, str]:
    line = next(line for line in grid.lines if line.name == name)
    heads = [head for head, _ in grid.heads if head != "candidate"]
    return dict(zip(heads, (cell.text for cell in line.cells), strict=True))


def test_the_latency_table_shows_gaps_retries_and_what_came_from_the_cache(decided: Comparison) -> None:
    comparison = _changed(decided)
    cells = _cells(views.latency(comparison), comparison.candidates[0].name)
    assert cells["gaps p50 / p95 / p99"] == "10 ms / 50 ms / 250 ms"
    assert (cells["retried"], cells["retries add"]) == ("12 %", "500 ms")
    assert cells["taken"].endswith("300 of 900 replies from the cache left out")
    assert "300 of 900 replies from the cache left out" in (notes.load(comparison) or "")


def test_without_a_stream_there_is_no_column_of_gaps(decided: Comparison) -> None:
    assert "gaps p50 / p95 / p99" not in dict(views.latency(decided).heads)


def test_withheld_cases_stand_beside_the_missing_ones(decided: Comparison) -> None:
    row = _changed(decided).candidates[0]
    assert cases(row) == f"{row.n:,}, 40 withheld"
    assert _cells(views.failures(_changed(decided)), row.name)["withheld"] == "40"
