"""Trials: one candidate on one case, one repeat, with every attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from passmuster.records.case import Case, Conversation, ToolCall
from passmuster.records.record import Record

FailureKind: TypeAlias = Literal[
    "rate_limit",  # 429
    "server_error",  # 5xx
    "connection",  # refused, reset, name not found, TLS
    "timeout",
    "malformed",  # an answer that is not of the promised form
    "auth",  # 401, 403
    "bad_request",  # any other 4xx
    "prompt",  # the prompt could not be rendered for this case
    "not_recorded",  # replay: nothing recorded for this case
    "recorded",  # replay: a failure was recorded
    "internal",  # the provider itself broke
]
Source: TypeAlias = Literal["measured", "recorded", "simulated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage(Record):
    """Tokens of one call. `cached` is part of `input`, `reasoning` part of `output`; None is unknown.

    `estimated` marks counts that no one reported: characters / 4 of prompt and reply.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLogprob(Record):
    """The natural-log probability of a token and of its most likely alternatives."""

    token: str
    logprob: float
    top: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Record):
    """What a candidate answered.

    `confidence` is in [0, 1]; `probabilities` maps labels to probabilities where the candidate gives them;
    `model` and `fingerprint` are what the endpoint said about itself.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    confidence: float | None = None
    probabilities: Mapping[str, float] | None = None
    logprobs: tuple[TokenLogprob, ...] | None = None
    model: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Record):
    """How a trial ended without a reply."""

    kind: FailureKind
    message: str


Outcome: TypeAlias = Reply | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Record):
    """A single call, with its time and money.

    `started` is seconds since the epoch, `seconds` from there to the last byte, `first_token` from there to
    the first non-empty token of a stream. `cost` is what this run paid in US dollars. `in_flight` is how many
    calls the candidate had open when this one began, itself included. None is unknown, never zero.
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


class Exchange(NamedTuple):
    """What a provider gives back for one call: how it ended, and the account of it."""

    outcome: Outcome
    attempt: Attempt


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Record):
    """One candidate on one case, one repeat: how it ended and every attempt on the way.

    `source` says where its times come from: measured by this tool, recorded elsewhere, or simulated.
    """

    key: TrialKey
    case_id: str
    outcome: Outcome
    attempts: tuple[Attempt, ...]
    source: Source = "measured"

    @property
    def latency(self) -> float | None:
        """Seconds from the first attempt's start to the last byte, waits included; None if unknown."""
        if not self.attempts or self.attempts[-1].seconds is None:
            return None
        return self.attempts[-1].started - self.attempts[0].started + self.attempts[-1].seconds

    @property
    def first_token(self) -> float | None:
        """Seconds from the first attempt's start to the first non-empty token; None if not streamed."""
        if not self.attempts or self.attempts[-1].first_token is None:
            return None
        return self.attempts[-1].started - self.attempts[0].started + self.attempts[-1].first_token
