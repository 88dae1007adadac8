"""The typed form of passmuster.yaml. `docs/project-file.md` describes every key.

The classes describe the full form; `forms` expands the short ones before validation, `checks` looks at what
one class cannot see alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from passmuster.project.cost_settings import CostSettings
from passmuster.project.entries import CandidateSettings
from passmuster.project.escalation_settings import EscalationSettings
from passmuster.project.fields import Dollars, Name, Seconds, Share
from passmuster.project.gate_settings import GateSettings
from passmuster.project.leaderboard_settings import LeaderboardSettings
from passmuster.project.prompt_settings import PromptSettings
from passmuster.project.routing_settings import RoutingSettings
from passmuster.project.weight_settings import WeightSettings
from passmuster.records.record import Json, Record


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
    strata: Annotated[
        Name | None, Field(description="column or expression of traffic that makes strata, or `topics`")
    ] = None
    embeddings: Annotated[
        Name | None,
        Field(description="path.py:function that makes vectors of texts for topics; default: by their words"),
    ] = None
    personal: Annotated[
        Literal["replace", "off"],
        Field(description="put pseudonyms for personal data, or leave it"),
    ] = "replace"
    personal_models: Annotated[
        Mapping[str, str],
        Field(description="spaCy model by language, with which Presidio finds names and places, too"),
    ] = field(default_factory=dict)
    learned_from: Annotated[
        tuple[Name, ...],
        Field(description="files that candidates may have learned from: fine-tuning, few-shot"),
    ] = ()
    custodian: Annotated[Name | None, Field(description="the file of the custodian's public key")] = None
    openings: Annotated[
        int, Field(description="openings in a holdout's life, each at alpha / openings", ge=1, le=20)
    ] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSettings(Record):
    """A metric with its options."""

    name: Annotated[Name, Field(description="how it is shown and how bars refer to it")]
    metric: Annotated[
        Name,
        Field(
            description="a built-in metric, path.py:name inside the project, or a name in metrics/ or of a plug-in"
        ),
    ]
    role: Annotated[
        Literal["verdict", "sanity"],
        Field(description="`sanity`: shown and warned about, never part of a verdict"),
    ] = "verdict"
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSettings(Record):
    """A limit that a candidate must meet: exactly one of at_least, at_most and (versus the incumbent) margin."""

    at_least: Annotated[float | str | None, Field(description="0.74, 74 %")] = None
    at_most: Annotated[float | str | None, Field(description="1.5 s, 0.002 USD, 1 %")] = None
    slices: Annotated[
        Mapping[str, float | str],
        Field(description="limits of some cases, too: slice or expression -> limit"),
    ] = field(default_factory=dict)
    slice: Annotated[
        Name | None, Field(description="the only cases that it is about: a slice, or an expression")
    ] = None
    each: Annotated[
        Literal["category", "stratum", "tag"] | None,
        Field(description="the limit holds for the cases of every one of these by themselves"),
    ] = None
    versus: Annotated[
        Literal["incumbent"] | None, Field(description="the limit is of the difference to it, or the ratio")
    ] = None
    margin: Annotated[
        float | str | None,
        Field(description="not worse than the incumbent by more than this: 2 points, 10 %"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessSettings(Record):
    """When a trial is a success in "cost per success"."""

    metric: Name
    at_least: Annotated[
        float | None, Field(description="the least value that is a success; default 1, with at_most none")
    ] = None
    at_most: Annotated[float | None, Field(description="the most that is a success")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthSettings(Record):
    """What an LLM must add over the best baseline."""

    margin: Share = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSettings(Record):
    """What a declared attribute must be: one of the three."""

    one_of: Annotated[tuple[Json, ...], Field(description="one of these values")] = ()
    after: Annotated[Name | None, Field(description="a day after this one: 2027-06-01")] = None
    at_most: Annotated[float | str | None, Field(description="a number or a time: 30 d")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StakesSettings(Record):
    """How much a wrong verdict would hurt: where that is high, nothing passes without a recent look of people."""

    level: Annotated[
        Literal["high", "usual"], Field(description="`high`: people's recent ratings are a condition of pass")
    ] = "high"
    within: Annotated[Seconds, Field(description="how old a rating may be: 30 d")] = 30 * 86400.0
    ratings: Annotated[int, Field(description="rated replies of each candidate", ge=1)] = 20
    slices: Annotated[
        tuple[Name, ...],
        Field(description="expressions over category, stratum and tags; each needs the ratings by itself"),
    ] = ()


SandboxKind: TypeAlias = Literal["auto", "namespaces", "bubblewrap", "podman", "docker", "plain"]
"""What keeps programs in; `auto` is the first that is there and holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings(Record):
    """Where programs that replies hold are run, when `passmuster score` is allowed to run them."""

    use: Annotated[
        SandboxKind, Field(description="what keeps programs in; `plain` is nothing but limits")
    ] = "auto"
    python: Annotated[
        Name | None,
        Field(description="the Python that runs answers, with its libraries; default: ours, with none"),
    ] = None
    read: Annotated[
        tuple[Name, ...], Field(description="files and folders that programs may read besides the system's")
    ] = ()
    image: Annotated[Name, Field(description="what containers are made of; never fetched")] = (
        "python:3.11-slim"
    )

    @property
    def around(self) -> dict[str, Json]:
        """What programs find there besides the system, where it is said: a run elsewhere is another run."""
        said: dict[str, Json] = {"python": self.python, "read": list(self.read), "image": self.image}
        usual = SandboxSettings()
        return {name: value for name, value in said.items() if value != getattr(usual, name) and value != []}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings(Record):
    """A passmuster project: the cases, what correct means, which bars must be met, and who is compared."""

    task: Annotated[
        Name,
        Field(description="the name of the job; reports are named after it", pattern=r"^[^/\\\x00-\x1f]+$"),
    ]
    corpus: CorpusSettings
    purpose: Annotated[
        str | None, Field(description="what the task is for, in a sentence", max_length=2000)
    ] = None
    owner: Annotated[str | None, Field(description="who answers for it", max_length=200)] = None
    prompt: Annotated[tuple[PromptSettings, ...], Field(description="one prompt, or a list of variants")] = ()
    prompts: Annotated[tuple[PromptSettings, ...], Field(description="another word for prompt")] = ()
    metrics: Annotated[tuple[MetricSettings, ...], Field(min_length=1)]
    bars: Annotated[
        Mapping[str, tuple[BarSettings, ...]], Field(description="metric -> a bar, or a list of bars")
    ] = field(default_factory=dict)
    slices: Annotated[
        Mapping[str, Name],
        Field(description="slices that bars name: name -> expression over category, stratum and tags"),
    ] = field(default_factory=dict)
    cost: CostSettings = field(default_factory=CostSettings)
    success: SuccessSettings | None = None
    incumbent: Annotated[str | None, Field(description="the candidate in production today")] = None
    finalists: Annotated[
        tuple[str, ...],
        Field(description="3 to 5 candidates named before scoring: a smaller family for Holm"),
    ] = ()
    severity: Annotated[
        Mapping[str, float],
        Field(description="how bad each way to fail is: {silent_failure: 5, loud_failure: 1, refusal: 2}"),
    ] = field(default_factory=dict)
    endings: Annotated[
        Mapping[str, tuple[str, ...]],
        Field(description="RE2 patterns that are a sign of an ending: {escalation: [^REVIEW$]}"),
    ] = field(default_factory=dict)
    stakes: Annotated[
        StakesSettings | None, Field(description="high: nothing passes without recent ratings by people")
    ] = None
    requires: Annotated[
        Mapping[str, RequirementSettings],
        Field(description="hard bars on declared attributes: {region: [eu], training_on_inputs: false}"),
    ] = field(default_factory=dict)
    weights: Annotated[
        Mapping[str, WeightSettings],
        Field(description="what those are weighed by that pass: {exact_match: 3, cost_per_success: 1}"),
    ] = field(default_factory=dict)
    choose: Annotated[
        Literal["cheapest", "weights"], Field(description="who of those is chosen that pass")
    ] = "cheapest"
    worth: WorthSettings = field(default_factory=WorthSettings)
    leaderboards: Annotated[
        LeaderboardSettings, Field(description="public tables of scores, for `passmuster screen`")
    ] = field(default_factory=LeaderboardSettings)
    gate: Annotated[
        GateSettings, Field(description="how much worse a change may make things: `passmuster gate`")
    ] = field(default_factory=GateSettings)
    escalation: Annotated[
        EscalationSettings, Field(description="which replies may go out unseen: `passmuster escalate`")
    ] = field(default_factory=EscalationSettings)
    routing: Annotated[
        RoutingSettings, Field(description="which routes are looked at: `passmuster route`")
    ] = field(default_factory=RoutingSettings)
    repeats: Annotated[int, Field(description="trials of each case", ge=1, le=1000)] = 1
    alpha: Annotated[float, Field(description="the chance of any false pass", gt=0, lt=0.5)] = 0.05
    budget: Annotated[Dollars | None, Field(description="the most that a run may spend")] = None
    ask_above: Annotated[Dollars, Field(description="expected spend from which `run` asks first")] = 1.0
    candidates: Annotated[tuple[CandidateSettings, ...], Field(min_length=1)]
    scorers: Annotated[
        tuple[CandidateSettings, ...],
        Field(description="models that metrics ask, written as candidates are; `passmuster score` asks them"),
    ] = ()
    sandbox: Annotated[
        SandboxSettings, Field(description="where `passmuster score --allow-exec` runs programs")
    ] = field(default_factory=SandboxSettings)
    reports: Annotated[
        Name | None, Field(description="default: eval/reports where eval/ exists, else reports")
    ] = None
    store: Annotated[Name | None, Field(description="default: .passmuster/store.db")] = None
