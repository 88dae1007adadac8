"""Which judge: several judges on the replies that people rated, decided by the code that decides between models."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from passmuster.corpus.versions.content import corpus_version
from passmuster.decide.judging.closeness import Agreement, Answers, Closeness, Steadiness, side, verdict_text
from passmuster.errors import UsageError
from passmuster.metrics.metric import Bounds, Metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.comparison import Comparison
from passmuster.records.record import Record
from passmuster.records.score import ScoreOutcome
from passmuster.records.task import Bar, MetricSpec, Success, Task
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey
from passmuster.workflows.compare import Question, compare
from passmuster.workflows.evidence import Evidence

GOOD_ENOUGH = 0.8
"""The share of replies of which a judge must say what people say, where nobody asks for another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedReply(Record):
    """A reply that people rated: `name` tells it from others, `text` is what readers of the evidence see.

    `value` is what people said, in the unit of the scale, `group` what it is clustered by (the case), `weight` how many
    replies it stands for.
    """

    name: str
    text: str
    value: float
    group: str
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Record):
    """What a judge said of a reply, at which cost (US dollars, None: unknown) and in how many seconds.

    `again` is what it said when it was asked once more.
    """

    outcome: ScoreOutcome
    cost: float | None = None
    seconds: float | None = None
    again: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging(Record):
    """A judge with what it said, by the names of the replies; `free` is one that costs nothing, such as a rule."""

    name: str
    said: Mapping[str, Said]
    model: str | None = None
    version: str = ""
    free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichWish(Record):
    """What is asked of a judge: how near to people it must be, at most which cost (US dollars), at least how steady.

    `incumbent` is the judge in use.
    """

    at_least: float = GOOD_ENOUGH
    cost_at_most: float | None = None
    steady_at_least: float | None = None
    incumbent: str | None = None
    alpha: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(Record):
    """What judges are compared on: replies with what people said of them, on one scale."""

    metric: str
    answers: Answers
    replies: tuple[RatedReply, ...]
    bounds: Bounds = field(default=(0.0, 1.0))


def which_judge(
    bench: Bench, judges: Sequence[Judging], wish: WhichWish, *, generated: str
) -> tuple[Comparison, Evidence]:
    """Compare judges on what people said, and choose the cheapest that is good enough.

    The rated replies are the cases, what people said is the reference, and a judge's verdict is a candidate's reply: so
    intervals, tests, cautions and the decision are those of `compare`. A verdict that could not be read is a score failure,
    which counts against a judge where a bar is tested, and never as wrong.

    Args:
        bench: The replies.
        judges: The judges, each with what it said.
        wish: What is asked of them.
        generated: When, in words for the report (ISO 8601).

    Raises:
        UsageError: for no judges, two of one name, an incumbent that is none of them, or no rated replies.

    Example:
        >>> from passmuster.records.score import Score
        >>> replies = [RatedReply(name=str(n), text="", value=1.0, group=str(n)) for n in range(40)]
        >>> said = {str(n): Said(outcome=Score(value=1.0)) for n in range(40)}
        >>> bench = Bench(metric="safe", answers="passes", replies=tuple(replies))
        >>> found, _ = which_judge(bench, [Judging(name="rule", said=said, free=True)], WhichWish(), generated="now")
        >>> found.decision.status, found.decision.chosen
        ('decided', 'rule')
    """
    question, trials = judge_question(bench, judges, wish)
    found, evidence = compare(
        question,
        trials,
        lambda cases: (each for each in trials if not cases or each.key.case in cases),
        generated=generated,
    )
    warnings = (*commonplace(bench, wish), *found.decision.warnings)
    return replace(found, decision=replace(found.decision, warnings=warnings)), evidence


def judge_question(bench: Bench, judges: Sequence[Judging], wish: WhichWish) -> tuple[Question, list[Trial]]:
    """Return the question that a comparison of judges is, with its trials.

    Raises:
        UsageError: for no judges, two of one name, an incumbent that is none of them, or no rated replies.
    """
    if not bench.replies:
        raise UsageError(
            f"nobody has rated any reply for {bench.metric}",
            hint="Next: passmuster rate draw, then passmuster rate form --rater NAME",
        )
    names = [judge.name for judge in judges]
    if not judges or len(set(names)) < len(names):
        told = (
            "there are no judges to compare"
            if not judges
            else f"two judges have one name: {', '.join(names)}"
        )
        raise UsageError(
            told, hint="Judges are metrics of the task, and machines whose ratings were imported."
        )
    if not bench.replies:
        raise UsageError(
            f"nobody has rated any reply for {bench.metric}",
            hint="Next: passmuster rate draw, then passmuster rate form --rater NAME",
        )
    if wish.incumbent is not None and wish.incumbent not in names:
        raise UsageError(f"no judge is called {wish.incumbent!r}", hint=f"There are: {', '.join(names)}")
    cases = [_case(each) for each in bench.replies]
    candidates = tuple(_candidate(judge) for judge in judges)
    metrics = _metrics(bench, judges)
    trials = [
        trial
        for judge, candidate in zip(judges, candidates, strict=True)
        for trial in _trials(judge, candidate, bench, cases)
    ]
    question = Question(
        task=_task(bench, metrics, wish),
        metrics=metrics,
        corpus=corpus_version(cases, f"ratings of {bench.metric}"),
        candidates=candidates,
    )
    return question, trials


