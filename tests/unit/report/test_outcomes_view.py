"""How candidates fail, on every surface."""

import io
from dataclasses import replace

from rich.console import Console

from passmuster.records.comparison import Answer, ApartReport, CaseEvidence, Comparison, PopulationReport
from passmuster.records.outcomes import OutcomeReport, Turn
from passmuster.records.score import Estimate
from passmuster.report.html import render_html
from passmuster.report.outcomes_view import (
    outcome_columns,
    outcome_note,
    outcomes,
    outcomes_apart,
    outcomes_svg,
)
from passmuster.report.show import render_case


def share(value: float) -> Estimate:
    return Estimate(value=value, low=max(0.0, value - 0.05), high=min(1.0, value + 0.05), n=100)


REPORT = OutcomeReport(
    correct=share(0.7),
    silent=share(0.21),
    loud=share(0.05),
    unjudged=share(0.04),
    kinds={"refusal": share(0.06), "hedged": share(0.03)},
    refusals=share(0.06),
    severity=Estimate(value=1.23, low=1.1, high=1.4, n=100),
    unknown=4,
)

TURNED: tuple[tuple[str, Turn], ...] = (("a", "correct"), ("b", "silent_failure"), ("c", "gave_up"))


def failing(comparison: Comparison) -> Comparison:
    rows = tuple(
        replace(row, outcomes=REPORT if number < 2 else None)
        for number, row in enumerate(comparison.candidates)
    )
    apart = PopulationReport(
        name="adversarial",
        cases=12,
        candidates=(
            ApartReport(
                candidate=rows[0].name,
                metrics={},
                success=share(0.1),
                failures=share(0.0),
                outcomes=replace(REPORT, silent=share(0.9)),
            ),
        ),
    )
    return replace(comparison, candidates=rows, apart=(apart,))


def test_the_table_has_the_kinds_that_occur_and_the_severity(decided: Comparison) -> None:
    grid = outcomes(failing(decided))

    assert grid is not None
    heads = [head for head, _ in grid.heads]
    assert heads[1:4] == ["correct", "silent failures", "loud failures"]
    assert heads[4:] == [
        "refusal",
        "hedged",
        "refused though an answer is expected",
        "severity",
        "not to be judged",
    ]
    assert len(grid.lines) == 2
    assert [cell.text for cell in grid.lines[0].cells] == [
        *("0.700", "0.210", "0.050", "0.060", "0.030"),
        *("0.060", "1.230", "0.040"),
    ]


def test_cases_measured_apart_have_their_own(decided: Comparison) -> None:
    grid = outcomes_apart(failing(decided))
    assert grid is not None
    assert "adversarial: silent" in [head for head, _ in grid.heads]


def test_the_page_has_the_section_with_its_picture(decided: Comparison) -> None:
    page = render_html(failing(decided), [])
    assert 'id="outcomes"' in page
    assert "outcomes-plot" in page
    assert "outcomes-title" not in render_html(decided, [])


def test_the_picture_says_each_share(decided: Comparison) -> None:
    svg = outcomes_svg(failing(decided))
    assert svg is not None
    assert "silent 21 %" in svg


def test_columns_and_the_sentence_name_the_loud_kinds_with_the_most_frequent_first(
    decided: Comparison,
) -> None:
    found = failing(decided)
    assert outcome_columns(found)[-1].cells[0] == "refusal 6 %, hedged 3 %"
    note = outcome_note(found)
    assert note is not None
    assert note.endswith(
        "is silently wrong in 21 %, loudly in 5 % (refusal 6 %, hedged 3 %); 4 % cannot be judged."
    )
    all_known = replace(
        found, candidates=(replace(found.candidates[0], outcomes=replace(REPORT, unknown=0)),)
    )
    assert str(outcome_note(all_known)).endswith("(refusal 6 %, hedged 3 %).")


def test_where_nothing_can_be_judged_no_share_is_none(decided: Comparison) -> None:
    unknown = Estimate(value=None, low=None, high=None, n=0, n_missing=10)
    nothing = OutcomeReport(correct=unknown, silent=unknown, loud=unknown, unknown=10, unjudged=share(1.0))
    found = failing(decided)
    rows = (found.candidates[0], replace(found.candidates[1], outcomes=nothing))
    grid = outcomes(replace(found, candidates=rows))
    assert grid is not None
    cells = [[cell.text for cell in line.cells] for line in grid.lines]
    assert ["-", "-", "-", "-", "-", "-", "-", "1.000"] in cells


def test_nothing_is_said_where_nothing_is_known(decided: Comparison) -> None:
    assert outcomes(decided) is None
    assert outcomes_apart(decided) is None
    assert outcomes_svg(decided) is None
    assert outcome_columns(decided) == ()
    assert outcome_note(decided) is None


def test_show_names_what_became_of_an_answer() -> None:
    answers = tuple(
        Answer(candidate=name, text="x", failure=None, scores={}, turn=turn) for name, turn in TURNED
    )
    case = CaseEvidence(
        id="1",
        category="typical",
        stratum=None,
        input="?",
        reference="x",
        answers=answers,
        right=("a",),
        disputed=True,
    )
    console = Console(file=io.StringIO(), record=True, width=100)
    render_case(case, console)
    text = console.export_text()
    assert "a: right\n" in text
    assert "b: not right, silent failure" in text
    assert "c: not right, gave up" in text
