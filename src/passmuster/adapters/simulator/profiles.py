"""What a simulated endpoint is said to be: answers, times and failures, as a project file states them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from passmuster.records.record import Record

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Positive: TypeAlias = Annotated[float, Field(gt=0)]
Amount: TypeAlias = Annotated[float, Field(ge=0)]
Count: TypeAlias = Annotated[int, Field(ge=0)]
Fault: TypeAlias = Literal[
    "rate_limit",
    "server_error",
    "rate_limit_bare",
    "unavailable",
    "overloaded",
    "reset",
    "hang",
    "truncated",
    "cut",
    "malformed_stream",
    "drip",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
"""In the order in which they are drawn: a new one goes to the end, so that the others stay."""


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
    in the prompt, with the chance `invented_citation`. `lifts` says what a text in the prompt adds to `right` (or takes
    from it), `shots` what solved cases before the question do; `malformed` is the chance of cut JSON or prose around it; `refusal` the chance of no answer at all.
    """

    right: Share = 1.0
    invented_citation: Share = 0.0
    malformed: Share = 0.0
    refusal: Share = 0.0
    citation: str = "citation"
    lifts: Mapping[str, float] = field(default_factory=dict)
    shots: float = 0.0
    confidence: Confidence | None = None
    kind: Literal["rule"] = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeAnswers(Record):
    """Verdicts on the replies that a judge is asked about, as an honest judge, a noisy one, or a biased one gives them.

    What is true comes from the file `truth` (rows with a reply's `text`, or its digest as `reply`, and its `value`), else from
    the reference in the question, else from that of the project's case: a reply that says the same is right. Shares are in [0, 1]:

    - `sensitivity` and `specificity`: of right replies, those that it passes; of wrong ones, those that it fails. `noise`: on a
      longer scale, the standard deviation of what it adds to the truth, and `shift` what it always adds, in steps of the scale.
    - `unsteady`: of questions, those whose draw is another one at each repeat; the others are answered alike whenever asked.
    - `malformed`, `refusal`, `off_scale`: of questions, those answered by no verdict, by none at all, by one off the scale.
    - `ties`, `first`, `longer`: of pairs, those where it says tie, prefers the one shown first, or the longer one, whatever is
      true (together at most 1). Of single replies, `longer` are judged by their length: `typical` characters are in the middle.
    - `favour`: of replies of its own, those that get the best it can give. Its own are those that contain the text `favours`, and
      those of which the truth says so (`by`).
    """

    truth: str | None = None
    sensitivity: Share = 1.0
    specificity: Share = 1.0
    noise: Amount = 0.0
    shift: float = 0.0
    unsteady: Share = 0.0
    malformed: Share = 0.0
    refusal: Share = 0.0
    off_scale: Share = 0.0
    ties: Share = 0.0
    first: Share = 0.0
    longer: Share = 0.0
    typical: Positive = 400.0
    favours: str | None = None
    favour: Share = 1.0
    kind: Literal["judge"] = "judge"

    def __post_init__(self) -> None:
        """Refuse shares that are more than everything."""
        for names in (("malformed", "refusal", "off_scale"), ("ties", "first", "longer")):
            if (total := sum(getattr(self, name) for name in names)) > 1 + 1e-9:
                raise ValueError(f"{', '.join(names)} must be at most 1 together, and are {total:g}")


