"""The typed form of passmuster.yaml. `docs/project-file.md` describes every key.

The classes describe the full form; `forms` expands the short ones before validation, `checks` looks at what
one class cannot see alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from passmuster.project import quantities
from passmuster.records.record import Json, Record

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"  # the variable's name, not a key


def _quantity(forms: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "description": forms})


Seconds: TypeAlias = Annotated[
    float, BeforeValidator(quantities.seconds), _quantity(quantities.SECONDS_FORMS)
]
Minutes: TypeAlias = Annotated[
    float, BeforeValidator(quantities.minutes), _quantity("minutes (3), or text: 90 s, 3 min")
]
Dollars: TypeAlias = Annotated[
    float, BeforeValidator(quantities.dollars), _quantity(quantities.DOLLARS_FORMS)
]
Share: TypeAlias = Annotated[float, BeforeValidator(quantities.share), _quantity(quantities.SHARE_FORMS)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings(Record):
    """How one file of cases is parted: shares that sum to one, near-duplicates and groups kept together."""

    train: Annotated[Share, Field(description="for few-shot cases and fitted baselines")] = 0.70
    eval: Annotated[Share, Field(description="for scoring")] = 0.20
    holdout: Annotated[Share, Field(description="kept aside: no verb reads it")] = 0.10
    seed: Annotated[int, Field(description="another seed is another split")] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSettings(Record):
    """Where the cases are."""

    path: Annotated[
        Name, Field(description="a JSONL or CSV file, or a folder with train.jsonl and eval.jsonl")
    ]
    columns: Annotated[
        Mapping[str, str | tuple[str, ...]],
        Field(description="which column of the file holds which field of a case"),
    ] = field(default_factory=dict)
    split: Annotated[SplitSettings | None, Field(description="part one file in train, eval and holdout")] = (
        None
    )
    use: Annotated[Literal["eval", "all"], Field(description="score the eval split, or all cases")] = "eval"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings(Record):
    """A prompt variant: Jinja2 templates, rendered in a sandbox."""

    name: Annotated[Name | None, Field(description="default: the file's name without its ending")] = None
    file: Annotated[Name | None, Field(description="a file with the user template")] = None
    user: Annotated[str | None, Field(description="the user template itself")] = None
    system: Annotated[str | None, Field(description="the template of the system text")] = None
    system_file: Annotated[Name | None, Field(description="a file with the template of the system text")] = (
        None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSettings(Record):
    """A metric with its options."""

    name: Annotated[Name, Field(description="how it is shown and how bars refer to it")]
    metric: Annotated[Name, Field(description="a built-in metric, or path.py:function inside the project")]
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSettings(Record):
    """A limit that a candidate must meet: exactly one of the two."""

    at_least: Annotated[float | str | None, Field(description="0.74, 74 %")] = None
    at_most: Annotated[float | str | None, Field(description="1.5 s, 0.002 USD, 1 %")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings(Record):
    """When a person looks at a reply, and what that costs."""

    when: Annotated[Name, Field(description="over confidence, failed, category, stratum and tags")]
    minutes: Minutes
    hourly: Dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSettings(Record):
    """What a task costs besides its tokens."""

    review: ReviewSettings | None = None
    monthly_volume: Annotated[int | None, Field(description="tasks a month", ge=1)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessSettings(Record):
    """When a trial is a success in "cost per success"."""

    metric: Name
    at_least: Annotated[float, Field(description="the least value that is a success")] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthSettings(Record):
    """What an LLM must add over the best baseline."""

    margin: Share = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSettings(Record):
    """US dollars per million tokens; `book` is `auto` (list prices) or `unknown`, or None where stated."""

    book: Literal["auto", "unknown"] | None = None
    input: Dollars | None = None
    output: Dollars | None = None
    cached: Dollars | None = None
    reasoning: Dollars | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfrastructureSettings(Record):
    """A machine of one's own."""

    hourly: Dollars
    tasks_per_hour: Annotated[float | None, Field(description="tasks that it really does", gt=0)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry(Record):
    """What every candidate may have."""

    name: Annotated[Name, Field(description="unique among the candidates")]
    simulated: Annotated[bool, Field(description="mark it as made up, in every table and report")] = False
    concurrency: Annotated[int, Field(description="calls open at a time", ge=1, le=10_000)] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelEntry(_Entry):
    """What every candidate with a model may have."""

    prompt: Annotated[tuple[PromptSettings, ...], Field(description="instead of the project's prompts")] = ()
    prices: PriceSettings = field(default_factory=lambda: PriceSettings(book="auto"))
    infrastructure: InfrastructureSettings | None = None
    reasoning: Annotated[
        bool | Literal["auto"], Field(description="does it bill reasoning tokens; auto: by the model's name")
    ] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAISettings(_ModelEntry):
    """A model behind an OpenAI-compatible endpoint."""

    provider: Literal["openai"]
    model: Name
    base_url: Annotated[Name, Field(description="up to and with /v1", pattern=r"^https?://")] = OPENAI_URL
    api_key_env: Annotated[
        Name | None,
        Field(description=f"the variable that holds the key; {OPENAI_KEY} for api.openai.com, else none"),
    ] = None
    parameters: Annotated[
        Mapping[str, Json], Field(description="sent with each request: temperature, max_tokens, stream, ...")
    ] = field(default_factory=dict)
    timeout: Annotated[Seconds, Field(description="the longest a call may take")] = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings(_ModelEntry):
    """Outputs recorded earlier or elsewhere."""

    provider: Literal["replay"]
    path: Annotated[Name, Field(description="a JSONL or CSV file, .gz too")]
    select: Annotated[
        str | None, Field(description="its value in the candidate column; default: the name")
    ] = None
    model: Annotated[Name | None, Field(description="the model, for list prices")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineSettings(_Entry):
    """A candidate that is no LLM; what else it takes depends on its kind."""

    provider: Literal["baseline"]
    kind: Literal[
        "constant", "regex", "template", "rules", "logistic_regression", "naive_bayes", "decision_tree"
    ]
    infrastructure: InfrastructureSettings | None = None
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualSettings(_Entry):
    """The process of today: people."""

    provider: Literal["baseline"]
    kind: Literal["manual"]
    minutes: Annotated[Minutes, Field(description="work per case")]
    hourly: Annotated[Dollars, Field(description="what an hour of it costs")]
    turnaround: Annotated[Seconds | None, Field(description="from question to answer")] = None
    error_rate: Annotated[Share | None, Field(description="as you state it; reports mark it as stated")] = (
        None
    )
    labels: Annotated[Name | None, Field(description="a file with a second person's answers")] = None


def _tag(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    provider = value.get("provider")
    if provider == "baseline" and value.get("kind") == "manual":
        return "manual"
    return provider if provider in {"openai", "replay", "baseline"} else None


CandidateSettings: TypeAlias = Annotated[
    Annotated[OpenAISettings, Tag("openai")]
    | Annotated[ReplaySettings, Tag("replay")]
    | Annotated[BaselineSettings, Tag("baseline")]
    | Annotated[ManualSettings, Tag("manual")],
    Discriminator(_tag),
]
CANDIDATE_CLASSES: Mapping[str, type[Record]] = {
    "openai": OpenAISettings,
    "replay": ReplaySettings,
    "baseline": BaselineSettings,
    "manual": ManualSettings,
}
PROVIDERS = ("openai", "replay", "baseline")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings(Record):
    """A passmuster project: the cases, what correct means, which bars must be met, and who is compared."""

    task: Annotated[
        Name,
        Field(description="the name of the job; reports are named after it", pattern=r"^[^/\\\x00-\x1f]+$"),
    ]
    corpus: CorpusSettings
    prompt: Annotated[tuple[PromptSettings, ...], Field(description="one prompt, or a list of variants")] = ()
    prompts: Annotated[tuple[PromptSettings, ...], Field(description="another word for prompt")] = ()
    metrics: Annotated[tuple[MetricSettings, ...], Field(min_length=1)]
    bars: Mapping[str, BarSettings] = field(default_factory=dict)
    cost: CostSettings = field(default_factory=CostSettings)
    success: SuccessSettings | None = None
    incumbent: Annotated[str | None, Field(description="the candidate in production today")] = None
    finalists: Annotated[
        tuple[str, ...],
        Field(description="3 to 5 candidates named before scoring: a smaller family for Holm"),
    ] = ()
    worth: WorthSettings = field(default_factory=WorthSettings)
    repeats: Annotated[int, Field(description="trials of each case", ge=1, le=1000)] = 1
    alpha: Annotated[float, Field(description="the chance of any false pass", gt=0, lt=0.5)] = 0.05
    candidates: Annotated[tuple[CandidateSettings, ...], Field(min_length=1)]
    reports: Annotated[
        Name | None, Field(description="default: eval/reports where eval/ exists, else reports")
    ] = None
    store: Annotated[Name | None, Field(description="default: .passmuster/store.db")] = None
