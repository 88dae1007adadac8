"""A self-check in the terminal and as a page: every state is said in words, and hostile names do nothing."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from passmuster.records.promises import OwnResult, OwnState, PromiseResult, PromiseState, SelfcheckReport
from passmuster.records.score import Estimate
from passmuster.report.selfcheck_page import render_selfcheck_page
from passmuster.report.selfcheck_terminal import render_selfcheck
from passmuster.report.selfcheck_words import STATES, headline, own_headline

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e\n::error::|]]>\ud800"
RATE = Estimate(value=0.04, low=0.03, high=0.05, n=1000)


def promise(state: PromiseState = "holds", name: str = "cheapest") -> PromiseResult:
    return PromiseResult(
        name=name,
        says="It does.",
        counts="runs",
        naive="guess",
        used=("compare",),
        repetitions=1000,
        limit=0.05,
        tolerated=0.07,
        error=0.007,
        observed=RATE,
        shortcut=replace(RATE, value=0.9, low=0.88, high=0.92),
        state=state,
        sentence="What was seen.",
    )


def own(state: OwnState = "holds", metric: str = "accuracy", candidate: str = "a") -> OwnResult:
    return OwnResult(
        test="compare",
        metric=metric,
        way="repeats",
        candidates=(candidate,),
        cases=100,
        groups=None,
        differing=9,
        draws=400,
        limit=0.05,
        tolerated=0.09,
        alarms=RATE,
        state=state,
        sentence="What was dealt.",
        naive="any slice falls",
        shortcut=RATE,
    )


def report(
    promises: tuple[PromiseResult, ...] = (), mine: tuple[OwnResult, ...] = (), missing: str | None = None
) -> SelfcheckReport:
    return SelfcheckReport(
        schema_version=1,
        version="1",
        generated="2026-01-01T00:00:00Z",
        seed=0,
        promises=promises,
        task="t" if mine or missing else None,
        own=mine,
        own_missing=missing,
    )


def printed(found: SelfcheckReport) -> str:
    stream = io.StringIO()
    render_selfcheck(found, Console(file=stream, width=120, no_color=True))
    return stream.getvalue()


@pytest.mark.parametrize("state", ["holds", "broken", "blunt"])
def test_a_state_is_a_word_in_every_form(state: PromiseState) -> None:
    found = report((promise(state),))

    for text in (printed(found), render_selfcheck_page(found)):
        assert STATES[state][0] in text
        assert headline(found) in text
        assert ("What was seen." in text) or state == "holds"


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("holds", "holds"), "all 2 tests keep their rate"),
        (("holds", "too_few"), "1 of 2 tests keep their rate of false alarms; for 1 the sides have too few"),
        (("too_few", "too_few"), "too much alike, to tell for any of 2"),
        (("holds", "broken"), "1 of 2 tests raise more false alarms than promised"),
    ],
)
def test_what_own_trials_say_is_a_sentence(states: tuple[OwnState, OwnState], said: str) -> None:
    found = report(mine=(own(states[0]), own(states[1], "other")))

    assert said in (own_headline(found) or "")
    assert said in " ".join(printed(found).split())
    assert said in render_selfcheck_page(found)


def test_why_there_is_no_a_a_run_is_told() -> None:
    found = report((promise(),), missing="nobody was asked twice. Next: passmuster run")

    assert "nobody was asked twice. Next: passmuster run" in printed(found)
    assert "nobody was asked twice" in render_selfcheck_page(found)


def test_hostile_names_do_nothing() -> None:
    found = report((promise(),), (own(metric=HOSTILE, candidate=HOSTILE),))
    found = replace(found, task=HOSTILE)
    text, page = printed(found), render_selfcheck_page(found)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n::error" not in text
    assert "<script" not in page
    assert "\u202e" not in page
    page.encode("utf-8")


def test_a_page_draws_the_limit_the_rate_and_the_shortcut_of_each_promise() -> None:
    page = render_selfcheck_page(report((promise(), promise("broken", "every-bar"))))

    assert page.count("<svg") > 1
    assert "cheapest: What was seen." in page
    assert "every-bar" in page
    assert re.search(r"Skip to the promises", page)


def test_a_page_of_own_trials_alone_has_no_empty_section() -> None:
    page = render_selfcheck_page(report(mine=(own(),)))

    assert 'id="promises"' not in page
    assert 'id="own"' in page


def test_each_sentence_of_a_page_has_its_own_mark() -> None:
    """A broken test on one's own trials does not mark the promises, and what was not checked has no mark at all."""
    page = render_selfcheck_page(report((promise(),), (own("broken"), own("holds", "other"))))
    hero = page.partition("</section>")[0]
    assert re.search(r"status s-pass\">.*The promise holds", hero)
    assert re.search(r"status s-fail\">.*On your own trials 1 of 2", hero)

    alone = render_selfcheck_page(report(mine=(own("too_few"),))).partition("</section>")[0]
    assert "No promise was checked" not in alone
    assert 'class="status s-pass' not in alone
