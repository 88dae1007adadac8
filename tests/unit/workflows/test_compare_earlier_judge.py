"""What was drawn by the verdicts of an earlier judge is weighed back, from the draws to the report and the bar."""

from collections.abc import Mapping

import numpy as np
import pytest
from tests.unit.workflows.test_compare_judged import FAVOURED, HONEST, JUDGE, SPEC, Judged

from passmuster.corpus.versions.content import corpus_version
from passmuster.decide.judging.book import RatingBook
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.rating import Draw, Drawn, Rating, reply_digest
from passmuster.records.task import Bar, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare
from passmuster.workflows.rating.drawing import populations

CASES, EACH = 500, 30
BOTH = (FAVOURED, HONEST)


def reply_of(candidate: Candidate, n: int) -> str:
    return f"{candidate.name} {n}"


def drawn_by_truth(truth: Mapping[str, float]) -> Draw:
    """As many of the good replies as of the bad ones: the earlier judge knew."""
    whole = [
        Drawn(
            case=str(n),
            input="",
            candidate=each.name,
            reply=reply_digest(Reply(text=reply_of(each, n))),
            stratum="pass" if truth[reply_of(each, n)] else "fail",
        )
        for each in BOTH
        for n in range(CASES)
    ]
    items = tuple(
        item
        for each in BOTH
        for stratum in ("pass", "fail")
        for item in [one for one in whole if (one.candidate, one.stratum) == (each.name, stratum)][:EACH]
    )
    return Draw(
        id="d",
        metric="quality",
        purpose="calibration",
        time=1.0,
        seed=0,
        judge="earlier",
        items=items,
        populations=populations(whole),
    )


def rating(item: Drawn) -> Rating:
    value = float(item.stratum == "pass")
    return Rating(case=item.case, reply=item.reply, metric="quality", value=value, rater="ana", kind="human")


def compared(verdicts: Mapping[str, float], draw: Draw) -> Comparison:
    bars = (Bar(metric="quality", at_least=0.65),)
    corpus = corpus_version([Case(id=str(n), input=f"q{n}", reference="r") for n in range(CASES)], "c.jsonl")
    question = Question(
        task=Task(name="t", metrics=(SPEC,), bars=bars, incumbent="honest"),
        metrics=(Judged(verdicts=verdicts),),
        corpus=corpus,
        candidates=BOTH,
        judges=(JUDGE,),
        book=RatingBook([rating(item) for item in draw.items], draws=[draw]),
    )
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text=reply_of(ask.candidate, int(ask.case.id))),
            attempts=(Attempt(started=1.0, seconds=0.25),),
        )
        for ask in plan(corpus.cases, BOTH, 1)
    ]
    return compare(question, iter(trials), lambda _: trials, generated="2026-01-01T00:00:00Z")[0]


def test_ratings_drawn_by_an_earlier_judge_are_weighed_back() -> None:
    rng = np.random.default_rng(4)
    truth = {reply_of(each, n): float(rng.random() < 0.8) for each in BOTH for n in range(CASES)}
    verdicts = {text: good if rng.random() < 0.6 else 1 - good for text, good in truth.items()}

    found = compared(verdicts, drawn_by_truth(truth))

    for row, each in zip(found.candidates, BOTH, strict=True):
        share = np.mean([truth[reply_of(each, n)] for n in range(CASES)])
        # Taken as they come, half of the ratings are good.
        assert row.metrics["quality"].value == pytest.approx(share, abs=0.04)
        assert row.checks[0].value == pytest.approx(share, abs=0.05)
    assert abs(found.candidates[0].versus_incumbent["quality"].value or 1.0) < 0.1
