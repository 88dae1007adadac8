"""`score` on a project: what is missing between the steps of metrics is made, then every stored trial is scored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from passmuster.adapters.files.whole import appear
from passmuster.corpus.sample import first_cases
from passmuster.corpus.versions.content import corpus_version
from passmuster.errors import IncompleteError, UsageError
from passmuster.metrics.metric import Metric
from passmuster.metrics.two_steps import NOT_SCORED
from passmuster.ports import Progress, Sandbox
from passmuster.project.asking import Silent, closing, engine_ports
from passmuster.project.judges import judged_metrics_of
from passmuster.project.load import Project
from passmuster.project.loop import until_done
from passmuster.project.names import asked_candidates
from passmuster.project.spreading import chosen, spread
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.program import Program
from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.records.scored import CandidateScores, ScoredMetric, ScoreReport
from passmuster.records.trial import Reply
from passmuster.runner.plan import plan
from passmuster.workflows import estimate as estimating
from passmuster.workflows import run as running
from passmuster.workflows.cells import Cells
from passmuster.workflows.estimate import Estimate
from passmuster.workflows.executing import Executed, execute, left_to_run
from passmuster.workflows.score import ToScore, in_order, parts, summaries
from passmuster.workflows.scoring import MOST_ROUNDS, steps_of

__all__ = ["Missing", "ScoreReport", "ScoreWish", "estimate_questions", "missing_steps", "score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreWish(Record):
    """What is to be scored, and how.

    `only` are candidates and `metrics` metrics, by name; none is all. `limit` is a number of cases, those that
    `run` takes. `jobs` are the processes that score, and the programs that run at a time. `out` is the file of
    scores. `retry_failures` asks again what scorers failed on, and runs again what ran out of time. `budget` is
    the most that scorers may cost, in US dollars; None takes that of the project file.
    """

    only: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    limit: int | None = None
    jobs: int = 1
    out: Path | None = None
    retry_failures: bool = False
    budget: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Record):
    """What has to be made before all can be scored: questions to scorers, and programs by digest.

    `running` are the metrics that want programs run, `withheld` says how many questions may not be sent to a scorer.
    """

    questions: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    programs: Mapping[str, Program] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    withheld: Mapping[str, int] = field(default_factory=dict)


def missing_steps(project: Project, wish: ScoreWish) -> Missing:
    """Return what has to be asked and run before these metrics can score these trials.

    Raises:
        IncompleteError: where no trial is stored.
        UsageError: for an unknown candidate or metric, or a limit below 1.
        ConfigurationError: for a metric that asks a scorer which there is not.
    """
    steps = steps_of(_metrics(project, wish), _replies(project, wish), project.may_ask)
    programs = {project.program_keys.of(program): program for program in steps.programs.values()}
    with project.store() as store:
        left = left_to_run(programs, store, again=wish.retry_failures)
        digests = {scorer.name: candidate_digest(scorer) for scorer in project.scorers}
        questions: dict[str, tuple[Case, ...]] = {}
        withheld: dict[str, int] = {}
        for name, own in steps.questions.items():
            done = store.done([digests[project.scorer(name).name]], failures=not wish.retry_failures)
            asked = {key.case for key in done if key.repeat == 0}
            open_ = tuple(
                replace(case, id=f"{case.id} {digest[:8]}")
                for digest, case in own.items()
                if digest not in asked
            )
            if open_:
                questions[name] = open_
            if kept := len(steps.withheld.get(name, set()) - asked):
                withheld[name] = kept
    running = tuple(sorted(steps.running)) if left else ()
    return Missing(questions=questions, programs=left, running=running, withheld=withheld)


def estimate_questions(project: Project, missing: Missing) -> Estimate:
    """Return what the questions to scorers would cost; no model is called."""
    found: list[estimating.CandidateEstimate] = []
    with project.store() as store:
        for name, cases in missing.questions.items():
            scorer = project.scorer(name)
            whole = plan(cases, [scorer])
            history = {key: store.trials([key], newest_first=True) for key in whole.candidates}
            lanes = [(each, running.receivable(whole, key)) for key, each in whole.candidates.items()]
            found += estimating.estimate(lanes, history).candidates
    return Estimate(candidates=tuple(found))


def score(
    project: Project,
    wish: ScoreWish | None = None,
    *,
    sandbox: Sandbox | None = None,
    progress: Progress | None = None,
    missing: Missing | None = None,
) -> ScoreReport:
    """Score the stored trials with the task's metrics of today; no candidate is called.

    What metrics of two steps still need is made first: scorers are asked in ordinary runs, and programs are run
    in the sandbox. All of that is stored, so the same call again asks and runs only what is new.

    Args:
        project: The project.
        wish: What is to be scored; default: everything, in this process.
        sandbox: Where programs are run; without one, what needs a run is not scored.
        progress: Is told how questions to scorers go on.
        missing: What `missing_steps` found, where that is known.

    Raises:
        IncompleteError: where no trial is stored.
        UsageError: for an unknown candidate or metric.
        MissingSecretError: where a scorer's key is not set.
        StoreError: where the store cannot be read or written.

    Example:
        >>> score(open_project("passmuster.yaml"), ScoreWish(jobs=4)).candidates  # doctest: +SKIP
    """
    wish = wish or ScoreWish()
    if wish.jobs < 1:
        raise UsageError(f"scoring needs at least one process, not {wish.jobs}")
    found = missing_steps(project, wish) if missing is None else missing
    ends = _ask_in_rounds(project, found, wish, progress or Silent())
    executed = _run_all(project, found.programs, sandbox, wish)
    return replace(
        _scored(project, wish), ran=executed.ran, remark=_remark(executed, found.withheld), asked=ends
    )


def _scored(project: Project, wish: ScoreWish) -> ScoreReport:
    metrics = _metrics(project, wish)
    names = [candidate.name for candidate in asked_candidates(project, wish.only, everybody=True)]
    scored = spread(project, wish.metrics, wish.jobs, lines=wish.out is not None)
    marked = in_order(scored(parts(_trials(project, wish))))
    if wish.out is not None:

        def fill(stream: IO[bytes]) -> None:
            stream.writelines(each.line for each in marked)

        appear(wish.out, fill, UsageError)
    specs = {spec.name: spec for spec in project.task.metrics}
    versions = {judge.spec.name: judge.version for judge in judged_metrics_of(project)}
    candidates = summaries(marked, names, metrics)
    return ScoreReport(
        task=project.task.name,
        corpus=project.corpus().version,
        metrics=tuple(
            ScoredMetric(
                name=metric.name,
                kind=specs[metric.name].kind,
                version=metric.version,
                options=specs[metric.name].options,
                judge=versions.get(metric.name),
            )
            for metric in metrics
        ),
        candidates=candidates,
        not_scored=sum(map(_not_scored, candidates)),
        path=None if wish.out is None else str(wish.out),
    )


def _not_scored(candidate: CandidateScores) -> int:
    return sum(summary.failures.get(NOT_SCORED, 0) for summary in candidate.metrics)


def _metrics(project: Project, wish: ScoreWish) -> tuple[Metric, ...]:
    names = [spec.name for spec in project.task.metrics]
    for name in wish.metrics:
        if name not in names:
            raise UsageError(f"the task has no metric {name!r}", hint=closest(name, names))
    return chosen(project, wish.metrics)


def _replies(project: Project, wish: ScoreWish) -> Iterator[tuple[Case, Reply]]:
    for each in _trials(project, wish):
        if isinstance(each.outcome, Reply):
            yield each.case, each.outcome


def _trials(project: Project, wish: ScoreWish) -> Iterator[ToScore]:
    """Yield the stored trials of the plan, as the store has them.

    Raises:
        IncompleteError: where there is none.
    """
    cases = first_cases(project.corpus().cases, wish.limit)
    repeats = project.task.repeats
    cells = Cells(cases, repeats)
    by_digest: dict[str, list[tuple[int, str]]] = {}
    for number, candidate in enumerate(asked_candidates(project, wish.only, everybody=True)):
        by_digest.setdefault(candidate_digest(candidate), []).append((number, candidate.name))
    any_ = False
    with project.store() as store:
        for trial in store.trials(by_digest):
            cell = cells.place(trial.key)
            if cell is None:
                continue
            any_ = True
            case, round_ = divmod(cell, repeats)
            for number, name in by_digest[trial.key.candidate]:
                yield ToScore((number, case, round_), name, trial.key, cases[case], trial.outcome)
    if not any_:
        raise IncompleteError("no trials are stored for this project yet", hint="Next: passmuster run")


def _ask_in_rounds(
    project: Project, missing: Missing, wish: ScoreWish, progress: Progress
) -> tuple[RunEnd, ...]:
    """Ask what is missing, and then what the answers lead to."""
    left = project.settings.budget if wish.budget is None else wish.budget
    ends: list[RunEnd] = []
    for _ in range(MOST_ROUNDS):
        if not missing.questions:
            break
        made, left = _ask_all(project, missing.questions, replace(wish, budget=left), progress)
        ends += made
        if any(end.status != "complete" for end in made):
            break
        wish = replace(wish, retry_failures=False)
        missing = missing_steps(project, wish)
    return tuple(ends)


def _ask_all(
    project: Project, questions: Mapping[str, Sequence[Case]], wish: ScoreWish, progress: Progress
) -> tuple[list[RunEnd], float | None]:
    """Ask each scorer in a run of its own; what one has spent, the next may not. Also return what is left."""
    left = wish.budget
    ends = []
    for name, cases in questions.items():
        options = running.RunOptions(budget=left, retry_failures=wish.retry_failures)
        end = until_done(ask_scorer(project, project.scorer(name), cases, options, progress))
        ends.append(end)
        if end.status == "interrupted":
            raise KeyboardInterrupt
        if left is not None:
            left = max(0.0, left - (end.spend or 0.0) - end.at_risk)
    return ends, left


async def ask_scorer(
    project: Project,
    scorer: Candidate,
    cases: Sequence[Case],
    options: running.RunOptions,
    progress: Progress,
) -> RunEnd:
    """Ask a scorer these questions in a run of its own; what is stored is not asked again."""
    task = replace(project.task, name=f"{project.task.name}: scores of {scorer.name}", repeats=1)
    version = corpus_version(cases, project.settings.corpus.path)
    async with closing(project.scorer_providers([scorer.name])) as providers:
        with project.store() as store:
            ports = engine_ports(project, store, progress, cache=True)
            return await running.run(task, version, (scorer,), providers, ports, options)


def _run_all(
    project: Project, programs: Mapping[str, Program], sandbox: Sandbox | None, wish: ScoreWish
) -> Executed:
    if sandbox is None or not programs:
        return Executed()
    with project.store() as store:
        return execute(programs, sandbox, store, wish.jobs)


def _remark(executed: Executed, withheld: Mapping[str, int]) -> str | None:
    told = []
    if executed.not_started:
        told.append(f"{executed.not_started:,} programs could not be started: {executed.reason}")
    for name, number in withheld.items():
        questions = "1 question" if number == 1 else f"{number:,} questions"
        told.append(f"{questions} may not be sent to {name}: its egress rules forbid it")
    return "; ".join(told) or None
