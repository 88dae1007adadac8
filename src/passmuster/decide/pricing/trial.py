"""What one task costs with one candidate, and how surely that is known."""

from collections.abc import Sequence
from typing import NamedTuple

from passmuster.decide.pricing.review import ReviewRules
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.costs import CostBasis
from passmuster.records.money import TokenParts, token_cost, token_parts
from passmuster.records.trial import Attempt, Trial

NO_TOKENS = TokenParts(0.0, 0.0, 0.0, 0.0, 0.0)


class TrialCost(NamedTuple):
    """US dollars of one trial by component; None is unknown.

    `tokens` sums over all attempts, so retries are paid for as they happened: `retries` is what was paid for attempts
    before the last. `parts` are the tokens by what they are, None where only a sum was recorded.
    """

    tokens: float | None
    infrastructure: float | None
    review: float
    labour: float
    reviewed: bool
    basis: CostBasis
    parts: TokenParts | None = None
    retries: float = 0.0

    @property
    def total(self) -> float | None:
        """Everything together; None as soon as one part is unknown."""
        if self.tokens is None or self.infrastructure is None:
            return None
        return self.tokens + self.infrastructure + self.review + self.labour


def trial_cost(candidate: Candidate, case: Case, trial: Trial, rules: ReviewRules | None) -> TrialCost:
    """Return what this trial costs in production at today's prices.

    Prices are applied to the stored tokens, so a new price calls no model. A cost that was recorded stands
    in only where the candidate has no price.
    """
    tokens, parts, basis = _tokens(candidate, trial)
    asked = rules is not None and candidate.kind != "manual"
    review = rules.cost(case, trial) if rules is not None and asked else None
    return TrialCost(
        tokens=tokens,
        infrastructure=infrastructure(candidate),
        review=review or 0.0,
        labour=labour(candidate),
        reviewed=review is not None,
        basis=basis,
        parts=parts,
        retries=_retries(candidate, trial) if tokens and len(trial.attempts) > 1 else 0.0,
    )


def labour(candidate: Candidate) -> float:
    """Return the US dollars of people's work per task of a manual process, else 0."""
    manual = candidate.manual
    return 0.0 if manual is None else manual.minutes / 60 * manual.hourly


def infrastructure(candidate: Candidate) -> float | None:
    """Return the US dollars of a machine of one's own per task, 0 without one; None where its throughput is not stated.

    That is hourly / (tasks an hour x utilisation).
    """
    machine = candidate.infrastructure
    if machine is None:
        return 0.0
    return (
        None
        if machine.tasks_per_hour is None
        else machine.hourly / machine.tasks_per_hour / machine.utilisation
    )


def _tokens(candidate: Candidate, trial: Trial) -> tuple[float | None, TokenParts | None, CostBasis]:
    """Return what the tokens cost, the same by what they are (None: only a sum is known), and how surely."""
    if candidate.kind == "manual":
        return 0.0, NO_TOKENS, "stated"
    own = candidate.price is None and candidate.infrastructure is not None
    if candidate.kind == "baseline" and (candidate.price is None or candidate.provider != "replay"):
        return _of_baseline(candidate, trial)
    if own and all(each.within is None for each in trial.attempts):
        return 0.0, NO_TOKENS, "reported"
    if not trial.attempts:
        return None, None, "unknown"
    total, parts = 0.0, []
    for attempt in _paid_for(trial):
        if attempt.usage is None and attempt.error is not None and attempt.cost is None:
            continue  # a call that failed without any usage was not billed
        own_price = candidate.price if attempt.within is None and attempt.usage is not None else None
        part = None if own_price is None else token_parts(attempt.usage, own_price)
        cost = attempt.cost if own_price is None else None if part is None else part.total
        if cost is None:
            return None, None, "unknown"
        total += cost
        parts.append(part)
    return total, _added(parts), _basis(candidate, trial)


def _added(parts: Sequence[TokenParts | None]) -> TokenParts | None:
    if len(parts) == 1:  # nearly always
        return parts[0]
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else TokenParts(*map(sum, zip(NO_TOKENS, *known, strict=True)))


def _of_baseline(candidate: Candidate, trial: Trial) -> tuple[float | None, TokenParts | None, CostBasis]:
    """Return what a call to something that is no LLM costs: nothing where it is computed here.

    A system of today whose answers were recorded costs what was recorded; where nothing was, its machine and its upkeep,
    and without these it is not known.
    """
    known = [attempt.cost for attempt in trial.attempts if attempt.cost is not None]
    elsewhere = candidate.infrastructure is not None or candidate.upkeep is not None
    if candidate.provider != "replay" or (elsewhere and not known):
        return 0.0, NO_TOKENS, "reported"
    return (sum(known), None, "reported") if known else (None, None, "unknown")


def _paid_for(trial: Trial) -> Sequence[Attempt]:
    """Return the attempts that cost money: a pipeline's own call costs what the calls inside it do."""
    if len(trial.attempts) == 1:  # nearly always: then there is nothing inside
        return trial.attempts
    within = {attempt.within for attempt in trial.attempts if attempt.within is not None}
    if not within:
        return trial.attempts
    return [
        attempt
        for number, attempt in enumerate(trial.attempts)
        if number not in within or attempt.cost is not None or attempt.usage is not None
    ]


def _attempt_cost(candidate: Candidate, attempt: Attempt) -> float | None:
    if attempt.usage is None and attempt.error is not None:
        return 0.0  # a call that failed without any usage was not billed
    if candidate.price is None or attempt.within is not None:
        return attempt.cost  # what a pipeline asked has a price of its own
    return token_cost(attempt.usage, candidate.price)


def _retries(candidate: Candidate, trial: Trial) -> float:
    """Return what was paid for attempts before the last one, with the calls that a pipeline made inside them."""
    last = max(number for number, attempt in enumerate(trial.attempts) if attempt.within is None)
    paid = {id(attempt) for attempt in _paid_for(trial)}
    return sum(
        _attempt_cost(candidate, attempt) or 0.0
        for number, attempt in enumerate(trial.attempts)
        if (number if attempt.within is None else attempt.within) != last and id(attempt) in paid
    )


def _basis(candidate: Candidate, trial: Trial) -> CostBasis:
    estimated = unknown = False
    for attempt in trial.attempts:
        usage = attempt.usage
        if usage is not None:
            estimated = estimated or usage.estimated
            unknown = unknown or usage.reasoning is None
    if not estimated:
        return "reported"
    return "lower_bound" if unknown and candidate.reasoning else "estimated"
