"""The record of a decision, made from a comparison and the candidates that it is of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from passmuster.decide.declaring import waits_for_declaration
from passmuster.decide.phrases import counted, listed
from passmuster.decide.requirements import DATES, OLD_DAYS, day_of
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.decided import RECORD_VERSION, DecisionEvidence, DecisionRecord, Option
from passmuster.records.digest import digest, plain
from passmuster.records.score import Estimate

REVIEW_DAYS = 90
"""After so many days a decision is looked at again, if nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """What the comparison does not know: who records it, with which version, and after how many days to look again."""

    by: str
    version: str
    review_days: int = REVIEW_DAYS


def decision_record(
    comparison: Comparison, candidates: Sequence[Candidate], minutes: Minutes
) -> DecisionRecord:
    """Return the record of a comparison's decision.

    Args:
        comparison: What was found out.
        candidates: Those that it is of.
        minutes: Who records it.
    """
    decision, choice = comparison.decision, comparison.choice
    rows, names = comparison.candidates, {candidate.name: candidate for candidate in candidates}
    options = tuple(_option(row, names[row.name], comparison) for row in rows if row.name in names)
    review = _review(comparison.generated, minutes.review_days)
    return DecisionRecord(
        schema_version=RECORD_VERSION,
        task=comparison.task,
        question=_question(comparison),
        purpose=comparison.purpose,
        owner=comparison.owner,
        by=minutes.by,
        when=comparison.generated,
        status=decision.status,
        chosen=decision.chosen,
        answer=_answer(comparison),
        reason=decision.reason,
        runner_up=None if decision.runner_up is None else decision.runner_up.name,
        bars=_once(check.bar for row in rows for check in row.checks),
        requirements=_once(check.requirement for row in rows for check in row.requirements),
        alpha=comparison.alpha,
        metric=_metric(comparison),
        incumbent=comparison.incumbent,
        finalists=comparison.finalists,
        options=options,
        worth=_worth(comparison),
        turning=() if choice is None else tuple(each.sentence for each in choice.turning),
        next_step=None if decision.next_step is None else decision.next_step.sentence,
        unknown=_unknown(comparison),
        evidence=_evidence(comparison, minutes.version),
        review=review,
        sooner=_sooner(options, review, comparison.generated),
    )


def _worth(comparison: Comparison) -> str | None:
    found = comparison.decision.worth
    return None if found is None else f"{found.sentence} {found.brings}".strip()


def results_digest(comparison: Comparison) -> str:
    """Return the digest of all rows of the matrix: the same trials, bars and prices give the same one."""
    return digest([plain(row) for row in comparison.candidates])


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _question(comparison: Comparison) -> str:
    if (
        comparison.choice is not None
        and comparison.choice.weighing is not None
        and comparison.choice.weighing.decides
    ):
        return "Which candidate that meets every bar is best by the task's weights?"
    return "Which is the cheapest candidate that meets every bar?"


def _answer(comparison: Comparison) -> str:
    decision = comparison.decision
    if decision.status == "decided" and decision.chosen is not None:
        return f"Use {decision.chosen}."
    if decision.status == "none":
        return "Use none of them: no candidate meets every bar."
    return "It cannot be told yet."


def _metric(comparison: Comparison) -> str:
    first = next((each for each in comparison.metrics if each.primary), None)
    return "" if first is None else first.name


def _option(row: CandidateReport, candidate: Candidate, comparison: Comparison) -> Option:
    missing = Estimate(value=None, method="no data")
    return Option(
        name=row.name,
        kind=row.kind,
        model=row.model,
        digest=candidate_digest(candidate),
        status=row.verdict.status,
        sentence=row.verdict.sentence or f"{row.name} {row.verdict.reason}.",
        quality=row.metrics.get(_metric(comparison), missing),
        latency_p95=row.latency.p95,
        failure_rate=row.failures.rate,
        cost_per_success=row.cost.per_success,
        cost_per_month=row.cost.per_month,
        cases=row.n,
        attributes=row.attributes,
        price_date=None if candidate.price is None else candidate.price.date,
    )


def _unknown(comparison: Comparison) -> tuple[str, ...]:
    rows = comparison.candidates
    found = list(comparison.decision.warnings)
    undecided = [
        row.name for row in rows if row.verdict.status == "undecided" and not waits_for_declaration(row)
    ]
    if undecided:
        found.append(f"Whether {listed(undecided)} {'meets' if len(undecided) == 1 else 'meet'} every bar.")
    found += [
        f"What {listed(list(row.verdict.undeclared))} of {row.name} is: not declared."
        for row in rows
        if row.verdict.undeclared
    ]
    stated = [row.name for row in rows if not row.n and row.kind == "manual"]
    if stated:
        found.append(
            f"What {listed(stated)} would answer: {'its' if len(stated) == 1 else 'their'} figures are stated, not measured."
        )
    unasked = [row.name for row in rows if not row.n and row.kind != "manual"]
    if unasked:
        found.append(
            f"What {listed(unasked)} would answer: {'it was' if len(unasked) == 1 else 'they were'} not asked."
        )
    return _once(found)


def _evidence(comparison: Comparison, version: str) -> DecisionEvidence:
    corpus = comparison.corpus
    return DecisionEvidence(
        passmuster=version,
        corpus=corpus.version,
        corpus_path=corpus.path,
        split=corpus.split,
        cases=corpus.cases,
        scored=corpus.scored,
        metrics=tuple(f"{each.name} v{each.version}" for each in comparison.metrics),
        results=results_digest(comparison),
        seed=comparison.seed,
        generated=comparison.generated,
    )


def _review(when: str, days: int) -> str:
    made = day_of(when)
    return f"{days} days after this" if made is None else (made + timedelta(days=days)).isoformat()


def _sooner(options: Sequence[Option], review: str, when: str) -> tuple[str, ...]:
    """Return what asks for a look before the day of review: ends of life until then, and prices that are old already."""
    until, made = day_of(review), day_of(when)
    if until is None or made is None:
        return ()
    found = []
    for option in options:
        ends = [day_of(option.attributes[name].value) for name in DATES if name in option.attributes]
        found += [
            f"{option.name} reaches its end of life on {day}."
            for day in ends
            if day is not None and day <= until
        ]
        read = day_of(option.price_date)
        if read is not None and (until - read).days > OLD_DAYS:
            age = counted((until - read).days, "day")
            found.append(f"The price of {option.name} was read on {read}: {age} before the day of review.")
    return tuple(found)
