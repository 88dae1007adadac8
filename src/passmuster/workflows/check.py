"""`check`: one call per candidate, before a run is paid for."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.corpus.egress import may_receive
from passmuster.errors import PromptError
from passmuster.ports import Clock, Provider
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.money import token_cost
from passmuster.records.record import Record
from passmuster.records.trial import Attempt, Failure, FailureKind, Reply, Request, Usage
from passmuster.runner.prompt import render


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult(Record):
    """What one call told about a candidate.

    `key` is whether the endpoint took the key (None: it did not come to that); `model` is what it says has
    answered, `other_model` whether that is not the one that was `asked`; `streaming` whether a time to first token
    was seen; `latency` and `first_token` are seconds, `cost` US dollars; None is unknown.
    """

    candidate: str
    ok: bool
    error: str | None = None
    kind: FailureKind | None = None
    key: bool | None = None
    asked: str | None = None
    model: str | None = None
    other_model: bool = False
    fingerprint: str | None = None
    price: bool = False
    streaming: bool = False
    logprobs: bool = False
    latency: float | None = None
    first_token: float | None = None
    usage: Usage | None = None
    cost: float | None = None
    reply: str | None = None


async def check(
    cases: Sequence[Case], candidates: Sequence[Candidate], providers: Mapping[str, Provider], clock: Clock
) -> tuple[CheckResult, ...]:
    """Ask every candidate the first case that it may receive, all at once and each once, and return what came of it.

    Nothing is stored and nothing is asked again: a check is no trial. Providers are by candidate digest.
    """
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(_check(cases, candidate, providers[candidate_digest(candidate)], clock))
            for candidate in candidates
        ]
    return tuple(call.result() for call in calls)


async def _check(
    cases: Sequence[Case], candidate: Candidate, provider: Provider, clock: Clock
) -> CheckResult:
    case = next((case for case in cases if may_receive(candidate.egress, case)), None)
    if case is None:
        message = "no case of this corpus may be sent to it: see its egress rules"
        return _result(candidate, Failure(kind="prompt", message=message), None)
    try:
        conversation = render(candidate.prompt, case)
    except PromptError as error:
        return _result(candidate, Failure(kind="prompt", message=str(error)), None)
    started = clock.now()
    try:
        outcome, attempt, *_ = await provider.ask(Request(case=case, conversation=conversation))
    except Exception as error:  # noqa: BLE001  # a broken provider is a line of the table
        outcome = Failure(kind="internal", message=f"{type(error).__name__}: {error}")
        attempt = Attempt(started=started, seconds=clock.now() - started)
    return _result(candidate, outcome, attempt)


def _result(candidate: Candidate, outcome: Reply | Failure, attempt: Attempt | None) -> CheckResult:
    reply = outcome if isinstance(outcome, Reply) else None
    failure = outcome if isinstance(outcome, Failure) else None
    usage = None if attempt is None else attempt.usage
    given = None if attempt is None else attempt.cost
    return CheckResult(
        candidate=candidate.name,
        ok=reply is not None,
        error=None if failure is None else failure.message,
        kind=None if failure is None else failure.kind,
        key=_key(failure),
        asked=candidate.model,
        model=None if reply is None else reply.model,
        other_model=reply is not None and _differ(candidate.model, reply.model),
        fingerprint=None if reply is None else reply.fingerprint,
        price=candidate.price is not None,
        streaming=attempt is not None and attempt.first_token is not None,
        logprobs=reply is not None and reply.logprobs is not None,
        latency=None if attempt is None else attempt.seconds,
        first_token=None if attempt is None else attempt.first_token,
        usage=usage,
        cost=token_cost(usage, candidate.price) if given is None else given,
        reply=None if reply is None else reply.text,
    )


def _differ(asked: str | None, reported: str | None) -> bool:
    """Return whether these are names of two models, and not of one with a date or a vendor added to it."""
    if not asked or not reported:
        return False
    one, other = (name.rpartition("/")[2].casefold() for name in (asked, reported))
    return not (one.startswith(other) or other.startswith(one))


def _key(failure: Failure | None) -> bool | None:
    if failure is None:
        return True
    if failure.kind == "auth":
        return False
    return True if failure.kind in {"rate_limit", "bad_request"} else None
