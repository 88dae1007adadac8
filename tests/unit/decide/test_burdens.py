"""Outages and rate limits count a trial once, whether a retry helped or not."""

import pytest

from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Attempt, Failure, FailureKind, Reply, Source, Trial, TrialKey

COST = TrialCost(tokens=0.0, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="reported")
RIGHT = Attempt(started=0.0, seconds=0.5)


def bad(kind: FailureKind) -> Attempt:
    return Attempt(started=0.0, seconds=0.1, error=kind)


def measured(*trials: tuple[Attempt, ...], source: Source = "measured") -> Measured:
    sheet = Sheet(Candidate(name="a", provider="openai"), Layout(cases=len(trials), repeats=1, binary={}))
    for place, attempts in enumerate(trials):
        error = attempts[-1].error
        trial = Trial(
            key=TrialKey(str(place), "c", 0),
            case_id=str(place),
            outcome=Reply(text="x") if error is None else Failure(kind=error, message=""),
            attempts=attempts,
            source=source,
        )
        sheet.enter(place, trial, {}, COST)
    return sheet.measured()


def test_an_outage_counts_once_whether_a_retry_helped_or_not() -> None:
    account = measured(
        (RIGHT,),
        (bad("timeout"), bad("server_error"), RIGHT),
        (bad("connection"),),
        (bad("rate_limit"), RIGHT),
        (bad("rate_limit"), bad("timeout")),
        (bad("bad_request"),),
    ).account
    assert (account.asked, account.outages, account.rate_limited) == (6, 3, 2)


@pytest.mark.parametrize("kind", ["auth", "quota", "malformed", "internal"])
def test_other_errors_are_no_outage(kind: FailureKind) -> None:
    account = measured((bad(kind),)).account
    assert (account.outages, account.rate_limited) == (0, 0)
