"""A judge's figure is what people make of it, from trials to the report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import ClassVar

import numpy as np
import pytest
from rich.console import Console

from passmuster.corpus.versions.content import corpus_version
from passmuster.decide.judging.book import RatingBook
from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.metrics.metric import Bounds, Summary
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.judged import JudgeReport
from passmuster.records.rating import Draw, Drawn, Rating, reply_digest
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.records.trial import Attempt, Reply, Trial
from passmuster.report.html import render_html
from passmuster.report.judged_view import judge_note
from passmuster.report.markdown import render_markdown
from passmuster.report.terminal import render_terminal
from passmuster.runner.plan import plan
from passmuster.workflows.compare import Question, compare

SPEC = MetricSpec(name="quality", kind="judge")
FAVOURED, HONEST = (Candidate(name=name, provider="openai", model=name) for name in ("favoured", "honest"))
JUDGE = JudgeReport(
    metric="quality", asks=("big",), models=("big-1",), version="0123456789ab", question="polite"
)
RUBRIC = Rubric(criteria=(Criterion(name="polite", question="Is it?"),), low=0, high=1)
CASES = 1000
LABELS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Record):
    """A judge whose verdicts are known beforehand, by the text of the reply."""

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    summary: ClassVar[Summary] = "mean"
    asks: ClassVar[str] = "big"
    independent: ClassVar[bool] = False
    at_its_word: ClassVar[bool] = False

    verdicts: Mapping[str, float]
    name: str = "quality"
    rubric: Rubric = RUBRIC

    @property
    def bounds(self) -> Bounds:
        return self.rubric.bounds

    @property
    def binary(self) -> bool:
        return self.rubric.binary

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        value = self.verdicts.get(reply.text)
        return ScoreFailure(kind="judge_unreadable", message="?") if value is None else Score(value=value)


@dataclass(frozen=True, slots=True)
class World:
    """Replies of two candidates, who are equally good, and a judge who favours the first."""

    verdicts: Mapping[str, float]
    truth: Mapping[str, float]

    def ratings(self, number: int, *, drawn: str | None = "d1") -> list[Rating]:
        draw = np.random.default_rng(5)
        found = []
        for candidate in (FAVOURED, HONEST):
            for n in draw.permutation(CASES)[:number]:
                text = f"{candidate.name} {n}"
                digest = reply_digest(Reply(text=text))
                found.append(
                    Rating(
                        case=str(n),
                        reply=digest,
                        metric="quality",
                        value=self.truth[text],
                        rater=f"rater {n % 3}",
                        kind="human",
                        candidate=candidate.name,
                        time=1_700_000_000.0,
                        draw=drawn,
                    )
                )
        return found

    def compared(
        self,
        ratings: Sequence[Rating] = (),
        *,
        task: Task | None = None,
        judge: JudgeReport = JUDGE,
        per_group: int = 1,
    ) -> Comparison:
        task = task or Task(name="t", metrics=(SPEC,), bars=(Bar(metric="quality", at_least=0.7),))
        cases = [
            Case(
                id=str(n),
                input=f"q{n}",
                reference="r",
                group=None if per_group == 1 else str(n // per_group),
            )
            for n in range(CASES)
        ]
        corpus = corpus_version(cases, "cases.jsonl")
        question = Question(
            task=task,
            metrics=(Judged(verdicts=self.verdicts),),
            corpus=corpus,
            candidates=(FAVOURED, HONEST),
            judges=(judge,),
            book=RatingBook(ratings, draws=_draws(ratings)),
        )
        trials = [
            Trial(
                key=ask.key,
                case_id=ask.case.id,
                outcome=Reply(text=f"{ask.candidate.name} {ask.case.id}"),
                attempts=(Attempt(started=1.0, seconds=0.25),),
            )
            for ask in plan(corpus.cases, (FAVOURED, HONEST), task.repeats)
        ]
        found, _ = compare(question, iter(trials), lambda _: trials, generated="2026-01-01T00:00:00Z")
        return found


def _draws(ratings: Sequence[Rating]) -> list[Draw]:
    items = tuple(
        Drawn(case=each.case, input="", candidate=each.candidate or "", reply=each.reply)
        for each in ratings
        if each.draw is not None
    )
    return [Draw(id="d1", metric="quality", purpose="calibration", time=1.0, seed=0, items=items)]


@pytest.fixture(scope="module")
def world() -> World:
    draw = np.random.default_rng(3)
    verdicts, truth = {}, {}
    for candidate, sensitivity, specificity in ((FAVOURED, 0.98, 0.4), (HONEST, 0.9, 0.9)):
        good = draw.random(CASES) < 0.8
        passed = draw.random(CASES) < np.where(good, sensitivity, 1 - specificity)
        for n in range(CASES):
            text = f"{candidate.name} {n}"
            truth[text], verdicts[text] = float(good[n]), float(passed[n])
    return World(verdicts=verdicts, truth=truth)


def test_ratings_take_back_what_the_judge_gives_its_favourite(world: World) -> None:
    alone, corrected = world.compared(), world.compared(world.ratings(LABELS))

    raw = [row.metrics["quality"] for row in alone.candidates]
    found = [row.metrics["quality"] for row in corrected.candidates]
    truths = [np.mean([world.truth[f"{row.name} {n}"] for n in range(CASES)]) for row in alone.candidates]

    assert raw[0].low is not None
    assert raw[0].low > truths[0] + 0.05  # the naive figure is sure, and wrong
    for estimate, truth in zip(found, truths, strict=True):
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < truth < estimate.high
        assert "120 rated of 1,000" in estimate.method


def test_the_difference_of_two_candidates_is_corrected_too(world: World) -> None:
    task = Task(name="t", metrics=(SPEC,), incumbent="honest")
    raw = world.compared(task=task).candidates[0].versus_incumbent["quality"]
    found = world.compared(world.ratings(LABELS), task=task).candidates[0].versus_incumbent["quality"]

    assert raw.low is not None
    assert raw.low > 0.05
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high


def test_no_bar_is_met_by_a_judge_whom_nobody_has_checked(world: World) -> None:
    alone, corrected = world.compared(), world.compared(world.ratings(LABELS))

    assert [row.verdict.status for row in alone.candidates] == ["undecided", "undecided"]
    assert "not calibrated: 20 more replies" in (alone.candidates[0].checks[0].note or "")
    assert [row.verdict.status for row in corrected.candidates] == ["pass", "pass"]


def test_a_judge_can_be_taken_at_its_word(world: World) -> None:
    found = world.compared(judge=replace(JUDGE, trust="at_its_word"))

    assert found.candidates[0].verdict.status == "pass"
    assert found.candidates[0].judged["quality"].trust == "at_its_word"


def test_the_test_of_a_bar_agrees_with_the_corrected_interval(world: World) -> None:
    corrected = world.compared(world.ratings(LABELS)).candidates[0].metrics["quality"]
    assert corrected.low is not None
    limits = (corrected.low - 0.02, corrected.low + 0.05)
    statuses = []
    for limit in limits:
        task = Task(name="t", metrics=(SPEC,), bars=(Bar(metric="quality", at_least=limit),))
        statuses.append(world.compared(world.ratings(LABELS), task=task).candidates[0].checks[0].status)

    assert statuses == ["meets", "undecided"]


def test_what_is_unchecked_akin_or_counted_by_a_judge_is_said_before_all(world: World) -> None:
    judge = replace(JUDGE, akin={"favoured": "of the same family"}, remarks=("The judge has moved.",))
    warnings = world.compared(judge=judge).decision.warnings
    checked = world.compared(world.ratings(LABELS), judge=judge).decision.warnings

    assert "The judge has moved." in warnings
    assert any("can meet no bar: quality of favoured and honest." in warning for warning in warnings)
    assert any("favoured is of the same family" in warning for warning in warnings)
    assert any("counted with what the judge of quality says" in warning for warning in warnings)
    assert not any("can meet no bar" in warning for warning in checked)


def test_nobody_is_asked_to_rate_a_candidate_beside_itself(world: World) -> None:
    beside = replace(JUDGE, against="honest")
    warnings = world.compared(judge=beside).decision.warnings
    rated = [each for each in world.ratings(LABELS) if each.candidate == "favoured"]
    found = world.compared(rated, judge=beside)

    assert any("can meet no bar: quality of favoured." in warning for warning in warnings)
    assert not any("can meet no bar" in warning for warning in found.decision.warnings)
    assert "in part corrected with" in (judge_note(found) or "")


def test_what_was_drawn_for_another_candidate_is_left_aside(world: World) -> None:
    given = world.ratings(LABELS)
    swapped = [replace(each, candidate="honest") if n < LABELS - 30 else each for n, each in enumerate(given)]

    assert world.compared(swapped).candidates[0].judged["quality"].labels == 30


def test_every_figure_says_how_many_ratings_by_whom_until_when_and_of_which_judge(world: World) -> None:
    found = world.compared(world.ratings(LABELS))
    one, judge = found.candidates[0].judged["quality"], found.judges[0]

    assert (one.labels, one.drawn, one.raters, one.date, one.judge) == (
        LABELS,
        LABELS,
        3,
        "2023-11-14",
        "0123456789ab",
    )
    assert "post-stratified" in one.method
    assert (judge.labels, judge.raters, judge.date, judge.trust) == (
        2 * LABELS,
        3,
        "2023-11-14",
        "calibrated",
    )
    assert one.sensitivity is not None
    assert one.sensitivity.low is not None
    assert one.specificity is not None
    assert one.worth is not None
    assert one.worth > 0


def test_ratings_that_nobody_drew_are_not_taken_for_a_random_sample(world: World) -> None:
    one = world.compared(world.ratings(LABELS, drawn=None)).candidates[0].judged["quality"]

    assert one.drawn == 0
    assert "Rogan-Gladen" in one.method


@pytest.mark.parametrize("checked", [False, True])
def test_the_report_marks_a_judge_whom_nobody_has_checked(world: World, *, checked: bool) -> None:
    found = world.compared(world.ratings(LABELS) if checked else ())
    screen = StringIO()
    render_terminal(found, Console(file=screen, width=160))
    shown = (screen.getvalue(), render_markdown(found), render_html(found, []))

    for text in shown:
        assert bool(re.search(r"\.\d{3}\\?\]? \?", text)) is not checked
        assert "0123456789ab" in text
        assert ("2023-11-14" in text) is checked


def test_verdicts_that_nobody_can_read_count_against_the_candidate_at_a_bar(world: World) -> None:
    some = dict(list(world.verdicts.items())[300:])  # 300 replies of the first one are not read
    unread = World(verdicts=some, truth=world.truth)

    whole = world.compared(world.ratings(LABELS)).candidates[0].checks[0]
    part = unread.compared(world.ratings(LABELS)).candidates[0].checks[0]

    assert whole.p is not None
    assert part.p is not None
    assert part.p > 0.5 > whole.p
    assert "300 unread verdicts count against either side" in (part.note or "")


def test_what_would_settle_it_is_more_ratings_not_more_cases(world: World) -> None:
    task = Task(name="t", metrics=(SPEC,), bars=(Bar(metric="quality", at_least=0.72),))
    few = world.compared(world.ratings(40), task=task)
    none = world.compared(task=task)
    check = few.candidates[0].checks[0]

    assert check.more_ratings is not None
    assert 10 < check.more_ratings < 300
    assert "more replies to be rated" in few.candidates[0].verdict.reason
    assert "20 more replies rated by people" in none.decision.reason


def test_cases_of_a_group_are_clustered_in_what_is_told_of_a_judges_skill(world: World) -> None:
    found = world.compared(world.ratings(LABELS), per_group=5)
    for each in found.candidates:
        told = each.judged["quality"]
        assert told.sensitivity is not None
        assert told.specificity is not None
        assert told.sensitivity.method.endswith("clustered by group")
        assert told.specificity.method.endswith("clustered by group")


def test_a_bar_against_the_incumbent_is_of_what_people_make_of_both(world: World) -> None:
    """The judge alone is sure that its favourite is better by more than 2 points; the two are equally good."""
    better = Bar(metric="quality", at_least=0.02, versus="incumbent")
    task = Task(name="t", metrics=(SPEC,), bars=(better,), incumbent="honest")
    word = world.compared(task=task, judge=replace(JUDGE, trust="at_its_word")).candidates[0].checks[0]
    alone = world.compared(task=task).candidates[0].checks[0]
    found = world.compared(world.ratings(LABELS), task=task).candidates[0].checks[0]

    assert (word.status, word.method) == ("meets", "Tango's score test, paired")
    assert alone.status == "undecided"
    assert "not calibrated: 20 more replies" in (alone.note or "")
    assert (found.status, found.versus) == ("undecided", "incumbent")
    assert found.value is not None
    assert abs(found.value) < 0.1
    assert "errors added as if unpaired" in found.method


def test_enough_ratings_show_that_a_candidate_is_not_worse_by_a_wide_margin(world: World) -> None:
    wide = Bar(metric="quality", at_least=-0.25, versus="incumbent")
    task = Task(name="t", metrics=(SPEC,), bars=(wide,), incumbent="favoured")
    found = world.compared(world.ratings(LABELS), task=task).candidates[1]
    assert (found.checks[0].status, found.verdict.status) == ("meets", "pass")
