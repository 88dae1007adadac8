"""Makes one trial: its calls, the waits between them, and the account of each."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from passmuster.errors import PromptError
from passmuster.ports import Clock, Provider
from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Conversation
from passmuster.records.digest import DIGEST_LENGTH, canonical
from passmuster.records.money import estimate_usage, token_cost
from passmuster.records.trial import Attempt, Exchange, Failure, Outcome, Reply, Request, Trial, TrialKey
from passmuster.runner.bounds import CallBounds
from passmuster.runner.budget import Budget
from passmuster.runner.deadline import Deadlines
from passmuster.runner.plan import Ask
from passmuster.runner.prompt import render
from passmuster.runner.rate import Throttle
from passmuster.runner.retry import RetryPolicy, Uniform

UNSEEN = frozenset({"timeout", "connection", "malformed", "internal"})
"""Failures after which a call may have been billed although no account of it came."""
GATEWAY = frozenset({502, 504, *range(520, 525)})
"""Statuses of what stands before an endpoint and lost it: the call may have been answered, and billed."""
STOPPING = frozenset({"auth", "quota"})
"""Failures that say nothing about a case: the candidate itself may not, or cannot, be asked."""

Recall = Callable[[str, int], Trial | None]
Reserve = Callable[[TrialKey, float], Awaitable[None]]
Unmade = Callable[[TrialKey, Sequence[Attempt]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How one candidate is asked: by whom, how fast, within which bounds, and at which prices.

    `inner_prices` are those of the models that a pipeline asks while it answers, by name.
    """

    candidate: Candidate
    provider: Provider
    throttle: Throttle | None = None
    bounds: CallBounds | None = None
    inner_prices: Callable[[str], Price | None] | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What a maker may use beside its provider: the account, its durable form, and the cache; None is without.

    `unmade` is told of the calls that were made for a trial that never came to its end.
    """

    budget: Budget | None = None
    reserve: Reserve | None = None
    recall: Recall | None = None
    unmade: Unmade | None = None


class StoppedError(Exception):
    """This candidate is asked no more, for the reason that is given; the trial at hand was not made."""


class Maker:
    """Makes the trials of one candidate.

    Args:
        asking: How it is asked.
        clock: Where times come from.
        uniform: The jitter of retries.
        retry: What is asked again.
        means: The budget that every call reserves from, and the cache.
    """

    def __init__(
        self, asking: Asking, clock: Clock, uniform: Uniform, retry: RetryPolicy, means: Means | None = None
    ) -> None:
        means = means or Means()
        candidate, budget = asking.candidate, means.budget
        self._asking = asking
        self._candidate = candidate
        self._throttle = asking.throttle
        self._clock = clock
        self._uniform = uniform
        self._retry = retry
        self._patience = candidate.patience or retry.trial
        self._source = asking.provider.source
        measured = self._source == "measured" and candidate.kind == "llm"
        # Nobody is paid for a recording, a simulation or a baseline, whatever the account of its calls says.
        binding = measured and budget is not None and budget.binds(candidate.name)
        self._budget = budget if binding else None
        self._recall = means.recall if measured else None
        self._reserve = means.reserve
        self._unmade = means.unmade if measured else None
        self._identity = _identity(candidate) if measured else None
        self._deadlines = Deadlines()
        self._open = 0
        self._reached = False
        self._answered = False

    async def make(self, ask: Ask) -> Trial:
        """Make a trial.

        Raises:
            StoppedError: where the candidate must be asked no more.
        """
        key, case = ask.key, ask.case
        try:
            conversation = render(self._candidate.prompt, case)
        except PromptError as error:
            return self._trial(ask, Failure(kind="prompt", message=str(error)), [])
        request_digest = None
        if self._identity is not None:
            content = self._identity + canonical(conversation)
            request_digest = hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
            found = self._recall(request_digest, key.repeat) if self._recall is not None else None
            if found is not None:
                return replace(found, key=key, case_id=case.id, source="cached", request=request_digest)
        request = Request(case=case, conversation=conversation, repeat=key.repeat, round=ask.round)
        attempts: list[Attempt] = []
        try:
            outcome = await self._calls(request, key, attempts)
            if isinstance(outcome, Failure):
                self._refuse(outcome, attempts)
        except BaseException:
            # Stopped or interrupted: the trial is not stored, and its calls may have been billed all the same.
            if self._unmade is not None:
                self._unmade(key, attempts)
            raise
        return self._trial(ask, outcome, attempts, request_digest)

    def _trial(
        self, ask: Ask, outcome: Outcome, attempts: list[Attempt], request: str | None = None
    ) -> Trial:
        return Trial(
            key=ask.key,
            case_id=ask.case.id,
            outcome=outcome,
            attempts=tuple(attempts),
            source=self._source,
            request=request,
        )

    async def _calls(self, request: Request, key: TrialKey, attempts: list[Attempt]) -> Outcome:
        """Call until there is a reply, or a failure that stays; note every attempt, inner ones after their own."""
        retry, patience = self._retry, self._patience
        made = limited = 0
        # Waiting for one's turn is no time of the trial: a slow pace must not make it fail.
        used = 0.0
        while True:
            number = len(attempts)
            if self._budget is None:
                outcome = await self._call(request, attempts, patience - used)
            else:
                outcome = await self._paid(self._budget, request, key, attempts, patience - used)
            if isinstance(outcome, Reply):
                return outcome
            limited += outcome.kind == "rate_limit"
            made += outcome.kind != "rate_limit"
            wait = retry.wait(made + limited, attempts[number].retry_after, self._uniform)
            used += (attempts[number].seconds or 0.0) + wait
            if used >= patience or not retry.retries(outcome.kind, made, limited):
                return outcome
            await self._clock.sleep(wait)

    async def _paid(
        self, budget: Budget, request: Request, key: TrialKey, attempts: list[Attempt], left: float
    ) -> Outcome:
        """Make one call that the budget has room for."""
        name, most = self._candidate.name, self._most(request.conversation)
        if not await budget.reserve(name, most):
            raise StoppedError(_over_budget(budget.unspent(name), most))
        known = len(attempts)
        try:
            if self._reserve is not None:
                before = sum(map(_cost, attempts))
                if before > 0 or not attempts:
                    await self._reserve(key, before + most)
            return await self._call(request, attempts, left, most)
        finally:
            accounts = attempts[known:]
            paid = sum([attempt.cost or 0.0 for attempt in accounts])
            budget.settle(
                name, most, paid=paid, at_risk=sum([attempt.at_risk or 0.0 for attempt in accounts])
            )

    async def _call(
        self, request: Request, attempts: list[Attempt], left: float, most: float = 0.0
    ) -> Outcome:
        """Make one call when its turn has come, and note it; whatever the provider raises is a failure of it.

        One that is cut off is noted as an attempt that may have been billed in full.
        """
        throttle = self._throttle
        if throttle is not None and not throttle.opens():
            await throttle.enter(self._tokens(request.conversation) if throttle.counts_tokens else 0.0)
        self._open += 1
        in_flight = self._open
        started = self._clock.now()
        try:
            with self._deadlines.within(left):
                exchange = await self._asking.provider.ask(request)
        except TimeoutError:
            message = f"the trial took longer than {self._patience:g} s"
            exchange = self._broken(started, Failure(kind="timeout", message=message))
        except Exception as error:  # noqa: BLE001  # one broken provider must not end the others' run
            message = f"{type(error).__name__}: {error}"
            exchange = self._broken(started, Failure(kind="internal", message=message))
        except BaseException:
            seconds = self._clock.now() - started
            attempts.append(Attempt(started=started, seconds=seconds, at_risk=most or None))
            if throttle is not None:
                throttle.abandon()
            raise
        finally:
            self._open -= 1
        if throttle is not None:
            throttle.leave(exchange.attempt, exchange.outcome, exchange.limits)
        self._note(exchange, in_flight, most, attempts)
        return exchange.outcome

    def _broken(self, started: float, failure: Failure) -> Exchange:
        return Exchange(failure, Attempt(started=started, seconds=self._clock.now() - started))

    def _note(self, exchange: Exchange, in_flight: int, most: float, attempts: list[Attempt]) -> None:
        """Price the attempt and those inside it, say what it may have cost unseen, and add them to the others."""
        attempt, outcome, inner = exchange.attempt, exchange.outcome, exchange.inner
        if inner:
            inner = tuple([self._inner(each, len(attempts)) for each in inner])
        error, message = attempt.error, attempt.message
        if isinstance(outcome, Reply):
            self._reached = self._answered = True
        else:
            self._reached |= outcome.kind != "connection"
            if error is None:
                error, message = outcome.kind, outcome.message
        cost = attempt.cost
        if cost is None:
            cost = token_cost(attempt.usage, self._candidate.price)
        at_risk = attempt.at_risk
        if at_risk is None and most > 0 and _is_uncertain(exchange, cost, inner):
            at_risk = max(0.0, most - (cost or 0.0) - sum(each.cost or 0.0 for each in inner))
        accounted = Attempt(  # written out: `replace` takes twice as long, and every call comes by here
            started=attempt.started,
            seconds=attempt.seconds,
            first_token=attempt.first_token,
            status=attempt.status,
            error=error,
            message=message,
            retry_after=attempt.retry_after,
            usage=attempt.usage,
            cost=cost,
            in_flight=attempt.in_flight if self._source == "recorded" else in_flight,
            gaps=attempt.gaps,
            within=attempt.within,
            model=attempt.model,
            at_risk=at_risk,
        )
        attempts.append(accounted)
        attempts += inner

    def _inner(self, attempt: Attempt, number: int) -> Attempt:
        """Return a call inside attempt `number`, priced where its model is known."""
        prices, cost = self._asking.inner_prices, attempt.cost
        if cost is None and attempt.model is not None and prices is not None:
            cost = token_cost(attempt.usage, prices(attempt.model))
        return replace(attempt, cost=cost, within=number)

    def _tokens(self, conversation: Conversation) -> float:
        """Return about how many tokens an endpoint counts for a call: what is sent, and what may be written."""
        sent, bounds = estimate_usage(conversation, "").input or 0, self._asking.bounds
        return float(sent + (0 if bounds is None else bounds.output))

    def _most(self, conversation: Conversation) -> float:
        bounds = self._asking.bounds
        usd = None if bounds is None else bounds.usd(conversation)
        if usd is None:
            why = "" if bounds is None else bounds.worst(conversation).why
            raise StoppedError(f"the budget cannot be kept, because nothing bounds what a call costs: {why}")
        return usd

    def _refuse(self, outcome: Failure, attempts: list[Attempt]) -> None:
        """Stop the candidate where the failure is its own and not the case's.

        Raises:
            StoppedError: for a refused key, an empty account, or an endpoint that was never reached.
        """
        if outcome.kind == "connection" and not self._reached:
            raise StoppedError(f"it cannot be reached: {outcome.message}")
        # Some endpoints answer a single prompt that they will not serve with 403.
        of_the_case = outcome.kind == "auth" and self._answered and attempts[-1].status == 403
        if outcome.kind in STOPPING and not of_the_case:
            raise StoppedError(outcome.message)


def _is_uncertain(exchange: Exchange, cost: float | None, inner: Sequence[Attempt]) -> bool:
    """Return whether a call may have been billed more than its account says, which came to this cost."""
    outcome, attempt = exchange.outcome, exchange.attempt
    if isinstance(outcome, Failure):
        # After a failure usage is what had been told by then; a server may fail in the middle of its answer.
        begun = attempt.status is not None and (attempt.status < 300 or attempt.status in GATEWAY)
        return outcome.kind in UNSEEN or (outcome.kind == "server_error" and begun)
    if cost is None and inner:
        # What never left this machine is billed by nobody.
        sent = [each for each in inner if each.at_risk != 0.0]
        return any(each.cost is None or _is_estimated(each) for each in sent)
    return cost is None or _is_estimated(attempt)


def _is_estimated(attempt: Attempt) -> bool:
    return attempt.usage is not None and attempt.usage.estimated


def _cost(attempt: Attempt) -> float:
    return (attempt.cost or 0.0) + (attempt.at_risk or 0.0)


def _identity(candidate: Candidate) -> bytes:
    """Return what decides a reply beside the conversation: not the prompt, of which only the rendered text counts."""
    return canonical([candidate.provider, candidate.endpoint, candidate.model, candidate.parameters])


def _over_budget(left: float | None, most: float) -> str:
    rest = 0.0 if left is None else max(0.0, left)
    return f"its budget is used up: ${rest:.6f} are left, and the next call can cost ${most:.6f}"
