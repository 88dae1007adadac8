"""What a run will cost, told before it starts: what to expect, and the most that it can be."""

import heapq
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from passmuster.errors import PromptError
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Conversation
from passmuster.records.money import estimate_usage, token_cost
from passmuster.records.record import Record
from passmuster.records.trial import Attempt, Trial, Usage
from passmuster.runner.bounds import OUTPUT_LIMITS, Bound, CallBounds, call_bounds
from passmuster.runner.plan import Ask
from passmuster.runner.prompt import render

SAMPLE = 200
"""Trials of a candidate that are looked at, where it has more; the rest is taken to be like them."""
HISTORY = 1_000
"""Earlier trials of a candidate that its cost is computed from."""
SEARCHED = 10 * HISTORY
"""Earlier trials of a candidate that are read to find them: those from the cache say nothing of a new call."""
OUTPUT_TOKENS = 256
"""Tokens that an answer is taken to have where no trial says otherwise, or the parameters' limit where less."""
REASONING_TOKENS = 2_048
"""The same for a candidate that reasons."""

Basis: TypeAlias = Literal["not_paid", "own_trials", "other_trials", "rule", "unknown"]
"""What an expected cost is computed from: nothing is paid by the call; earlier trials of this candidate; tokens
of others' answers; the rule of four characters a token; or the price is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateEstimate(Record):
    """What the open trials of one candidate will cost, in US dollars; None is unknown, or not bounded.

    `trials` are to be asked, `sampled` of them were looked at. `worst` is for one call a trial, and a bound
    only where all were looked at. `why` says of the dearest call what bounds it, or why nothing does. `input_tokens` and
    `output_tokens` are what is expected of all of them, None where nothing is paid by the call. `production` is what the
    tokens of one trial cost at its price, whoever pays for them now. `unasked` says how many of them a template makes no
    prompt of, and why.
    """

    name: str
    trials: int
    sampled: int
    expected: float | None
    basis: Basis
    worst: float | None
    why: str
    input_tokens: float | None = None
    output_tokens: float | None = None
    production: float | None = None
    unasked: str | None = None

    @property
    def per_trial(self) -> float | None:
        """The expected cost of one trial; None where unknown, or where none is to be asked."""
        return None if self.expected is None or not self.trials else self.expected / self.trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Record):
    """What a run will cost, by candidate."""

    candidates: tuple[CandidateEstimate, ...]

    @property
    def trials(self) -> int:
        """How many trials are to be asked."""
        return sum(candidate.trials for candidate in self.candidates)

    @property
    def expected(self) -> float | None:
        """All of it in US dollars; None as soon as one candidate's cost is unknown."""
        return _sum(candidate.expected for candidate in self.candidates)

    @property
    def worst(self) -> float | None:
        """The most that it can be in US dollars; None as soon as nothing bounds one candidate."""
        return _sum(candidate.worst for candidate in self.candidates)


def estimate(
    lanes: Iterable[tuple[Candidate, Iterable[Ask]]],
    history: Mapping[str, Iterable[Trial]] | None = None,
    seed: int = 0,
) -> Estimate:
    """Return what the open trials of these candidates will cost.

    The cost of a trial is expected to be what earlier trials of the same candidate cost at today's price; else
    what its prompts are by the rule of four characters a token, with answers as long as those of the other
    candidates; else with answers of 256 tokens, 2,048 where it reasons, or the parameters' limit where that is
    less.

    Args:
        lanes: Each candidate with the trials that are still to be made.
        history: Stored trials by the digest of their candidate, newest first. The first 1,000 of each that were
            measured with their tokens say what one costs; at most 10,000 are read to find them.
        seed: Which trials are looked at, where there are more than 200 of a candidate.
    """
    past = {key: _past(trials) for key, trials in (history or {}).items()}
    return Estimate(candidates=tuple(_candidate(candidate, asks, past, seed) for candidate, asks in lanes))


