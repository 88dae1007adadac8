"""Candidates: what is compared, and how each is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.case import Input
from passmuster.records.digest import digest, plain
from passmuster.records.record import Json, Record

Kind: TypeAlias = Literal["llm", "baseline", "manual"]
Structure: TypeAlias = Literal["plain", "xml", "markdown", "json"]
"""How a case is laid out where no template says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(Record):
    """A solved case that stands in a prompt: what was asked, and the right answer as a model would give it."""

    input: Input = field(hash=False)
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(Record):
    """A prompt variant: Jinja2 templates of the user and the system message and of what is said of the output's form.

    Without a `user` template the case's own text is the message, laid out as `structure` says. `examples` are the
    few-shot cases that it shows.
    """

    name: str
    user: str | None = None
    system: str | None = None
    format: str | None = None
    structure: Structure = "plain"
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Record):
    """US dollars for `per` of a unit that a card prices apart, such as a million tokens or a thousand searches.

    `within` names the units that count these too (audio tokens are part of the input): there they are not
    paid for again.
    """

    usd: float
    per: int = 1_000_000
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Record):
    """What changes in a call whose whole input has more than `above` tokens: US dollars of all of a unit.

    Units that it does not name keep their price.
    """

    above: int
    usd: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Record):
    """US dollars per million tokens, with where and when the price was read.

    `cached` and `cache_write` fall back to `input`, `reasoning` falls back to `output`. Without a price of
    the `output` only a call that has none has a known cost. `rates` price the units of `Usage.other`, and
    `requests`: the fee of a call. `tiers` ascend. `context_window` and `max_output` are tokens.
    """

    input: float
    output: float | None
    cached: float | None = None
    reasoning: float | None = None
    source: str = "project file"
    date: str | None = None
    cache_write: float | None = None
    rates: Mapping[str, Rate] | None = None
    tiers: tuple[Tier, ...] = ()
    context_window: int | None = None
    max_output: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Infrastructure(Record):
    """Machines of one's own: US dollars an hour of one, and the tasks that it can do in an hour at the speed asked for.

    `utilisation` is the share of that which it does on average; `machines` how many run at least.
    """

    hourly: float
    tasks_per_hour: float | None = None
    utilisation: float = 1.0
    machines: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep(Record):
    """What a candidate costs a month whatever the volume, in US dollars, and once, spread over `months`.

    `once` is what is paid before the first task, such as a fine-tuning; `hours` are hours of work a month at `hourly`.
    """

    monthly: float = 0.0
    once: float = 0.0
    months: float = 12.0
    hours: float = 0.0
    hourly: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Record):
    """What is declared of a candidate, with where and when that was read: a region, a licence, an end-of-life date."""

    value: Json
    source: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualProcess(Record):
    """The process of today: minutes of work and US dollars an hour, turnaround in seconds.

    `error_rate` is what the user states; where people's own labels are given it is measured instead.
    """

    minutes: float
    hourly: float
    turnaround: float | None = None
    error_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Record):
    """What an endpoint allows a minute, as the user states it; None is not stated."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap(Record):
    """Limits on what a candidate may spend in a run, in US dollars.

    `budget` holds for all of its calls, `per_call` is the most that one call can cost where neither prices
    nor parameters bound it: the user vouches for it.
    """

    budget: float | None = None
    per_call: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress(Record):
    """Which cases may be sent to a candidate: those without personal data, those of these strata; () is all."""

    personal_data: bool = True
    strata: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Record):
    """What is compared: a provider with a model, a prompt and parameters, or a baseline.

    The fields from `provider` to `fitted_on` decide what it answers and make its digest; the name, prices
    and everything below them do not. `patience` is how many seconds a trial may take with all its calls and
    the waits between them; None is as long as the run says. `pipeline` is whether it asks models itself, which
    are paid for wherever it runs. `attributes` are declared of it, `upkeep` is what it costs whatever the volume is.
    `training_cutoff` is the day, month or year that its training data end with, as
    the user states it. `base` is the name of what it is a prompt variant of. `expected` is what the user expects of it
    before it is asked: figures by the names that bars have, for `passmuster plan` only.
    """

    name: str
    provider: str
    model: str | None = None
    endpoint: str | None = None
    prompt: Prompt | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)
    fitted_on: str | None = None
    kind: Kind = "llm"
    price: Price | None = None
    reasoning: bool = False
    infrastructure: Infrastructure | None = None
    manual: ManualProcess | None = None
    concurrency: int = 8
    simulated: bool = False
    rate_limit: RateLimit | None = None
    patience: float | None = None
    cap: Cap | None = None
    egress: Egress | None = None
    pipeline: bool = False
    training_cutoff: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    upkeep: Upkeep | None = None
    base: str | None = None
    expected: Mapping[str, float] = field(default_factory=dict)


def candidate_digest(candidate: Candidate) -> str:
    """Return the digest of all that decides what a candidate answers; not its name, prices or load.

    Example:
        >>> a = Candidate(name="a", provider="openai", model="m")
        >>> candidate_digest(a) == candidate_digest(Candidate(name="b", provider="openai", model="m"))
        True
    """
    return digest(
        {
            "provider": candidate.provider,
            "model": candidate.model,
            "endpoint": candidate.endpoint,
            "prompt": None if candidate.prompt is None else _prompt_content(candidate.prompt),
            "parameters": candidate.parameters,
            "fitted_on": candidate.fitted_on,
        }
    )


def _prompt_content(prompt: Prompt) -> Json:
    """Return all of a prompt but its name; what later releases added counts only where it is used."""
    later = {"format": prompt.format, "structure": prompt.structure, "examples": prompt.examples}
    default = Prompt(name="")
    used = {name: plain(value) for name, value in later.items() if value != getattr(default, name)}
    return {"user": prompt.user, "system": prompt.system, **used}
