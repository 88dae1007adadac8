"""With high stakes, what people rated and when is read off the book while trials are gone through."""

from datetime import UTC, datetime

import pytest

from passmuster.decide.judging.book import RatingBook
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case, case_digest
from passmuster.records.comparison import VerdictReport
from passmuster.records.corpus import CorpusVersion
from passmuster.records.rating import Choice, Rating, reply_digest
from passmuster.records.task import Bar, MetricSpec, Stakes, Task
from passmuster.records.trial import Reply, Trial
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

SPEC = MetricSpec(name="accuracy", kind="exact_match")
CASES = tuple(Case(id=str(place), input=f"text {place}", reference="yes") for place in range(100))
REPLY = Reply(text="yes")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = 86400.0


def rating(place: int, *, age: float = 1.0, **changes: object) -> Rating:
    given = {
        "case": str(place),
        "reply": reply_digest(REPLY),
        "metric": "anything",
        "value": 1.0,
        "rater": "ana",
        "kind": "human",
        "time": NOW.timestamp() - age * DAY,
        **changes,
    }
    return Rating(**given)  # type: ignore[arg-type]  # test data


def verdict(book: RatingBook, stakes: Stakes | None = Stakes()) -> VerdictReport:  # noqa: B008 - a frozen record
    candidate = Candidate(name="a", provider="openai", model="a")
    question = Question(
        task=Task(name="t", metrics=(SPEC,), bars=(Bar(metric="accuracy", at_least=0.5),), stakes=stakes),
        metrics=(build_metric(SPEC),),
        corpus=CorpusVersion(version="v", path="p", split="eval", cases=CASES),
        candidates=(candidate,),
        book=book,
    )
    trials = [
        Trial(key=ask.key, case_id=ask.case.id, outcome=REPLY, attempts=())
        for ask in plan(CASES, [candidate], 1)
    ]
    found, _ = compare(question, iter(trials), lambda _cases: trials, generated=NOW.isoformat())
    return found.candidates[0].verdict


def test_ratings_of_any_question_let_a_candidate_pass() -> None:
    assert verdict(RatingBook(map(rating, range(20)))).status == "pass"
    assert verdict(RatingBook(map(rating, range(19)))).more_ratings == 1
    assert verdict(RatingBook(), None).status == "pass"


@pytest.mark.parametrize(
    "changes",
    [
        {"age": 31.0},
        {"time": None},
        {"value": None},
        {"kind": "machine"},
        {"reply": reply_digest(Reply(text="another"))},
        {"input": case_digest(Case(id="0", input="as it was before"))},
    ],
)
def test_what_is_old_or_of_something_else_or_nobodys_does_not_count(changes: dict[str, object]) -> None:
    ratings = [rating(place, **changes) for place in range(20)]  # type: ignore[arg-type]  # test data
    assert verdict(RatingBook(ratings)).more_ratings == 20


def test_choices_are_a_look_at_both_replies() -> None:
    other = reply_digest(Reply(text="another"))
    sides = [(reply_digest(REPLY), other), (other, reply_digest(REPLY))]
    choices = [
        Choice(
            case=str(place),
            first=sides[place % 2][0],
            second=sides[place % 2][1],
            metric="preferred",
            chosen="tie",
            rater="ana",
            kind="human",
            time=NOW.timestamp() - DAY,
        )
        for place in range(20)
    ]
    assert verdict(RatingBook((), choices)).status == "pass"


def test_the_newest_of_several_ratings_counts() -> None:
    ratings = [rating(place, age=age) for place in range(20) for age in (90.0, 2.0, 60.0)]
    assert verdict(RatingBook(ratings)).status == "pass"
