"""How long a simulated reply takes."""

import math
from typing import NamedTuple

from passmuster.adapters.simulator.answers import Question, RecordedReply
from passmuster.adapters.simulator.chance import chance, normal
from passmuster.adapters.simulator.profiles import Latency, RecordedLatency


class Timing(NamedTuple):
    """Seconds from the request to the first token and to the last byte.

    `gaps` are those between the tokens; None spreads them evenly over the time that is left.
    """

    first_token: float
    seconds: float
    gaps: tuple[float, ...] | None = None


def timing(latency: Latency, question: Question, reply: RecordedReply) -> Timing:
    """Return the times of this reply: the same for the same seed, model, conversation and turn.

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
    key = (question.seed, question.model, question.digest, question.turn)
    seconds = latency.median * math.exp(latency.sigma * normal(*key, "latency"))
    if latency.tail is not None and chance(*key, "tail") < latency.tail.probability:
        seconds += latency.tail.seconds
    return Timing(seconds * latency.first_token_share, seconds)
