import io

import pytest
from rich.console import Console

from passmuster.cli.progress import BarProgress, LineProgress, duration
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


def told(*, bar: bool, costs: list[float | None]) -> str:
    stream, clock = io.StringIO(), Clock()
    console = Console(file=stream, width=120, force_terminal=bar, no_color=True)
    with (BarProgress if bar else LineProgress)(console, clock) as progress:
        progress.planned(10, 4)
        for index, cost in enumerate(costs):
            clock.time += 5
            progress.finished(trial(failed=index == 0), cost)
    return stream.getvalue()


def test_lines_say_the_plan_rate_spend_and_the_time_left() -> None:
    lines = told(bar=False, costs=[0.5, 0.25, 0.25]).splitlines()
    assert lines == [
        "run: 10 trials",
        "run: 6/10 trials · 4 done before · 1 failed · 0.2/s · spend $0.7500 · 20 s left",
    ]


def test_an_unknown_cost_makes_the_spend_a_lower_bound() -> None:
    assert "spend >= $0.5000" in told(bar=False, costs=[0.5, None])


def test_a_bar_is_drawn_and_taken_away_on_a_terminal() -> None:
    assert "trials" in told(bar=True, costs=[0.5, 0.25, 0.25])


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59.5, "1 min 0 s"), (3599.5, "1 h 0 min")])
def test_time_is_rounded_up(seconds: float, text: str) -> None:
    assert duration(seconds) == text
