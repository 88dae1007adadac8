"""A simulated model, and how a profile becomes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.adapters.simulator.answers import AnswerSource, Constant, Recorded, RecordedReply, Rule
from passmuster.adapters.simulator.profiles import (
    ConstantAnswer,
    EndpointProfile,
    Faults,
    Latency,
    RateLimits,
    RecordedLatency,
    RuleAnswers,
    Tokens,
)
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedModel(Record):
    """A model that the simulator serves: what it answers, how fast, and how often it fails."""

    name: str
    answers: AnswerSource
    latency: Latency = field(default_factory=RecordedLatency)
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits = field(default_factory=RateLimits)
    tokens: Tokens = field(default_factory=Tokens)


def build_model(
    profile: EndpointProfile,
    *,
    references: Mapping[str, Json],
    recordings: Mapping[str, Sequence[RecordedReply]],
) -> SimulatedModel:
    """Return the model of a profile.

    Args:
        profile: What it is said to be.
        references: The reference of each prompt (`prompt_digest`), for answers by rule.
        recordings: The recorded replies of each prompt, for recorded answers.
    """
    answers: AnswerSource
    if isinstance(profile.answers, ConstantAnswer):
        answers = Constant(profile.answers.text)
    elif isinstance(profile.answers, RuleAnswers):
        answers = Rule(references, profile.answers)
    else:
        answers = Recorded(recordings)
    return SimulatedModel(
        name=profile.name,
        answers=answers,
        latency=profile.latency,
        faults=profile.faults,
        limits=profile.limits,
        tokens=profile.tokens,
    )
