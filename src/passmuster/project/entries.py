"""The typed form of a candidate in passmuster.yaml, one class per provider.

`docs/providers.md` describes them. To add a provider: a class here, what decides its answers in `candidates`,
and how it is opened in `opening`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from passmuster.project.cost_settings import InfrastructureSettings, UpkeepSettings
from passmuster.project.fields import Dollars, Minutes, Name, Seconds, Share
from passmuster.project.prompt_settings import PromptSettings
from passmuster.records.record import Json, Record

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"  # the variable's name, not a key
ANTHROPIC_URL = "https://api.anthropic.com"
ANTHROPIC_KEY = "ANTHROPIC_API_KEY"  # the variable's name, not a key
ADDRESS = r"^https?://"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSettings(Record):
    """US dollars per million tokens, or where they are.

    `book` is `auto` (list prices) or `unknown`, `file` a file of price cards; neither where prices are stated.
    """

    book: Literal["auto", "unknown"] | None = None
    file: Annotated[Name | None, Field(description="price cards: genai-prices' or LiteLLM's format")] = None
    input: Dollars | None = None
    output: Dollars | None = None
    cached: Dollars | None = None
    cache_write: Dollars | None = None
    reasoning: Dollars | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitSettings(Record):
    """What an endpoint allows a minute, where it does not say so itself."""

    requests_per_minute: Annotated[float | None, Field(gt=0)] = None
    tokens_per_minute: Annotated[float | None, Field(gt=0)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSettings(Record):
    """Which cases may be sent to this candidate; the others are withheld, and the report says how many."""

    personal_data: Annotated[bool, Field(description="may cases with personal data be sent?")] = True
    strata: Annotated[tuple[str, ...], Field(description="only cases of these strata; none is all")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutSettings(Record):
    """Time-outs of the parts of a call; `timeout` is that of the whole call."""

    connect: Annotated[Seconds, Field(description="name, connection and TLS")] = 10.0
    first_token: Annotated[Seconds | None, Field(description="of a stream")] = None
    between_tokens: Annotated[Seconds | None, Field(description="of a stream")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeSettings(Record):
    """What is declared of a candidate, with where and when that was read."""

    value: Annotated[Json, Field(description="eu, [eu, ch], true, 30 d, 2027-06-01")]
    source: Annotated[str | None, Field(description="a page or a contract", max_length=500)] = None
    date: Annotated[Name | None, Field(description="when that was read: 2026-11-22")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry(Record):
    """What every candidate may have."""

    name: Annotated[Name, Field(description="unique among the candidates")]
    simulated: Annotated[bool, Field(description="mark it as made up, in every table and report")] = False
    concurrency: Annotated[int, Field(description="calls open at a time", ge=1, le=10_000)] = 8
    upkeep: Annotated[
        UpkeepSettings | None, Field(description="what it costs a month whatever the volume")
    ] = None
    attributes: Annotated[
        Mapping[str, AttributeSettings],
        Field(description="declared: region, data_retention, training_on_inputs, licence, end_of_life, ..."),
    ] = field(default_factory=dict)
    expected: Annotated[
        Mapping[str, float | str],
        Field(description="before it is asked, for `plan`: {accuracy: 0.74, latency_p95: 1.1 s}"),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelEntry(_Entry):
    """What every candidate with a model may have."""

    prompt: Annotated[tuple[PromptSettings, ...], Field(description="instead of the project's prompts")] = ()
    prices: PriceSettings = field(default_factory=lambda: PriceSettings(book="auto"))
    infrastructure: InfrastructureSettings | None = None
    reasoning: Annotated[
        bool | Literal["auto"], Field(description="does it bill reasoning tokens; auto: by the model's name")
    ] = "auto"
    egress: EgressSettings | None = None
    training_cutoff: Annotated[
        str | int | None, Field(description="its training data end here: 2024-06-30, 2024-06 or 2024")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _AskedEntry(_ModelEntry):
    """What every candidate may have that is asked now, and may cost money."""

    parameters: Annotated[
        Mapping[str, Json], Field(description="sent with each request: temperature, max_tokens, stream, ...")
    ] = field(default_factory=dict)
    timeout: Annotated[Seconds, Field(description="the longest a call may take")] = 120.0
    trial_timeout: Annotated[
        Seconds | None,
        Field(description="the longest a trial may take, retries and all; default: 15 min or more"),
    ] = None
    rate_limit: RateLimitSettings | None = None
    budget: Annotated[Dollars | None, Field(description="the most it may spend in a run")] = None
    most_per_call: Annotated[
        Dollars | None, Field(description="the most a call can cost, where nothing else bounds it")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _RemoteEntry(_AskedEntry):
    """What every candidate behind HTTP may have."""

    api_key_env: Annotated[Name | None, Field(description="the variable that holds the key")] = None
    headers: Annotated[
        Mapping[str, str], Field(description="sent with each request; secrets come from ${VAR}")
    ] = field(default_factory=dict)
    timeouts: TimeoutSettings = field(default_factory=TimeoutSettings)
    ca_file: Annotated[
        Name | None, Field(description="authorities that certificates are checked against")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAISettings(_RemoteEntry):
    """A model behind an OpenAI-compatible endpoint."""

    provider: Literal["openai"]
    model: Name
    base_url: Annotated[Name, Field(description="up to and with /v1", pattern=ADDRESS)] = OPENAI_URL
    api: Annotated[
        Literal["chat", "responses", "completions", "embeddings"], Field(description="which of its surfaces")
    ] = "chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicSettings(_RemoteEntry):
    """A model behind Anthropic's Messages API."""

    provider: Literal["anthropic"]
    model: Name
    base_url: Annotated[Name, Field(description="up to /v1", pattern=ADDRESS)] = ANTHROPIC_URL


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSettings(Record):
    """How the model calls of a candidate that makes some itself are learned of."""

    record: Annotated[Literal["proxy", "spans"], Field(description="by a proxy, or OpenTelemetry spans")] = (
        "proxy"
    )
    base_url: Annotated[Name, Field(description="where the proxy passes calls on", pattern=ADDRESS)] = (
        OPENAI_URL
    )
    api_key_env: Annotated[
        Name | None, Field(description="our key, put in on the way; none: the pipeline's own")
    ] = None
    anthropic_url: Annotated[Name | None, Field(description="where messages go", pattern=ADDRESS)] = None
    anthropic_key_env: Name | None = None
    ask_usage: Annotated[bool, Field(description="ask streams for their tokens")] = True
    call_timeout: Annotated[Seconds, Field(description="the longest a model call may take")] = 600.0
    most_calls: Annotated[int, Field(description="model calls of a trial", ge=1)] = 1000
    spans_file: Annotated[Name | None, Field(description="OTLP JSON lines; none: we listen for spans")] = None
    settle: Annotated[Seconds, Field(description="wait for spans after the answer")] = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReplySettings(Record):
    """Where in a JSON answer what is kept stands: JSON paths."""

    text: Name
    input_tokens: str | None = None
    output_tokens: str | None = None
    cached_tokens: str | None = None
    reasoning_tokens: str | None = None
    cost: Annotated[str | None, Field(description="US dollars")] = None
    finish_reason: str | None = None
    confidence: str | None = None
    probabilities: str | None = None
    tool_calls: str | None = None
    model: str | None = None
    error: Annotated[str | None, Field(description="what is there says that the call failed")] = None
    done: Annotated[str | None, Field(description="what is there ends a stream")] = None
    steps: Annotated[str | None, Field(description="an agent's messages on the way")] = None
    state: Annotated[str | None, Field(description="what an agent left")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings(_RemoteEntry):
    """Anything that answers JSON to JSON over HTTP."""

    provider: Literal["http"]
    url: Annotated[Name, Field(pattern=ADDRESS)]
    body: Annotated[Json, Field(description="JSON whose texts are templates: {{ prompt }}, {{ messages }}")]
    reply: HttpReplySettings
    stream: Annotated[bool, Field(description="is the answer a stream of server-sent events?")] = False
    model: Annotated[Name | None, Field(description="for prices, and in the body as {{ model }}")] = None
    pipeline: PipelineSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteLLMSettings(_AskedEntry):
    """Whatever LiteLLM reaches, Bedrock among it."""

    provider: Literal["litellm"]
    model: Annotated[Name, Field(description="LiteLLM's name of it: bedrock/..., vertex_ai/...")]
    base_url: Annotated[Name | None, Field(description="LiteLLM's api_base", pattern=ADDRESS)] = None
    api_key_env: Annotated[Name | None, Field(description="default: the variables that LiteLLM reads")] = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSettings(_AskedEntry):
    """A Python function of the project folder."""

    provider: Literal["python"]
    function: Annotated[Name, Field(description="path.py:function inside the project")]
    files: Annotated[tuple[Name, ...], Field(description="other files that decide its answers")] = ()
    model: Annotated[Name | None, Field(description="told to the function; for prices")] = None
    pipeline: PipelineSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSettings(_AskedEntry):
    """A program that reads and writes JSON."""

    provider: Literal["command"]
    command: Annotated[tuple[str, ...], Field(description="the program and its arguments", min_length=1)]
    files: Annotated[tuple[Name, ...], Field(description="other files that decide its answers")] = ()
    keep_alive: Annotated[bool, Field(description="one process for many requests, line by line")] = True
    answer: Annotated[Literal["json", "text"], Field(description="what a single-use process prints")] = "json"
    processes: Annotated[
        int | None, Field(description="at once; default: 1 kept alive, else concurrency", ge=1, le=1000)
    ] = None
    in_flight: Annotated[int, Field(description="requests that a process gets at once", ge=1, le=1000)] = 1
    ready: Annotated[bool, Field(description='wait for {"ready": true} before the first request')] = False
    start_timeout: Seconds = 60.0
    environment: Annotated[
        tuple[Name, ...], Field(description="variables with keys of ours that it gets all the same")
    ] = ()
    model: Annotated[Name | None, Field(description="told to the program; for prices")] = None
    pipeline: PipelineSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceTransformersSettings(_Entry):
    """A model on this machine that makes embeddings: for scorers."""

    provider: Literal["sentence_transformers"]
    model: Annotated[Name, Field(description="its name on the Hugging Face hub, or a folder")]
    revision: Annotated[Name | None, Field(description="which state of it: a tag or a commit")] = None
    device: Annotated[Name, Field(description="where it runs: cpu, cuda, mps")] = "cpu"
    infrastructure: InfrastructureSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings(_ModelEntry):
    """Outputs recorded earlier or elsewhere."""

    provider: Literal["replay"]
    path: Annotated[Name, Field(description="a JSONL or CSV file, .gz too")]
    select: Annotated[
        str | None, Field(description="its value in the candidate column; default: the name")
    ] = None
    model: Annotated[Name | None, Field(description="the model, for list prices")] = None
    baseline: Annotated[
        bool, Field(description="it is no LLM, such as the system of today that an LLM would replace")
    ] = False


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


def kind_of(value: object) -> str | None:
    """Return which of `CANDIDATE_CLASSES` the data of a candidate is for; None where it names none of them."""
    if not isinstance(value, dict):
        return None
    provider = value.get("provider")
    if provider == "baseline" and value.get("kind") == "manual":
        return "manual"
    return provider if provider in PROVIDERS else None


CandidateSettings: TypeAlias = Annotated[
    Annotated[OpenAISettings, Tag("openai")]
    | Annotated[AnthropicSettings, Tag("anthropic")]
    | Annotated[HttpSettings, Tag("http")]
    | Annotated[LiteLLMSettings, Tag("litellm")]
    | Annotated[PythonSettings, Tag("python")]
    | Annotated[CommandSettings, Tag("command")]
    | Annotated[SentenceTransformersSettings, Tag("sentence_transformers")]
    | Annotated[ReplaySettings, Tag("replay")]
    | Annotated[BaselineSettings, Tag("baseline")]
    | Annotated[ManualSettings, Tag("manual")],
    Discriminator(kind_of),
]
Asked: TypeAlias = (
    OpenAISettings | AnthropicSettings | HttpSettings | LiteLLMSettings | PythonSettings | CommandSettings
)
Entry: TypeAlias = Asked | SentenceTransformersSettings | ReplaySettings | BaselineSettings | ManualSettings
CANDIDATE_CLASSES: Mapping[str, type[Record]] = {
    "openai": OpenAISettings,
    "anthropic": AnthropicSettings,
    "http": HttpSettings,
    "litellm": LiteLLMSettings,
    "python": PythonSettings,
    "command": CommandSettings,
    "sentence_transformers": SentenceTransformersSettings,
    "replay": ReplaySettings,
    "baseline": BaselineSettings,
    "manual": ManualSettings,
}
PROVIDERS = tuple(name for name in CANDIDATE_CLASSES if name != "manual")
