"""What screen found, as a page, in the terminal and in Markdown: complete, harmless, and the same figures everywhere."""

from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from passmuster.records.leaderboard import ModelMatch, PublicColumn, PublicFigure, PublicRow, PublicTable
from passmuster.records.score import Estimate
from passmuster.records.screening import (
    AgreementReport,
    ColumnReport,
    FilterReport,
    ModelPoint,
    PartAgreement,
    RankAgreement,
    Regret,
    Risk,
    ScreenedModel,
    ScreenReport,
)
from passmuster.report.screen_page import render_screen_page
from passmuster.report.screen_plots import scatter_svg, slope_svg
from passmuster.report.screen_terminal import render_screen, screen_markdown

HOSTILE = "<script>alert(1)</script>\x1b[31m|`x`\u202e\ud800"

AGREEMENT = RankAgreement(
    models=7,
    tau=Estimate(value=0.81, low=0.62, high=0.93, n=7),
    rho=Estimate(value=0.9, low=0.7, high=0.97, n=7),
    likely=0.85,
    p=0.011,
    exact=True,
)
POINTS = tuple(
    ModelPoint(
        candidate=f"model {place}" if place else HOSTILE,
        model=f"m{place}",
        public=90.0 - place,
        own=Estimate(value=0.9 - place / 20, low=0.85 - place / 20, high=0.95 - place / 20, n=100),
        public_rank=place + 1.0,
        own_rank=place + 1.0,
    )
    for place in range(7)
)
COLUMN = ColumnReport(
    table="board",
    column="Acc",
    direction="higher",
    status="agrees",
    overall=AGREEMENT,
    corrected_p=0.002,
    best_share=0.75,
    above=PartAgreement(name="public score of 80 % and more", agreement=AGREEMENT, limit=80),
    slices=(PartAgreement(name=HOSTILE, agreement=AGREEMENT, cases=50),),
    regret=Regret(
        first="model 1",
        best="model 2",
        first_score=0.8,
        best_score=0.84,
        regret=Estimate(value=0.04, low=0.0, high=0.08, n=100),
        luck=0.01,
    ),
    points=POINTS,
    sentence=f"board: Acc orders models as your task does {HOSTILE}.",
)
RISK = Risk(
    basis="measured", risk=0.123, error=0.01, assumes="a line", correlation=0.8, low=0.5, high=0.9, models=7
)
MODELS = (
    ScreenedModel(
        model=HOSTILE, public=PublicFigure(value=90.0, low=88, high=92), rank=1, kept=True, best=0.6
    ),
    ScreenedModel(
        model="dear", public=PublicFigure(value=89.0), rank=2, kept=False, why="output price $60 is over $10"
    ),
    ScreenedModel(model="new", public=None, rank=None, kept=False, why="no figure in the column"),
)
FILTER = FilterReport(
    table="board",
    column="Acc",
    direction="higher",
    rule="the first 1",
    kept=1,
    dropped=1,
    limited=1,
    unranked=1,
    risk=RISK,
    risks=(replace(RISK, basis="assumed", low=None, high=None),),
    safe=4,
    models=MODELS,
    yaml="candidates:\n  - {name: a}\n",
    sentence="1 of 2 models are kept.",
)
REPORT = ScreenReport(
    schema_version=1,
    generated="2026-11-22T08:00:00Z",
    task="my task",
    seed=1,
    tables=(
        PublicTable(
            name="board",
            path="board.csv",
            columns=(PublicColumn(name="Acc", direction="higher", n=2),),
            rows=(PublicRow(model=HOSTILE, figures={}),),
            lead="Acc",
            rows_read=3,
            notes=("total_cost is 0 in 2 rows: not recorded",),
        ),
    ),
    matches=(ModelMatch(candidate="a", table="board", how="none"),),
    filter=FILTER,
    agreement=AgreementReport(
        metric="exact_match",
        direction="higher",
        cases=100,
        columns=(COLUMN,),
        best="board: Acc",
        sentence="board: Acc predicted your task best.",
    ),
    notes=(f"in no table: {HOSTILE}",),
)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def terminal(report: ScreenReport, width: int = 100) -> str:
    out = StringIO()
    render_screen(report, Console(file=out, width=width, no_color=True, highlight=False))
    return out.getvalue()


def test_the_page_runs_nothing_and_shows_hostile_names_as_text() -> None:
    page = render_screen_page(REPORT)
    seen = _Seen()
    seen.feed(page)
    assert "script" not in seen.tags
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.encode()


@pytest.mark.parametrize(
    "words", ["+0.81", "12 %", "predicted your task best", "output price $60", "not recorded"]
)
def test_the_same_figures_are_on_the_page_in_the_terminal_and_in_markdown(words: str) -> None:
    for made in (render_screen_page(REPORT), terminal(REPORT), screen_markdown(REPORT).replace("\\", "")):
        assert words in made


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_gets_no_control_characters_at_any_width(width: int) -> None:
    out = terminal(REPORT, width)
    assert "\x1b" not in out
    assert out.isprintable() or set(filter(lambda each: not each.isprintable(), out)) <= {"\n"}


def test_markdown_has_no_markup_from_outside() -> None:
    text = screen_markdown(REPORT)
    assert "<script>" not in text
    assert "\x1b" not in text


def test_the_pictures_tell_the_best_and_the_first_by_shape() -> None:
    picture = scatter_svg(COLUMN, "exact_match", "s")
    assert picture is not None
    assert "model 1" in picture
    order = slope_svg(COLUMN, "o")
    assert order is not None
    assert "<script>" not in order
    nobody = replace(COLUMN, points=())
    assert scatter_svg(nobody, "m", "s") is None
    assert slope_svg(nobody, "o") is None


def test_without_own_scores_and_without_a_filter_there_is_still_a_page() -> None:
    bare = replace(REPORT, agreement=None, filter=None, task=None)
    assert "nothing is filtered" in render_screen_page(bare)
    assert "nothing is filtered" in terminal(bare)
    assert "models are worth asking" in render_screen_page(replace(REPORT, agreement=None))


def test_of_many_columns_the_terminal_shows_some_and_says_so() -> None:
    assert REPORT.agreement is not None
    many = replace(REPORT, agreement=replace(REPORT.agreement, columns=(COLUMN,) * 30))
    assert "the first 8 of 30" in terminal(many)
