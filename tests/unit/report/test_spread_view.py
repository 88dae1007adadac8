"""What is said of weak classes, repeats and worst slices, on every surface."""

import io
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from passmuster.records.classes import Classification
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.score import Estimate
from passmuster.records.spread import PlanReport, SliceReport, TailReport, VarianceReport
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.notes import weak_classes
from passmuster.report.spread_view import repeat_note, repeats, slices, tail_note, tails
from passmuster.report.terminal import render_terminal

VARIANCE = VarianceReport(
    metric="accuracy",
    cases=50,
    repeats=4,
    between=0.1,
    within=0.3,
    share_between=0.25,
    errors={"1": 0.07, "4": 0.05, "10": 0.047, "unlimited": 0.045},
    best=PlanReport(cases=50, repeats=4, standard_error=0.05),
    fresh=PlanReport(cases=200, repeats=1, standard_error=0.035),
    pass_at={str(k): Estimate(value=0.4 + k / 20, low=0.3, high=0.7, n=50) for k in range(1, 5)},
    pass_all={str(k): Estimate(value=0.5 - k / 20, low=0.2, high=0.6, n=50) for k in range(1, 5)},
    flips=Estimate(value=0.123, low=0.05, high=0.2, n=50),
)
TAIL = TailReport(
    metric="accuracy",
    slices=(
        SliceReport(name="stratum billing", success=Estimate(value=0.41, low=0.2, high=0.6, n=33)),
        SliceReport(name="tag \x1b[2J<b>", success=Estimate(value=0.8, low=0.6, high=0.9, n=70)),
    ),
    left_out=1,
    worst_tenth=Estimate(value=0.222, low=0.1, high=0.3, n=120),
)


def changed(comparison: Comparison, change: Callable[[CandidateReport], CandidateReport]) -> Comparison:
    return replace(comparison, candidates=tuple(map(change, comparison.candidates)))


def weakened(row: CandidateReport) -> CandidateReport:
    found = row.classification
    if found is None:
        return row
    first = replace(found.classes[0], weak=True, f1=Estimate(value=0.345, low=0.2, high=0.5), n=77)
    averages = {"accuracy": Estimate(value=0.76), "macro_f1": Estimate(value=0.66)}
    classes = (first, *found.classes[1:])
    return replace(
        row, classification=replace(found, classes=classes, averages=averages, failed=(1, 0, 0, 2, 0))
    )


def terminal(comparison: Comparison) -> str:
    console = Console(file=io.StringIO(), width=120, no_color=True, force_terminal=False)
    render_terminal(comparison, console)
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def surfaces(comparison: Comparison) -> dict[str, str]:
    return {
        "terminal": terminal(comparison),
        "markdown": render_markdown(comparison).replace("\\", ""),
        "html": render_html(comparison, ()),
    }


def test_a_weak_class_is_named_with_its_n_on_every_surface(decided: Comparison) -> None:
    for surface, text in surfaces(changed(decided, weakened)).items():
        assert "credit_card F1 0.345 [0.200, 0.500] (n 77), against an accuracy of 0.760" in text, surface


def test_in_html_a_weak_class_is_named_before_anything_else_is_shown(decided: Comparison) -> None:
    page = render_html(changed(decided, weakened), ())
    assert page.index("Weak classes") < page.index('id="matrix"')
    assert '<span class="tag">weak</span>' in page
    assert "no reply" in page
    assert "Over all classes" in page


def test_without_weak_classes_nothing_is_said_of_them(decided: Comparison) -> None:
    assert weak_classes(decided) is None
    for text in surfaces(decided).values():
        assert "Weak classes" not in text


def test_of_many_weak_classes_the_first_candidates_are_named_and_the_others_counted(
    decided: Comparison,
) -> None:
    def all_weak(row: CandidateReport) -> CandidateReport:
        found = row.classification
        if not isinstance(found, Classification):
            return row
        many = tuple(
            replace(found.classes[0], label=f"c{n}", weak=True, f1=Estimate(value=n / 100)) for n in range(25)
        )
        return replace(row, classification=replace(found, classes=many))

    note = weak_classes(changed(decided, all_weak))
    assert note is not None
    assert "c0 F1 0.000" in note.text
    assert "c19 F1" in note.text
    assert "c20 F1" not in note.text
    assert "5 more" in note.text
    assert "more candidates with such classes" in note.text


def test_repeats_and_worst_slices_are_on_every_surface(decided: Comparison) -> None:
    made = changed(decided, lambda row: replace(row, variance=VARIANCE, tail=TAIL))
    for surface, text in surfaces(made).items():
        assert "stratum billing" in text, surface
        assert "0.300 [0.200, 0.600]" in text or "[0.200, 0.600]" in text, surface
        assert "12 %" in text or "0.123" in text, surface
        assert "\x1b[2J" not in text
        assert "<b>" not in text.replace("&lt;b&gt;", ""), surface
    assert "pass^4" in surfaces(made)["html"]
    assert "with new cases 200 x 1" in surfaces(made)["markdown"]


def test_without_repeats_and_slices_there_are_no_such_tables(decided: Comparison) -> None:
    assert repeats(decided) is tails(decided) is slices(decided) is None
    assert repeat_note(decided) is tail_note(decided) is None
    assert 'id="spread"' not in render_html(decided, ())


def test_what_is_unknown_is_shown_as_missing(decided: Comparison) -> None:
    unknown = replace(
        VARIANCE, between=None, within=None, share_between=None, errors={}, best=None, fresh=None
    )
    made = changed(decided, lambda row: replace(row, variance=unknown, tail=replace(TAIL, slices=())))
    grid = repeats(made)
    assert grid is not None
    assert [cell.text for cell in grid.lines[0].cells[1:6]] == ["-"] * 5
    alike = replace(VARIANCE, fresh=VARIANCE.best)
    grid = repeats(changed(decided, lambda row: replace(row, variance=alike)))
    assert grid is not None
    assert "50 cases x 4 (0.0500)" in [cell.text for cell in grid.lines[0].cells]
    assert "lies between" not in (repeat_note(made) or "")
    assert tail_note(made) is None
    assert render_html(made, ())


def test_of_many_repeats_only_those_are_columns_that_are_known(decided: Comparison) -> None:
    known = {str(k): Estimate(value=0.5, low=0.2, high=0.8, n=50) for k in (1, 2, 3, 5, 10, 12)}
    grid = repeats(
        changed(
            decided,
            lambda row: replace(row, variance=replace(VARIANCE, repeats=12, pass_at=known, pass_all=known)),
        )
    )
    assert grid is not None
    heads = [head for head, _ in grid.heads if head.startswith("all ")]
    assert heads == [f"all {k} right (pass^{k})" for k in (2, 3, 5, 12)]