def usual_price(candidate: Candidate, asks: Iterable[Ask]) -> float | None:
    """Return what a trial is expected to cost by prices and prompts alone, in US dollars; None where the price is unknown.

    It depends on no stored trial, so that it stays what it is while a run goes on.
    """
    if candidate.price is None:
        bounds = call_bounds(candidate)
        is_free = isinstance(bounds.fixed, Bound) and bounds.fixed.usd == 0.0
        return 0.0 if is_free and candidate.provider != "replay" else None
    said, _ = _rendered(candidate, _sample(asks, seed=0)[1])
    output = round(_rule(candidate))
    usages = (Usage(input=estimate_usage(each, "").input, output=output) for each in said)
    total = _sum(token_cost(usage, candidate.price) for usage in usages)
    return None if total is None or not said else total / len(said)


class _Past(NamedTuple):
    """Earlier trials of one candidate, those that were measured and of which some call reports its tokens."""

    trials: tuple[Trial, ...]

    @property
    def output(self) -> float | None:
        """Mean tokens of an answer; None where no trial says."""
        last = [trial.calls[-1].usage for trial in self.trials if trial.calls]
        counts = [usage.output for usage in last if usage is not None and usage.output is not None]
        return sum(counts) / len(counts) if counts else None


def _past(trials: Iterable[Trial]) -> _Past:
    telling = (
        trial
        for trial in islice(trials, SEARCHED)
        if trial.source == "measured" and any(call.usage is not None for call in trial.attempts)
    )
    return _Past(tuple(islice(telling, HISTORY)))


def _candidate(
    candidate: Candidate, asks: Iterable[Ask], past: Mapping[str, _Past], seed: int
) -> CandidateEstimate:
    bounds = call_bounds(candidate)
    trials, chosen = _sample(asks, seed)
    conversations, unasked = _rendered(candidate, chosen)
    expected, basis = _expected(candidate, bounds, conversations, past)
    priced = _production(candidate, bounds, conversations, past)
    share = trials / len(chosen) if chosen else 0.0
    worst, why = _worst(bounds, conversations)
    tokens = None if basis == "not_paid" else _tokens(candidate, bounds, conversations, past)
    # A mean of earlier trials is a cost of one trial; sums over the sample are scaled to all.
    scale = trials if basis == "own_trials" else share
    return CandidateEstimate(
        name=candidate.name,
        trials=trials,
        sampled=len(chosen),
        expected=None if expected is None else expected * scale,
        basis=basis,
        worst=None if worst is None else worst * share,
        why=why,
        input_tokens=None if tokens is None else tokens[0] * trials,
        output_tokens=None if tokens is None else tokens[1] * trials,
        production=expected if basis == "not_paid" and candidate.price is None else priced,
        unasked=unasked,
    )


def _sample(asks: Iterable[Ask], seed: int) -> tuple[int, list[Ask]]:
    """Return how many there are, and at most `SAMPLE` of them: those whose digests come first in a seeded order."""
    count = 0

    def counted() -> Iterable[Ask]:
        nonlocal count
        for ask in asks:
            count += 1
            yield ask

    first = heapq.nsmallest(
        SAMPLE, counted(), key=lambda ask: (zlib.crc32(ask.key.case.encode(), seed), ask.key.repeat)
    )
    return count, first


def _rendered(candidate: Candidate, asks: Sequence[Ask]) -> tuple[list[Conversation], str | None]:
    """Return the prompts, and for how many cases there is none, with the first reason."""
    conversations = []
    reason = ""
    for ask in asks:
        try:
            conversations.append(render(candidate.prompt, ask.case))
        except PromptError as error:
            reason = reason or str(error)
    missing = len(asks) - len(conversations)
    if not missing:
        return conversations, None
    looked = f"{missing:,} of {len(asks):,} cases looked at make no prompt, and fail without a call"
    return conversations, f"{looked}: {reason}"


