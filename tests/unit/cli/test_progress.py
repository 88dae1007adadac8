import sys

import pytest

from passmuster.cli.options import Printing
from passmuster.cli.progress import duration, told
from passmuster.records.trial import Failure, Reply, Trial, TrialKey


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


def trial(*, failed: bool = False) -> Trial:
    outcome = Failure(kind="timeout", message="") if failed else Reply(text="x")
    return Trial(key=TrialKey("a", "b", 0), case_id="1", outcome=outcome, attempts=())


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")


def go_on(costs: list[float | None], *, quiet: bool = False) -> None:
    clock = Clock()
    with told(Printing(json=False, quiet=quiet, color=False), clock) as progress:
        progress.planned(10, 4)
        for index, cost in enumerate(costs):
            clock.time += 5
            progress.finished(trial(failed=index == 0), cost)


def test_lines_say_the_plan_rate_spend_and_the_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    go_on([0.5, 0.25, 0.25])
    assert capsys.readouterr().err.splitlines() == [
        "run: 10 trials",
        "run: 6/10 trials · 4 done before · 1 failed · 0.2/s · spend $0.7500 · 20 s left",
    ]


def test_an_unknown_cost_makes_the_spend_a_lower_bound(capsys: pytest.CaptureFixture[str]) -> None:
    go_on([0.5, None])
    assert "spend >= $0.5000" in capsys.readouterr().err


def test_a_bar_is_drawn_and_taken_away_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(monkeypatch)
    go_on([0.5, 0.25, 0.25])
    drawn = capsys.readouterr().err
    assert "7/10 trials" in drawn
    assert drawn.endswith("\x1b[2K")


def test_under_quiet_nothing_is_told_even_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_terminal(monkeypatch)
    go_on([0.5, 0.25, 0.25], quiet=True)
    assert capsys.readouterr().err == ""


def test_what_a_line_holds_cannot_change_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    printing = Printing(json=False, quiet=False, color=False)
    printing.say("two\nlines \x1b[31mred\x07\u202e")
    assert capsys.readouterr().err == "two\nlines \\x1b[31mred\\x07\\u202e\n"


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59.5, "1 min 0 s"), (3599.5, "1 h 0 min")])
def test_time_is_rounded_up(seconds: float, text: str) -> None:
    assert duration(seconds) == text
