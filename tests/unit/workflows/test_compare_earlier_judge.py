"""What was drawn by the verdicts of an earlier judge is weighed back, from the draws to the report and the bar."""

import numpy as np
import pytest
from tests.unit.workflows.test_compare_judged import FAVOURED, HONEST, JUDGE, SPEC, Judged

from passmuster.corpus.versions.content import corpus_version
from passmuster.decide.judging.book import RatingBook
from passmuster.records.case import Case
from passmuster.records.rating import Draw, Drawn, Rating, reply_digest
from passmuster.records.task import Bar, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare
from passmuster.workflows.rating.drawing import populations

CASES, EACH = 500, 30
BOTH = (FAVOURED, HONEST)


def test_ratings_drawn_by_an_earlier_judge_are_weighed_back() -> None:
    rng = np.random.default_rng(4)
    truth = {f"{each.name} {n}": float(rng.random() < 0.8) for each in BOTH for n in range(CASES)}
    verdicts = {text: good if rng.random() < 0.6 else 1 - good for text, good in truth.items()}
    # The earlier judge knew: as many replies were drawn of the good ones as of the bad ones.
    whole = [
        Drawn(
            case=str(n),
            input="",
            candidate=each.name,
            reply=reply_digest(Reply(text=f"{each.name} {n}")),
            stratum="pass" if truth[f"{each.name} {n}"] else "fail",
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
    ratings = [
        Rating(
            case=item.case,
            reply=item.reply,
            metric="quality",
            value=float(item.stratum == "pass"),
            rater="ana",
            kind="human",
        )
        for item in items
    ]
    draw = Draw(
        id="d",
        metric="quality",
        purpose="calibration",
        time=1.0,
        seed=0,
        judge="earlier",
        items=items,
        populations=populations(whole),
    )
    task = Task(name="t", metrics=(SPEC,), bars=(Bar(metric="quality", at_least=0.65),), incumbent="honest")
    corpus = corpus_version([Case(id=str(n), input=f"q{n}", reference="r") for n in range(CASES)], "c.jsonl")
    question = Question(
        task=task,
        metrics=(Judged(verdicts=verdicts),),
        corpus=corpus,
        candidates=BOTH,
        judges=(JUDGE,),
        book=RatingBook(ratings, draws=[draw]),
    )
    trials = [
        Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=Reply(text=f"{ask.candidate.name} {ask.case.id}"),
            attempts=(Attempt(started=1.0, seconds=0.25),),
        )
        for ask in plan(corpus.cases, BOTH, 1)
    ]
    found, _ = compare(question, iter(trials), lambda _: trials, generated="2026-01-01T00:00:00Z")

    for row in found.candidates:
        share = np.mean([truth[f"{row.name} {n}"] for n in range(CASES)])
        # Taken as they come, half of the ratings are good.
        assert row.metrics["quality"].value == pytest.approx(share, abs=0.04)
        assert row.checks[0].value == pytest.approx(share, abs=0.05)
    assert abs(found.candidates[0].versus_incumbent["quality"].value or 1.0) < 0.1