def _worst(bounds: CallBounds, conversations: Sequence[Conversation]) -> tuple[float | None, str]:
    if not conversations:
        return 0.0, "nothing is to be asked"
    amounts = [bounds.usd(conversation) for conversation in conversations]
    if None in amounts:
        return None, bounds.worst(conversations[amounts.index(None)]).why
    known = [amount for amount in amounts if amount is not None]
    return sum(known), bounds.worst(conversations[known.index(max(known))]).why


def _expected(
    candidate: Candidate,
    bounds: CallBounds,
    conversations: Sequence[Conversation],
    past: Mapping[str, _Past],
) -> tuple[float | None, Basis]:
    """Return the expected cost of one trial from its own past, else of the whole sample, and from what."""
    if isinstance(bounds.fixed, Bound) and bounds.fixed.usd == 0.0:
        return 0.0, "not_paid"
    mean = _mean_cost(candidate, past.get(candidate_digest(candidate)))
    if mean is not None:
        return mean, "own_trials"
    if candidate.price is None:
        return None, "unknown"
    output, told = _answer(candidate, bounds, past)
    usages = [Usage(input=estimate_usage(said, "").input, output=round(output)) for said in conversations]
    return _sum(token_cost(usage, candidate.price) for usage in usages), "other_trials" if told else "rule"


def _production(
    candidate: Candidate,
    bounds: CallBounds,
    conversations: Sequence[Conversation],
    past: Mapping[str, _Past],
) -> float | None:
    found = _mean_cost(candidate, past.get(candidate_digest(candidate)))
    if found is not None or candidate.price is None or not conversations:
        return found
    tokens = _tokens(candidate, bounds, conversations, past)
    return (
        None
        if tokens is None
        else token_cost(Usage(input=round(tokens[0]), output=round(tokens[1])), candidate.price)
    )


def _answer(candidate: Candidate, bounds: CallBounds, past: Mapping[str, _Past]) -> tuple[float, bool]:
    """Return the tokens that an answer is taken to have, and whether other candidates' trials say so."""
    others = [seen.output for seen in past.values() if seen.output is not None]
    output = sum(others) / len(others) if others else _rule(candidate)
    return (min(output, bounds.output) if bounds.fixed is None else output), bool(others)


def _tokens(
    candidate: Candidate,
    bounds: CallBounds,
    conversations: Sequence[Conversation],
    past: Mapping[str, _Past],
) -> tuple[float, float] | None:
    """Return the expected tokens of one trial, in and out: of its own trials with all their calls, else by the rule."""
    own = past.get(candidate_digest(candidate))
    if own is not None and own.trials:
        calls = [call.usage for trial in own.trials for call in trial.attempts if call.usage is not None]
        number = len(own.trials)
        return sum(each.input or 0 for each in calls) / number, sum(
            each.output or 0 for each in calls
        ) / number
    if not conversations:
        return None
    asked = sum(estimate_usage(said, "").input or 0 for said in conversations) / len(conversations)
    return asked, _answer(candidate, bounds, past)[0]


def _mean_cost(candidate: Candidate, past: _Past | None) -> float | None:
    if past is None:
        return None
    costs = [_sum(_call_cost(candidate, call) for call in trial.attempts) for trial in past.trials]
    known = [cost for cost in costs if cost is not None]
    return sum(known) / len(known) if known else None


def _call_cost(candidate: Candidate, call: Attempt) -> float | None:
    if call.usage is None and call.error is not None:
        return (
            call.cost or 0.0
        )  # a call that failed without any usage was not billed, unless it is known what it cost
    # What a pipeline asked on its way has prices of its own: what it cost then stands in.
    own = candidate.price is not None and call.within is None
    return token_cost(call.usage, candidate.price) if own else call.cost


def _rule(candidate: Candidate) -> float:
    usual = REASONING_TOKENS if candidate.reasoning else OUTPUT_TOKENS
    limits = (candidate.parameters.get(key) for key in OUTPUT_LIMITS)
    return min([usual, *(limit for limit in limits if isinstance(limit, int) and limit > 0)])


def _sum(amounts: Iterable[float | None]) -> float | None:
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
