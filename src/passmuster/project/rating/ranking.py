"""Who is preferred to whom in a project: the choices of people beside its cases, or those of a judge of pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from passmuster.adapters.files.lines import write_lines
from passmuster.decide.ranking.judged import Compared, choices_of_score
from passmuster.decide.ranking.rank import Whose
from passmuster.decide.ranking.rank import ranking as ranked
from passmuster.errors import NotAvailableError, UsageError
from passmuster.metrics.two_steps import ComparingMetric
from passmuster.project.judges import Judge, judges_of
from passmuster.project.load import Project
from passmuster.project.rating.replies import REFERENCE, stored_replies
from passmuster.project.validate import closest
from passmuster.records.ranking import Ranking
from passmuster.records.rating import Choice, reply_digest
from passmuster.records.record import Record
from passmuster.records.score import Score
from passmuster.records.trial import Reply
from passmuster.report.ranking_page import render_ranking_page
from passmuster.workflows.scoring import unsettled

__all__ = ["RankWish", "ranking", "write_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankWish(Record):
    """What is to be ranked.

    `metric` names the question (None: the only one there is), `judge` a metric of the task that compares, or a model
    whose choices were imported; None: people. `style` holds style equal beside, `only` are candidates (none: all).
    """

    metric: str | None = None
    judge: str | None = None
    style: bool = False
    only: tuple[str, ...] = ()


def ranking(project: Project, wish: RankWish | None = None) -> Ranking:
    """Return who is preferred to whom; no model is called.

    Args:
        project: The project.
        wish: What is to be ranked; default: all choices of people.

    Raises:
        NotAvailableError: where there are no choices yet.
        UsageError: where there are several questions and none is named, or an unknown one is; for candidates that
            nobody compared.
        CorpusError: where the file of choices is broken.

    Example:
        >>> ranking(project, RankWish(style=True)).candidates  # doctest: +SKIP
    """
    wish = wish or RankWish()
    cases = {case.id: case for case in project.corpus().cases}
    whose, choices = _chosen(project, wish)
    if not choices:
        raise _nothing(wish)
    choices = _wanted(choices, wish.only)
    texts = _texts(project) if wish.style else None
    found = ranked(choices, whose, cases=cases, texts=texts)
    now = datetime.fromtimestamp(project.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return replace(found, generated=now)


def write_page(found: Ranking, path: Path) -> None:
    """Write a ranking as one self-contained HTML file, whole or not at all.

    Raises:
        CorpusError: where it cannot be written.
    """
    write_lines(path, render_ranking_page(found).split("\n"))


def _chosen(project: Project, wish: RankWish) -> tuple[Whose, list[Choice]]:
    judges = {judge.name: judge for judge in judges_of(project)}
    if wish.judge in judges:
        judge = judges[wish.judge]
        if wish.metric not in {None, judge.name}:
            raise UsageError(
                f"{judge.name} answers its own question, not {wish.metric!r}", hint="Leave --metric out."
            )
        return Whose(metric=judge.name, source=judge.name, judge=judge.version), list(_judged(project, judge))
    stored = project.ratings.choices.read()
    own = [each for each in stored if _is_of(each, wish.judge)]
    if wish.judge is not None and not own:
        machines = sorted({each.rater for each in stored if each.kind == "machine"})
        pairs = [name for name, judge in judges.items() if _compares(judge)]
        known = [*pairs, *machines]
        raise UsageError(
            f"no judge of pairs is called {wish.judge!r}, and no choices of such a model were imported",
            hint=closest(wish.judge, known)
            if known
            else "Add one: metrics: [{pairwise: {asks: SCORER, against: CANDIDATE}}]",
        )
    metric = _question(own, wish.metric)
    source = "people" if wish.judge is None else wish.judge
    return Whose(metric=metric, source=source), [each for each in own if each.metric == metric]


def _is_of(choice: Choice, judge: str | None) -> bool:
    if judge is None:
        return choice.kind == "human"
    return choice.kind == "machine" and choice.rater == judge


def _question(choices: Iterable[Choice], name: str | None) -> str:
    known = sorted({each.metric for each in choices})
    if name is None and len(known) > 1:
        raise UsageError(
            "there are choices on several questions", hint=f"--metric NAME; there are: {', '.join(known)}"
        )
    if name is not None and known and name not in known:
        raise UsageError(f"there are no choices on {name!r}", hint=closest(name, known))
    return name or (known[0] if known else "")


def _wanted(choices: Iterable[Choice], only: Sequence[str]) -> list[Choice]:
    """Return the choices among these candidates.

    Raises:
        UsageError: for a name that stands in no choice.
        NotAvailableError: where no choice is among them.
    """
    choices = list(choices)
    known = sorted({name for each in choices for name in (each.first_by, each.second_by) if name is not None})
    for name in only:
        if name not in known:
            raise UsageError(f"{name!r} was compared with nobody", hint=closest(name, known))
    found = [each for each in choices if not only or (each.first_by in only and each.second_by in only)]
    if not found:
        names = " ".join(f"--only {quote(name)}" for name in only)
        raise NotAvailableError(
            f"nobody has compared replies among {', '.join(only)} with one another",
            hint=f"Next: passmuster rate draw --pairs 50 {names}" if len(only) > 1 else "Name two or more.",
        )
    return found


def _compares(judge: Judge) -> bool:
    return isinstance(unsettled(judge.metric), ComparingMetric)


def _judged(project: Project, judge: Judge) -> Iterator[Choice]:
    """Yield what a judge of pairs said of the stored replies.

    Raises:
        UsageError: where the judge compares nothing.
    """
    bare = unsettled(judge.metric)
    if not isinstance(bare, ComparingMetric):
        raise UsageError(
            f"{judge.name} judges one reply at a time, and prefers none to another",
            hint="A ranking needs a judge of pairs: metrics: [{pairwise: {asks: SCORER, against: CANDIDATE}}]",
        )
    other = bare.against or REFERENCE
    for each in stored_replies(project):
        if each.candidate == other:
            continue
        outcome = judge.metric.score(each.case, each.reply)
        if isinstance(outcome, Score):
            compared = Compared(
                judge=judge.name, candidate=each.candidate, other=other, case=each.case, reply=each.reply
            )
            yield from choices_of_score(compared, outcome)


def _texts(project: Project) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for each in stored_replies(project):
        texts.setdefault(reply_digest(each.reply), each.reply.text or "")
    for case in project.corpus().cases:
        if isinstance(case.reference, str):
            texts.setdefault(reply_digest(Reply(text=case.reference)), case.reference)
    return texts


def _nothing(wish: RankWish) -> NotAvailableError:
    if wish.judge is not None:
        return NotAvailableError(f"{wish.judge} has compared nothing yet", hint="Next: passmuster score")
    return NotAvailableError(
        "nobody has said which of two replies is better yet",
        hint="Draw pairs: passmuster rate draw --pairs 50; then show them: passmuster rate form --rater NAME. "
        "Or bring choices in: passmuster rate import CHOICES.jsonl",
    )
