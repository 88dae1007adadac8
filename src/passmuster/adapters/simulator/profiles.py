"""What a simulated endpoint is said to be: answers, times and failures, as a project file states them."""

from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from passmuster.records.record import Record

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Positive: TypeAlias = Annotated[float, Field(gt=0)]
Amount: TypeAlias = Annotated[float, Field(ge=0)]
Count: TypeAlias = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswers(Record):
    """Answers from a file of recorded outputs; `select` names the model in its `candidate` column."""

    path: str
    select: str | None = None
    kind: Literal["recorded"] = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantAnswer(Record):
    """The same text to everything."""

    text: str
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence(Record):
    """How sure the model says it is: a probability drawn evenly from `mean` - `spread` to `mean` + `spread`.

    `right` and `wrong` are the means for answers that are right and that are not.
    """

    right: Share = 0.95
    wrong: Share = 0.75
    spread: Share = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswers(Record):
    """The case's reference, spoilt with the given probabilities (each in [0, 1]).

    `right` is the chance of each field (of the whole answer, where the reference is one value) to be as in
    the reference; the field named by `citation` is right unless it is invented, that is, cites what is not
    in the prompt, with the chance `invented_citation`; `malformed` is the chance of cut JSON or prose around it; `refusal` the chance of no answer at all.
    """

    right: Share = 1.0
    invented_citation: Share = 0.0
    malformed: Share = 0.0
    refusal: Share = 0.0
    citation: str = "citation"
    confidence: Confidence | None = None
    kind: Literal["rule"] = "rule"


Answers: TypeAlias = RecordedAnswers | ConstantAnswer | RuleAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLatency(Record):
    """Each reply takes the seconds recorded with it, divided by `speed`; none where none are recorded.

    `first_token_share` is the part of the time until the first token where that was not recorded.
    """

    speed: Positive = 1.0
    first_token_share: Share = 0.5
    kind: Literal["recorded"] = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail(Record):
    """A share of calls, `probability`, that take `seconds` longer."""

    probability: Share
    seconds: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalLatency(Record):
    """Seconds with the given median, `sigma` of their logarithm, and an optional tail."""

    median: Positive
    sigma: Amount = 0.0
    tail: Tail | None = None
    first_token_share: Share = 0.5
    kind: Literal["lognormal"] = "lognormal"


Latency: TypeAlias = RecordedLatency | LognormalLatency


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults(Record):
    """The shares of calls that end with HTTP 429 and HTTP 500; `retry_after` is in seconds."""

    rate_limit: Share = 0.0
    retry_after: Amount = 1.0
    server_error: Share = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens(Record):
    """What the endpoint says of its tokens.

    Counts are by four characters a token unless they are recorded; `reasoning` tokens are added to the
    output. With `report` false it says nothing, as some endpoints do.
    """

    reasoning: Count = 0
    cached: Count = 0
    report: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointProfile(Record):
    """One simulated model."""

    name: str
    answers: Answers
    latency: Latency = field(default_factory=RecordedLatency)
    faults: Faults = field(default_factory=Faults)
    tokens: Tokens = field(default_factory=Tokens)
