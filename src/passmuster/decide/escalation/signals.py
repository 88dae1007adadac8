"""Signals of confidence: which there are, and what they say of each case's reply; what is surer is larger.

A signal is about the reply of a case's first repeat; the others only tell `self_consistency`. Where a signal says
nothing (no reply, no log-probabilities, nothing stated) its value is NaN, never 0.
"""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import NOT_ASKED
from passmuster.metrics.answers import Extract, read_answer
from passmuster.records.escalation import Signal, SignalKind
from passmuster.records.score import Score, ScoreOutcome
from passmuster.records.trial import Outcome, Reply

FloatArray: TypeAlias = NDArray[np.float64]

ENDED = frozenset(
    {"stop", "end_turn", "stop_sequence", "eos", "eos_token", "completed", "complete", "finished"}
)
"""Finish reasons of a reply that ended of itself."""

OF_ONE_REPLY: tuple[SignalKind, ...] = (
    "confidence",
    "probability_margin",
    "first_token_margin",
    "answer_logprob",
    "mean_logprob",
)
"""Kinds that need nothing but a reply, and are looked for where a project names no signals."""

PROXIES: frozenset[SignalKind] = frozenset({"length", "finish_reason"})
"""Kinds that are no confidence: they may go with it."""

LONGEST_NUMBER = 40
"""Characters of a number that a reply states; what is longer is none."""

_ANSWER = 12
"""Bytes of a digest by which answers are told apart."""

_NAN = float("nan")


class Readings:
    """What one candidate's trials say, a cell for each case and repeat; no reply is held.

    Args:
        signals: Those wanted; what others than this candidate say is read from their `Readings`.
        metric: The metric whose answers are compared: that which says what a success is.
        cases: How many cases there are.
        repeats: How many repeats each has.

    Example:
        >>> found = Readings([Signal(name="sure", kind="confidence")], "exact_match", cases=2, repeats=1)
        >>> found.enter(0, Reply(text="yes", confidence=0.9), {})
        >>> signal_values(Signal(name="sure", kind="confidence"), found).tolist()
        [0.9, nan]
    """

    def __init__(self, signals: Sequence[Signal], metric: str, *, cases: int, repeats: int) -> None:
        self.metric = metric
        self._places = {signal.name: place for place, signal in enumerate(signals)}
        self._readers = [_reader(signal, metric) for signal in signals]
        self._values: FloatArray = np.full((len(signals), cases), _NAN)
        self._answers: list[list[str | None]] = [[None] * repeats for _ in range(cases)]
        self._asked = np.zeros((cases, repeats), dtype=np.bool_)

    def enter(self, cell: int, outcome: Outcome, scores: Mapping[str, ScoreOutcome]) -> None:
        """Enter how a trial ended: `cell` is the case times the repeats, plus the repeat."""
        case, repeat = divmod(cell, self._asked.shape[1])
        if self._asked[case, repeat] or (not isinstance(outcome, Reply) and outcome.kind in NOT_ASKED):
            return
        self._asked[case, repeat] = True
        if not isinstance(outcome, Reply):
            return
        self._answers[case][repeat] = _named(answer_of(outcome, scores.get(self.metric)))
        if repeat == 0:
            for place, reader in enumerate(self._readers):
                self._values[place, case] = reader(outcome, scores)

    def values(self, name: str) -> FloatArray:
        """Return the values of a signal of one reply."""
        found: FloatArray = self._values[self._places[name]]
        return found

    def self_consistency(self) -> FloatArray:
        """Return the share of a case's repeats that answer as the first does; NaN without a first, or a second.

        A repeat that ended without a reply answers otherwise.
        """
        return np.array(
            [_share(own, asked) for own, asked in zip(self._answers, self._asked, strict=True)],
            dtype=np.float64,
        )

    def agreement(self, other: "Readings") -> FloatArray:
        """Return 1 for each case that both answer alike, 0 for others; NaN where one of the two gave no reply."""
        pairs = zip(self._answers, other._answers, strict=True)  # noqa: SLF001 - one of its own kind
        return np.array(
            [
                _NAN if mine[0] is None or theirs[0] is None else float(mine[0] == theirs[0])
                for mine, theirs in pairs
            ],
            dtype=np.float64,
        )


def signal_values(signal: Signal, own: Readings, others: Mapping[str, Readings] | None = None) -> FloatArray:
    """Return what a signal says of each case's first reply: larger is surer, NaN where it says nothing.

    Args:
        signal: The signal.
        own: The candidate whose replies it is about; those of one reply must be among its signals.
        others: The other candidates by name, for `agreement`.
    """
    if signal.kind == "self_consistency":
        found = own.self_consistency()
    elif signal.kind == "agreement":
        other = (others or {}).get(signal.of or "")
        found = np.full(len(own._answers), _NAN) if other is None else own.agreement(other)  # noqa: SLF001 - of this module
    else:
        found = own.values(signal.name)
    return -found if signal.reverse else found


