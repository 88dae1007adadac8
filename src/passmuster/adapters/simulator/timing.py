"""How long a simulated reply takes."""

import math
import random
from itertools import accumulate
from typing import NamedTuple

from passmuster.adapters.simulator.answers import Question, RecordedReply
from passmuster.adapters.simulator.chance import chance, normal, stream
from passmuster.adapters.simulator.profiles import (
    ConstantSeconds,
    GammaSeconds,
    Latency,
    LognormalSeconds,
    PacedLatency,
    RecordedLatency,
    Seconds,
    UniformSeconds,
)
from passmuster.records.money import CHARACTERS_PER_TOKEN


class Timing(NamedTuple):
    """Seconds from the request to the first token and to the last byte.

    `gaps` are those between the tokens; None spreads them evenly over the time that is left.
    """

    first_token: float
    seconds: float
    gaps: tuple[float, ...] | None = None

    def later(self, seconds: float) -> "Timing":
        """Return the times of an answer that begins later."""
        return Timing(self.first_token + seconds, self.seconds + seconds, self.gaps)


def timing(latency: Latency, question: Question, reply: RecordedReply) -> Timing:
    """Return the times of this reply: the same for the same seed, model, conversation, turn and attempt.

    Example:
        >>> from passmuster.records.case import Conversation
        >>> asked = Question(model="m", seed=1, digest="d", turn=0, conversation=Conversation(messages=()))
        >>> timing(RecordedLatency(speed=2.0), asked, RecordedReply(text="a", seconds=3.0))
        Timing(first_token=0.75, seconds=1.5, gaps=None)
    """
    if isinstance(latency, RecordedLatency):
        seconds = (reply.seconds or 0.0) / latency.speed
        if reply.first_token is not None:
            return Timing(min(seconds, reply.first_token / latency.speed), seconds)
        return Timing(seconds * latency.first_token_share, seconds)
    if isinstance(latency, ConstantSeconds):
        return Timing(latency.seconds * latency.first_token_share, latency.seconds)
    key = _key(question)
    if isinstance(latency, PacedLatency):
        return _paced(latency, key, -(-len(reply.text) // CHARACTERS_PER_TOKEN))
    seconds = drawn(latency, *key)
    return Timing(seconds * latency.first_token_share, seconds)


def drawn(seconds: Seconds, *key: object) -> float:
    """Return the time that belongs to this key.

    Example:
        >>> drawn(UniformSeconds(low=1.0, high=1.0), "any key")
        1.0
    """
    if isinstance(seconds, ConstantSeconds):
        return seconds.seconds
    if isinstance(seconds, UniformSeconds):
        return seconds.low + (seconds.high - seconds.low) * chance(*key, "latency")
    if isinstance(seconds, LognormalSeconds):
        time = seconds.median * math.exp(seconds.sigma * normal(*key, "latency"))
    else:
        time = _gamma(seconds, stream(*key, "latency"))
    if seconds.tail is not None and chance(*key, "tail") < seconds.tail.probability:
        time += seconds.tail.seconds
    return time


def _paced(latency: PacedLatency, key: tuple[object, ...], tokens: int) -> Timing:
    first = drawn(latency.first_token, *key, "first token")
    number = max(0, tokens - 1)
    if latency.gap is None:
        gaps: tuple[float, ...] = (1 / (latency.tokens_per_second or 1.0),) * number
    else:
        gaps = _gaps(latency.gap, stream(*key, "gaps"), number)
    *_, seconds = accumulate(gaps, initial=first)
    return Timing(first, seconds, gaps)


def _gaps(gap: Seconds, drawing: random.Random, number: int) -> tuple[float, ...]:
    """Draw many times at once, as a draw by key for each token would cost more than writing it."""
    if isinstance(gap, ConstantSeconds):
        return (gap.seconds,) * number
    if isinstance(gap, UniformSeconds):
        return tuple(drawing.uniform(gap.low, gap.high) for _ in range(number))
    found = []
    for _ in range(number):
        if isinstance(gap, LognormalSeconds):
            time = gap.median * math.exp(gap.sigma * drawing.gauss(0.0, 1.0))
        else:
            time = _gamma(gap, drawing)
        if gap.tail is not None and drawing.random() < gap.tail.probability:
            time += gap.tail.seconds
        found.append(time)
    return tuple(found)


def _gamma(seconds: GammaSeconds, drawing: random.Random) -> float:
    return drawing.gammavariate(seconds.shape, seconds.mean / seconds.shape)


def _key(question: Question) -> tuple[object, ...]:
    """Return what the times depend on; a first attempt has the key that it had before attempts counted."""
    key = (question.seed, question.model, question.digest, question.turn)
    if question.attempt == 1 and not question.again:
        return key
    return (*key, question.attempt, question.again)