Answers: TypeAlias = RecordedAnswers | ConstantAnswer | RuleAnswers | JudgeAnswers


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
class ConstantSeconds(Record):
    """Always the same `seconds`."""

    seconds: Amount
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalSeconds(Record):
    """Seconds with the given median, `sigma` of their logarithm, and an optional tail."""

    median: Positive
    sigma: Amount = 0.0
    tail: Tail | None = None
    kind: Literal["lognormal"] = "lognormal"


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaSeconds(Record):
    """Gamma distributed seconds with the given mean; `shape` 1 is the exponential, a higher one is steadier."""

    mean: Positive
    shape: Positive = 1.0
    tail: Tail | None = None
    kind: Literal["gamma", "exponential"] = "gamma"

    def __post_init__(self) -> None:
        """Refuse an exponential of another shape."""
        if self.kind == "exponential" and self.shape != 1:
            raise ValueError("an exponential has no shape: say kind: gamma")


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformSeconds(Record):
    """Seconds evenly spread from `low` to `high`."""

    low: Amount
    high: Amount
    kind: Literal["uniform"] = "uniform"

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins."""
        if self.high < self.low:
            raise ValueError(f"high ({self.high:g}) must not be below low ({self.low:g})")


Seconds: TypeAlias = ConstantSeconds | LognormalSeconds | GammaSeconds | UniformSeconds
"""A distribution of times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantLatency(ConstantSeconds):
    """Every answer takes the same time; `first_token_share` of it passes before the first token."""

    first_token_share: Share = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LognormalLatency(LognormalSeconds):
    """Answers take lognormal seconds; `first_token_share` of them pass before the first token."""

    first_token_share: Share = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaLatency(GammaSeconds):
    """Answers take gamma distributed seconds; `first_token_share` of them pass before the first token."""

    first_token_share: Share = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class UniformLatency(UniformSeconds):
    """Answers take evenly spread seconds; `first_token_share` of them pass before the first token."""

    first_token_share: Share = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PacedLatency(Record):
    """The time to the first token and the gaps between tokens are drawn apart, a gap for each token.

    `tokens_per_second` is a constant gap. An answer takes the first token's time and all gaps, streamed or not.
    """

    first_token: Seconds
    gap: Seconds | None = None
    tokens_per_second: Positive | None = None
    kind: Literal["paced"] = "paced"

    def __post_init__(self) -> None:
        """Refuse two paces, and none."""
        if (self.gap is None) == (self.tokens_per_second is None):
            raise ValueError("say either gap or tokens_per_second")


Latency: TypeAlias = (
    RecordedLatency | ConstantLatency | LognormalLatency | GammaLatency | UniformLatency | PacedLatency
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults(Record):
    """The shares of calls that go wrong, each in [0, 1], together at most 1; every attempt draws anew.

    `rate_limit` is HTTP 429 with `retry-after` of `retry_after` seconds, `rate_limit_bare` the same without;
    `server_error` is HTTP 500, `unavailable` 503, `overloaded` 529; `reset` breaks the connection before the
    answer; `hang` leaves the client waiting for `hang_seconds` before the answer begins; `truncated` is
    JSON that ends too early in a complete HTTP message, `cut` a message whose second half never comes;
    `malformed_stream` has an event that is no JSON (an answer that is not streamed is truncated instead);
    `drip` sends the answer byte by byte, one every `drip_seconds`.
    """

    rate_limit: Share = 0.0
    retry_after: Amount = 1.0
    server_error: Share = 0.0
    rate_limit_bare: Share = 0.0
    unavailable: Share = 0.0
    overloaded: Share = 0.0
    reset: Share = 0.0
    hang: Share = 0.0
    hang_seconds: Amount = 60.0
    truncated: Share = 0.0
    cut: Share = 0.0
    malformed_stream: Share = 0.0
    drip: Share = 0.0
    drip_seconds: Amount = 1.0

    def __post_init__(self) -> None:
        """Refuse shares that are more than everything."""
        if (total := sum(getattr(self, kind) for kind in FAULTS)) > 1 + 1e-9:
            raise ValueError(f"the shares of faults must be at most 1 together, and are {total:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits(Record):
    """What a model allows a minute, as token buckets: full at the start, with room for `burst`, refilled evenly.

    None is no limit. `burst` defaults to one second's worth of requests (at least 1), `burst_tokens` to a
    minute's worth of tokens. Prompt and `max_tokens` are taken when a request comes, else the tokens of the
    answer when it is known; what is refused takes nothing. With `headers` false no answer tells of limits, nor
    a refusal of how long to wait.
    """

    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None
    burst: Annotated[float, Field(ge=1)] | None = None
    burst_tokens: Positive | None = None
    headers: bool = True


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
class Switch(Record):
    """Another model behind the same name, as when a provider updates it.

    It takes over `at_seconds` after the start, or with the request number `at_request` (from 1, in the order in
    which they come). From then on answers report `reports` as their model, another fingerprint, and are
    taken from `answers`; what is None stays, but for the fingerprint, which stays only where the switch is `silent`.
    """

    at_seconds: Amount | None = None
    at_request: Annotated[int, Field(ge=1)] | None = None
    reports: str | None = None
    fingerprint: str | None = None
    answers: Answers | None = None
    silent: bool = False

    def __post_init__(self) -> None:
        """Refuse two moments, and none."""
        if (self.at_seconds is None) == (self.at_request is None):
            raise ValueError("say either at_seconds or at_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointProfile(Record):
    """One simulated model: asked as `name`, it reports itself as `reports` (None: the name)."""

    name: str
    answers: Answers
    latency: Latency = field(default_factory=RecordedLatency)
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits = field(default_factory=RateLimits)
    tokens: Tokens = field(default_factory=Tokens)
    reports: str | None = None
    switch: Switch | None = None
