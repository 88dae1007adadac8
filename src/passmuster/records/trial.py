"""Trials: one candidate on one case, one repeat, with every attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from passmuster.records.case import Case, Conversation, Message, ToolCall
from passmuster.records.record import Json, Record, made_often

FailureKind: TypeAlias = Literal[
    "rate_limit",  # 429
    "server_error",  # 5xx
    "connection",  # refused, reset, name not found, TLS
    "timeout",
    "malformed",  # an answer that is not of the promised form
    "auth",  # 401, 403
    "quota",  # the account has no money or allowance left: waiting does not help
    "bad_request",  # any other 4xx
    "prompt",  # the prompt could not be rendered for this case
    "not_recorded",  # replay: nothing recorded for this case
    "recorded",  # replay: a failure was recorded
    "internal",  # the provider itself broke
]
Source: TypeAlias = Literal["measured", "recorded", "simulated", "cached"]


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Usage(Record):
    """Tokens of one call; None is unknown.

    `cached` (read from the endpoint's cache) and `cache_write` (written to it) are parts of `input`,
    `reasoning` of `output`. `other` counts what a price card may price apart, by the card's own unit
    (`input_audio`, `output_audio`, `web_searches`, ...). `estimated` marks counts that no one reported:
    characters / 4 of prompt and reply.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    estimated: bool = False
    cache_write: int | None = None
    other: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogprob(Record):
    """The natural-log probability of a token and of its most likely alternatives."""

    token: str
    logprob: float
    top: Mapping[str, float] | None = None


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Record):
    """What a candidate answered.

    `confidence` is in [0, 1]; `probabilities` maps labels to probabilities where the candidate gives them;
    `model` and `fingerprint` are what the endpoint said about itself. Of an agent, `steps` are the messages on
    the way to `text` (what it said, the tools that it called, what they gave back), None where nobody kept
    them; `state` is what it left behind, as JSON.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    confidence: float | None = None
    probabilities: Mapping[str, float] | None = None
    logprobs: tuple[TokenLogprob, ...] | None = None
    model: str | None = None
    fingerprint: str | None = None
    steps: tuple[Message, ...] | None = None
    state: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Record):
    """How a trial ended without a reply."""

    kind: FailureKind
    message: str


Outcome: TypeAlias = Reply | Failure


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Record):
    """A single call, with its time and money.

    `started` is seconds since the epoch, `seconds` from there to the last byte, `first_token` from there to
    the first non-empty token of a stream. `cost` is what this run paid in US dollars. `in_flight` is how many
    calls the candidate had open when this one began, itself included. `gaps` are the seconds between the
    non-empty pieces of a stream, the first one after `first_token`. A call that a pipeline made while it
    answered says in `within` the number of the attempt that it belongs to, and in `model` whom it asked.
    `at_risk` is the most that it may have cost in US dollars beyond `cost`, where it may have been billed and
    no account of it came. None is unknown, never zero.
    """

    started: float
    seconds: float | None = None
    first_token: float | None = None
    status: int | None = None
    error: FailureKind | None = None
    message: str | None = None
    retry_after: float | None = None
    usage: Usage | None = None
    cost: float | None = None
    in_flight: int | None = None
    gaps: tuple[float, ...] | None = None
    within: int | None = None
    model: str | None = None
    at_risk: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Record):
    """What an endpoint said with a reply about its rate limits; None is not said.

    `requests` and `tokens` are allowed a minute, `..._left` until more are granted, and `..._reset` is in how
    many seconds all of them are back.
    """

    requests: int | None = None
    requests_left: int | None = None
    requests_reset: float | None = None
    tokens: int | None = None
    tokens_left: int | None = None
    tokens_reset: float | None = None


class Exchange(NamedTuple):
    """What a provider gives back for one call: how it ended, the account of it, and what else it learned.

    `inner` are the calls that a pipeline made on the way (`within` is set by the engine), `limits` what the
    endpoint said about its rate limits.
    """

    outcome: Outcome
    attempt: Attempt
    inner: tuple[Attempt, ...] = ()
    limits: Limits | None = None


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Record):
    """What a provider is asked: the case, the conversation rendered from it, and which repeat this is.

    `repeat` is that of the trial's key, which cases with equal input share; `round` counts the repeats of
    this very case, from 0: a recording answers by it.
    """

    case: Case
    conversation: Conversation
    repeat: int = 0
    round: int = 0


class TrialKey(NamedTuple):
    """What makes a trial the same trial: case digest, candidate digest, repeat."""

    case: str
    candidate: str
    repeat: int


@made_often
@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Record):
    """One candidate on one case, one repeat: how it ended and every attempt on the way.

    `source` says where its times come from: measured by this tool now, recorded elsewhere, simulated, or
    measured in an earlier run and taken from the cache. `request` is the digest of all that decided the
    reply (endpoint, model, parameters, conversation), by which the cache finds it; None is never cached.
    """

    key: TrialKey
    case_id: str
    outcome: Outcome
    attempts: tuple[Attempt, ...]
    source: Source = "measured"
    request: str | None = None

    @property
    def calls(self) -> tuple[Attempt, ...]:
        """The attempts of the trial itself, without the calls that a pipeline made inside them."""
        return tuple([attempt for attempt in self.attempts if attempt.within is None])

    @property
    def latency(self) -> float | None:
        """Seconds from the first attempt's start to the last byte, waits included; None if unknown."""
        calls = self.calls
        if not calls or calls[-1].seconds is None:
            return None
        return calls[-1].started - calls[0].started + calls[-1].seconds

    @property
    def first_token(self) -> float | None:
        """Seconds from the first attempt's start to the first non-empty token; None if not streamed."""
        calls = self.calls
        if not calls or calls[-1].first_token is None:
            return None
        return calls[-1].started - calls[0].started + calls[-1].first_token

    @property
    def retried(self) -> float:
        """Seconds of `latency` that went to failed attempts and the waits after them; 0.0 without a retry."""
        calls = self.calls
        return calls[-1].started - calls[0].started if calls else 0.0