def commonplace(bench: Bench, wish: WhichWish) -> tuple[str, ...]:
    """Return the caution that a judge which always says the same would be good enough, where it would."""
    if bench.answers == "grades":
        middle = _middle(bench)
        span = bench.bounds[1] - bench.bounds[0]
        share = 1 - sum(abs(each.value - middle) for each in bench.replies) / span / len(bench.replies)
        what = f"{middle:g}"
    else:
        counts = Counter(side(each.value, bench.answers) for each in bench.replies)
        value, number = counts.most_common(1)[0]
        share, what = number / len(bench.replies), f"{value:g}"
    if share < wish.at_least:
        return ()
    return (
        f"Whoever always said {what} would come to {share:.2f}: a bar of {wish.at_least:g} tells no judge from that.",
    )


def _middle(bench: Bench) -> float:
    values = sorted(each.value for each in bench.replies)
    return values[len(values) // 2]


def _case(each: RatedReply) -> Case:
    text = f"{each.name}\n\n{each.text}"
    return Case(id=each.name, input=text, reference=each.value, group=each.group, weight=each.weight)


def _candidate(judge: Judging) -> Candidate:
    return Candidate(
        name=judge.name,
        provider="judge",
        model=judge.model,
        parameters={"judge": judge.name, "version": judge.version},
        kind="baseline" if judge.free else "llm",
    )


def _metrics(bench: Bench, judges: Sequence[Judging]) -> tuple[Metric, ...]:
    low, high = bench.bounds
    close = Closeness(low=low, high=high)
    made: list[Metric] = [close]
    if bench.answers != "grades":
        # The distance between pass and fail says nothing that the agreement does not; between two orders it does.
        made = [
            Agreement(answers=bench.answers, low=low, high=high),
            *([close] if bench.answers == "prefers" else []),
        ]
    if any(said.again is not None for judge in judges for said in judge.said.values()):
        made.append(Steadiness(low=low, high=high))
    return tuple(made)


def _task(bench: Bench, metrics: Sequence[Metric], wish: WhichWish) -> Task:
    primary = metrics[0].name
    bars = [Bar(metric=primary, at_least=wish.at_least)]
    if wish.cost_at_most is not None:
        bars.append(Bar(metric="cost_per_task", at_most=wish.cost_at_most))
    if wish.steady_at_least is not None:
        if metrics[-1].name != "steadiness":
            raise UsageError(
                "no judge was asked twice, so how steady they are is unknown",
                hint="Ask once more: passmuster judge calibrate --again 50",
            )
        bars.append(Bar(metric="steadiness", at_least=wish.steady_at_least))
    # On a scale a verdict succeeds where it is nearer to what people say than to the next value.
    near = 1.0 if bench.answers != "grades" else 1 - 0.5 / (bench.bounds[1] - bench.bounds[0])
    return Task(
        name=f"which judge for {bench.metric}",
        metrics=tuple(MetricSpec(name=metric.name, kind=metric.name) for metric in metrics),
        bars=tuple(bars),
        success=Success(metric=primary, at_least=near),
        incumbent=wish.incumbent,
        alpha=wish.alpha,
    )


def _trials(judge: Judging, candidate: Candidate, bench: Bench, cases: Sequence[Case]) -> Iterator[Trial]:
    digest = candidate_digest(candidate)
    for each, case in zip(bench.replies, cases, strict=True):
        said = judge.said.get(each.name)
        if said is not None:
            yield Trial(
                key=TrialKey(case_digest(case), digest, 0),
                case_id=case.id,
                outcome=Reply(text=verdict_text(said.outcome, said.again)),
                attempts=(Attempt(started=0.0, seconds=said.seconds, cost=said.cost),),
                source="recorded",
            )
