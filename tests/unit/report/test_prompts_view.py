"""Prompts compared, on every surface."""

import io
from dataclasses import replace

from rich.console import Console

from passmuster.records.comparison import Comparison, PromptReport
from passmuster.records.prompt_effects import (
    BestReport,
    EffectReport,
    FreshReport,
    InteractionReport,
    PromptEffects,
)
from passmuster.records.score import Difference, Estimate
from passmuster.report.html import render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.prompts_view import best_note, effects_sentence, prompt_columns, prompts_view
from passmuster.report.terminal import render_terminal

GAP = Difference(value=0.041, low=0.01, high=0.072, p=0.002, n=200, method="paired t")
NONE = Difference(value=-0.003, low=-0.03, high=0.024, p=0.8, n=200, method="paired t")
BEST = BestReport(
    picked="small/shots",
    of=12,
    observed=Estimate(value=0.83, low=0.77, high=0.88, n=200),
    optimism=0.016,
    corrected=Estimate(value=0.814, low=0.752, high=0.861, n=200),
    fresh=FreshReport(
        seed=1, picked="small/terse", picked_on=100, estimate=Estimate(value=0.81, low=0.72, high=0.87, n=100)
    ),
)


def with_prompts(base: Comparison, **changes: object) -> Comparison:
    effects = PromptEffects(
        metric="accuracy",
        value="metric",
        direction="higher",
        models=("small", "<b>large</b>"),
        prompts=("plain", "shots", "terse"),
        n=200,
        n_missing=0,
        of_prompts=(
            EffectReport(level="shots", versus="plain", over=2, difference=GAP, adjusted_p=0.004),
            EffectReport(level="terse", versus="plain", over=2, difference=NONE, adjusted_p=0.8),
        ),
        of_models=(
            EffectReport(level="<b>large</b>", versus="small", over=3, difference=NONE, adjusted_p=0.8),
        ),
        interactions=(
            InteractionReport(
                model="small", prompt="shots", versus="plain", difference=GAP, adjusted_p=0.004
            ),
        ),
        best=BEST,
    )
    paired = PromptReport(candidate="small/shots", prompt="shots", versus="small/plain", difference=GAP)
    return replace(base, prompt_effects=replace(effects, **changes), prompts=(paired,))  # type: ignore[arg-type]  # any field


def test_the_sentence_says_what_prompts_do_and_whether_that_hangs_on_the_model(decided: Comparison) -> None:
    assert effects_sentence(with_prompts(decided)) == (
        "Over 2 models: shots against plain +0.041 [+0.010, +0.072]; terse against plain -0.003 [-0.030, +0.024]. "
        "It hangs on the model: for small, shots does +0.041 [+0.010, +0.072] beyond that."
    )
    even = replace(with_prompts(decided).prompt_effects.interactions[0], adjusted_p=0.4)  # type: ignore[union-attr]  # it is there
    assert "That the models differ in this is not shown." in str(
        effects_sentence(with_prompts(decided, interactions=(even,)))
    )


def test_the_best_is_told_with_what_picking_added(decided: Comparison) -> None:
    assert best_note(with_prompts(decided)) == (
        "small/shots was picked as the best of 12: its 0.830 is about 1.6 points too high. Without that it is "
        "0.814 [0.752, 0.861]. Picked on one half of the cases (100), the best is small/terse, which gets 0.810 "
        "[0.720, 0.870] on the other half, fresh to the choice."
    )
    alone = with_prompts(decided, best=replace(BEST, fresh=None))
    assert str(best_note(alone)).endswith("Without that it is 0.814 [0.752, 0.861].")


def test_a_sealed_holdout_is_the_next_step(decided: Comparison) -> None:
    sealed = replace(decided, corpus=replace(decided.corpus, holdout="sealed"))

    view, other = prompts_view(with_prompts(sealed)), prompts_view(with_prompts(decided))
    assert view is not None
    assert other is not None
    assert "passmuster corpus open --plan" in view.next_step
    assert "keep a sealed holdout" in other.next_step


def test_all_three_surfaces_say_it(decided: Comparison) -> None:
    made = with_prompts(decided)
    console = Console(file=io.StringIO(), width=300)
    render_terminal(made, console)
    told = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "Best of many: small/shots was picked as the best of 12" in told
    assert "Prompts: Over 2 models: shots against plain" in told
    text = render_markdown(made)
    assert "## Prompts" in text
    assert "| shots | prompt | plain | 2 models | +0.041 \\[+0.010, +0.072\\] | 0.004 |" in text
    page = render_html(made, ())
    assert 'id="prompts"' in page
    assert "picked as the best of 12" in page
    assert "<b>large</b>" not in page
    assert "&lt;b&gt;large" in page


def test_without_variants_no_surface_says_anything(decided: Comparison) -> None:
    assert prompts_view(decided) is None
    assert best_note(decided) is None
    assert prompt_columns(decided) == ()
    assert 'id="prompts"' not in render_html(decided, ())
    assert "## Prompts" not in render_markdown(decided)
