"""A simulated model, and how a profile becomes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.adapters.simulator.answers import AnswerSource, Constant, Recorded, RecordedReply, Rule
from passmuster.adapters.simulator.judge_truth import Truths
from passmuster.adapters.simulator.judging import Judging
from passmuster.adapters.simulator.profiles import (
    Answers,
    ConstantAnswer,
    EndpointProfile,
    Faults,
    JudgeAnswers,
    Latency,
    RateLimits,
    RecordedLatency,
    RuleAnswers,
    Switch,
    Tokens,
)
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession(Record):
    """The model that takes over at the moment of a switch; `answers` None stay as they were."""

    switch: Switch
    answers: AnswerSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedModel(Record):
    """A model that the simulator serves: what it answers, how fast, how often it fails, and what follows it."""

    name: str
    answers: AnswerSource
    latency: Latency = field(default_factory=RecordedLatency)
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits = field(default_factory=RateLimits)
    tokens: Tokens = field(default_factory=Tokens)
    reports: str | None = None
    succession: Succession | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeKnows(Record):
    """What simulated judges know: the truths of each file by its path, and the references of cases by their text."""

    truths: Mapping[str, Truths] = field(default_factory=dict)
    references: Mapping[str, Json] = field(default_factory=dict)


def build_model(
    profile: EndpointProfile,
    *,
    references: Mapping[str, Json],
    recordings: Mapping[str, Sequence[RecordedReply]],
    later: Mapping[str, Sequence[RecordedReply]] | None = None,
    knows: JudgeKnows | None = None,
) -> SimulatedModel:
    """Return the model of a profile.

    Args:
        profile: What it is said to be.
        references: The reference of each prompt (`prompt_digest`), for answers by rule.
        recordings: The recorded replies of each prompt, for recorded answers.
        later: Those of the model that takes over.
        knows: What there is to know for judges.
    """
    succession = None
    if profile.switch is not None:
        answers = profile.switch.answers
        source = None if answers is None else _source(answers, references, later or {}, knows)
        succession = Succession(switch=profile.switch, answers=source)
    return SimulatedModel(
        name=profile.name,
        answers=_source(profile.answers, references, recordings, knows),
        latency=profile.latency,
        faults=profile.faults,
        limits=profile.limits,
        tokens=profile.tokens,
        reports=profile.reports,
        succession=succession,
    )


def _source(
    answers: Answers,
    references: Mapping[str, Json],
    recordings: Mapping[str, Sequence[RecordedReply]],
    knows: JudgeKnows | None,
) -> AnswerSource:
    if isinstance(answers, ConstantAnswer):
        return Constant(answers.text)
    if isinstance(answers, JudgeAnswers):
        known = knows or JudgeKnows()
        return Judging(answers, known.truths.get(answers.truth or "", Truths()), known.references)
    if isinstance(answers, RuleAnswers):
        return Rule(references, answers)
    return Recorded(recordings)