def answer_of(reply: Reply, score: ScoreOutcome | None) -> str:
    """Return the answer in a reply as the metric reads it; the whole text in lower case where it reads none.

    Example:
        >>> answer_of(Reply(text="It is B."), Score(value=1.0, answer="B"))
        'B'
    """
    if isinstance(score, Score) and score.answer is not None:
        return score.answer
    return " ".join(reply.text.split()).casefold()


def _named(answer: str) -> str:
    """Return a short name of an answer, so that none is held that may be a megabyte."""
    return hashlib.blake2b(answer.encode("utf-8", "surrogatepass"), digest_size=_ANSWER).hexdigest()


def _share(answers: Sequence[str | None], asked: NDArray[np.bool_]) -> float:
    repeats = int(asked.sum())
    if repeats < 2 or answers[0] is None:
        return _NAN
    return sum(answer == answers[0] for answer in answers) / repeats


Reader: TypeAlias = Callable[[Reply, Mapping[str, ScoreOutcome]], float]


def _reader(signal: Signal, metric: str) -> Reader:
    """Return what reads a signal of one reply; it never raises, whatever the reply is."""
    if signal.kind == "stated":
        return _stated(signal)
    if signal.kind == "answer_logprob":
        return lambda reply, scores: _answer_logprob(reply, scores.get(metric))
    if signal.kind == "metric":
        return lambda _reply, scores: _score(scores.get(signal.of or ""))
    return _SIMPLE.get(signal.kind, _nothing)


def _nothing(_reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    return _NAN


def _score(outcome: ScoreOutcome | None) -> float:
    return _finite(outcome.value) if isinstance(outcome, Score) else _NAN


def _confidence(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    return _NAN if reply.confidence is None else _finite(reply.confidence)


def _mean_logprob(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    if not reply.logprobs:
        return _NAN
    return _finite(math.fsum(token.logprob for token in reply.logprobs) / len(reply.logprobs))


def _first_token_margin(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    """Return the first token's log-probability less that of the likeliest other one; NaN without any other."""
    if not reply.logprobs:
        return _NAN
    first = reply.logprobs[0]
    rest = [value for token, value in (first.top or {}).items() if token != first.token]
    return _finite(first.logprob - max(rest)) if rest else _NAN


def _answer_logprob(reply: Reply, score: ScoreOutcome | None) -> float:
    """Return the log-probability of the tokens that spell the answer which the metric read, where it stands last."""
    if not reply.logprobs or not isinstance(score, Score) or not score.answer:
        return _NAN
    return _spelled(reply, score.answer)


def _spelled(reply: Reply, answer: str) -> float:
    tokens = reply.logprobs or ()
    text = "".join(token.token for token in tokens)
    begin = text.casefold().rfind(answer.casefold())
    if begin < 0 or len(text) != len(text.casefold()):
        return _NAN
    found, place = 0.0, 0
    for token in tokens:
        end = place + len(token.token)
        if place < begin + len(answer) and end > begin:
            found += token.logprob
        place = end
    return _finite(found)


def _probability_margin(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    values = sorted((reply.probabilities or {}).values(), reverse=True)
    return _finite(values[0] - values[1]) if len(values) > 1 else _NAN


def _length(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    return float(len(reply.text))


def _finish_reason(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
    return _NAN if not reply.finish_reason else float(reply.finish_reason.casefold() in ENDED)


_SIMPLE: Mapping[SignalKind, Reader] = {
    "confidence": _confidence,
    "mean_logprob": _mean_logprob,
    "first_token_margin": _first_token_margin,
    "probability_margin": _probability_margin,
    "length": _length,
    "finish_reason": _finish_reason,
}


def _stated(signal: Signal) -> Reader:
    extract = Extract(
        regex=signal.regex, json_path=signal.json_path, which="last" if signal.regex else "first"
    )
    levels = {level.casefold(): place for place, level in enumerate(signal.levels)}

    def read(reply: Reply, _scores: Mapping[str, ScoreOutcome]) -> float:
        said = read_answer(reply.text, extract)
        if levels:
            return float(levels.get(said.strip().casefold(), _NAN)) if isinstance(said, str) else _NAN
        return stated_number(said, signal.scale)

    return read


def stated_number(said: object, scale: float = 1.0) -> float:
    """Return a number that a reply states of itself, as a share of `scale`; NaN where it is none.

    Example:
        >>> stated_number("85 %"), stated_number("8/10"), stated_number(8, scale=10), stated_number("sure")
        (0.85, 0.8, 0.8, nan)
    """
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return _NAN
    text = str(said).strip()
    if len(text) > LONGEST_NUMBER:
        return _NAN
    above, slash, below = text.partition("/")
    percent = text.endswith("%")
    try:
        if slash:
            return _finite(float(above) / float(below))
        return _finite(float(text.rstrip("% ")) / (100.0 if percent else scale))
    except (ValueError, ZeroDivisionError, OverflowError):
        return _NAN


def _finite(value: float) -> float:
    return float(value) if math.isfinite(value) else _NAN
