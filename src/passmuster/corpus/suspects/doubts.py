"""Labels that are probably wrong: what unlike candidates and a cross-validated baseline say of each, put together.

Neither has seen the label it judges. The baseline gives every label a probability out of fold; each voice (one for
candidates of a kind) adds the logarithm of how much likelier its answer makes that label, less where voices err
together.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from passmuster.records.candidate import Candidate
from passmuster.records.record import Record
from passmuster.stats.arrays import FloatArray, IntArray

NONE = -1
"""The code of an answer that is not there, or is no label."""
OTHER = -2
"""The code of an answer that is none of the labels."""

FEWEST_ANSWERS = 20
"""Answers from which on it can be said how strong a voice is."""
WEAKEST = 0.5
"""The share of references that a strong voice agrees with, at least."""
BEHIND = 0.2
"""How far a strong voice may be behind the strongest."""

_FLOOR = 1e-6
_SAME_HOUSE: Mapping[str, str] = {"o": "gpt", "chatgpt": "gpt", "meta": "llama"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers(Record):
    """What a candidate answered: the code of a label for each case, `OTHER` for another answer, `NONE` for none.

    `right` is whether its metric calls the answer right.
    """

    candidate: Candidate
    codes: IntArray
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice(Record):
    """Candidates that count as one; `right` is the share of references they agree with, `weight` what they add.

    `left_out` says why they have no say, None where they have one.
    """

    name: str
    members: tuple[str, ...]
    answers: int
    right: float | None
    weight: float = 0.0
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion(Record):
    """What is known of every case without its own label: a probability of each label, and who said what.

    `probabilities` has one row a case and one column a label, `baseline` the same by the baseline alone (None: there
    is none); `said` has one row a voice with a say, in the order of `voices`, with the codes of its answers.
    """

    probabilities: FloatArray
    baseline: FloatArray | None
    voices: tuple[Voice, ...]
    said: IntArray
    left_out: tuple[Voice, ...] = field(default=())


def family(candidate: Candidate) -> str:
    """Return the kind of model that a candidate is, by the first word of its name: one kind has one voice.

    Example:
        >>> family(Candidate(name="x", provider="openai", model="openai/gpt-4o-mini"))
        'gpt'
        >>> family(Candidate(name="gemini-2.0-flash", provider="replay"))
        'gemini'
    """
    name = (candidate.model or candidate.name).casefold().removeprefix("ft:").rpartition("/")[2]
    found = re.match(r"[^\W\d_]+", name)
    word = found[0] if found else name
    return _SAME_HOUSE.get(word, word)


def folds(labels: IntArray, groups: Sequence[int], number: int = 5, seed: int = 0) -> IntArray:
    """Return the fold of each case: groups stay together, and each label is dealt out evenly.

    >>> folds(np.array([0, 0, 0, 1, 1, 1]), [0, 1, 2, 3, 4, 4], 3).tolist()[-2:] in ([0, 0], [1, 1], [2, 2])
    True
    """
    members: dict[int, list[int]] = {}
    for case, group in enumerate(groups):
        members.setdefault(group, []).append(case)
    drawn = np.random.default_rng(seed).permutation(len(members))
    listed = list(members.values())
    order = sorted(drawn.tolist(), key=lambda group: labels[listed[group][0]])
    result = np.zeros(len(labels), dtype=np.int64)
    for turn, group in enumerate(order):
        result[listed[group]] = turn % number
    return result


def calibrated(probabilities: FloatArray, gold: IntArray) -> FloatArray:
    """Return probabilities to the power that fits the labels best, each row adding up to 1 (temperature scaling).

    Guo, Pleiss, Sun and Weinberger 2017, "On calibration of modern neural networks".
    """
    logs = np.log(np.maximum(probabilities, _FLOOR))
    rows = np.arange(len(gold))

    def loss(power: float) -> float:
        scaled = logs * power
        top = scaled.max(axis=1)
        return float(np.mean(top + np.log(np.exp(scaled - top[:, None]).sum(axis=1)) - scaled[rows, gold]))

    best = float(minimize_scalar(loss, bounds=(0.1, 4.0), method="bounded", options={"xatol": 0.02}).x)
    return _shares(logs * best)


def opinion(gold: IntArray, labels: int, answers: Sequence[Answers], baseline: FloatArray | None) -> Opinion:
    """Return what voices and baseline, together, say of each case.

    Args:
        gold: The code of each case's reference.
        labels: How many labels there are.
        answers: Those of the candidates.
        baseline: Probabilities out of fold, one row a case; None where there is no baseline.
    """
    voices, said = _voices(gold, labels, answers)
    heard = [place for place, voice in enumerate(voices) if voice.left_out is None]
    kept = said[heard] if heard else np.empty((0, len(gold)), dtype=np.int64)
    damp = _damping(kept, gold)
    strong = tuple(_weighted(voices[place], labels, damp) for place in heard)
    fitted = None if baseline is None else calibrated(baseline, gold)
    logs = np.zeros((len(gold), labels)) if fitted is None else np.log(np.maximum(fitted, _FLOOR))
    for voice, codes in zip(strong, kept, strict=True):
        rows = np.flatnonzero(codes >= 0)
        logs[rows, codes[rows]] += voice.weight
    return Opinion(
        probabilities=_shares(logs),
        baseline=fitted,
        voices=strong,
        said=kept,
        left_out=tuple(voice for voice in voices if voice.left_out is not None),
    )


def _shares(logs: FloatArray) -> FloatArray:
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return np.asarray(shares, dtype=np.float64)


def _voices(gold: IntArray, labels: int, answers: Sequence[Answers]) -> tuple[list[Voice], IntArray]:
    """Return one voice a family, strong or left out, with what each says."""
    families: defaultdict[str, list[Answers]] = defaultdict(list)
    voices: list[Voice] = []
    for each in answers:
        if each.candidate.fitted_on is not None:
            why = "learned from these references"
            name = each.candidate.name
            voices.append(Voice(name=name, members=(name,), answers=0, right=None, left_out=why))
        else:
            families[family(each.candidate)].append(each)
    silent = np.full((len(voices), len(gold)), NONE, dtype=np.int64)
    found = [(name, members, _together(members)) for name, members in families.items()]
    shares = [_right_share(codes, gold) for _, _, codes in found]
    strongest = max([share for share in shares if share is not None], default=0.0)
    for (name, members, codes), share in zip(found, shares, strict=True):
        voices.append(
            Voice(
                name=name,
                members=tuple(each.candidate.name for each in members),
                answers=int((codes != NONE).sum()),
                right=share,
                left_out=_weakness(share, int((codes != NONE).sum()), strongest, labels),
            )
        )
    return voices, np.concatenate([silent, *(codes[None, :] for _, _, codes in found)])


def _together(members: Sequence[Answers]) -> IntArray:
    """Return what most of a family say of each case, the one that is right most often where they are divided."""
    ranked = sorted(members, key=lambda each: -float(each.right.sum()))
    result = ranked[0].codes.copy()
    if len(ranked) == 1:
        return result
    table = np.stack([each.codes for each in ranked], axis=1)
    for case, row in enumerate(table.tolist()):
        given = [code for code in row if code != NONE]
        counts = Counter(given).most_common(2)
        if counts:
            clear = len(counts) == 1 or counts[0][1] > counts[1][1]
            result[case] = counts[0][0] if clear else given[0]
    return result


def _right_share(codes: IntArray, gold: IntArray) -> float | None:
    given = codes != NONE
    return float((codes == gold)[given].mean()) if given.any() else None


def _weakness(share: float | None, answers: int, strongest: float, labels: int) -> str | None:
    if share is None or answers < FEWEST_ANSWERS:
        return f"only {answers} answers: too few to say how strong it is"
    if share < max(WEAKEST, 1.5 / labels if labels > 2 else WEAKEST):
        return f"agrees with {share:.0%} of the references only"
    if share < strongest - BEHIND:
        return f"agrees with {share:.0%} of the references, the strongest with {strongest:.0%}"
    return None


def _weighted(voice: Voice, labels: int, damp: float) -> Voice:
    # One wrong in twenty is granted to each: no voice is so good that it cannot be wrong where labels are.
    share = min(max(voice.right or 0.0, _FLOOR), 1 - 1 / (voice.answers + 20))
    weight = max(0.0, math.log(share * max(labels - 1, 1) / (1 - share))) * damp
    return Voice(
        name=voice.name, members=voice.members, answers=voice.answers, right=voice.right, weight=weight
    )


def _damping(said: IntArray, gold: IntArray) -> float:
    """Return 1 / (1 + (v - 1) r) for v voices whose departures from the references correlate by r on average.

    It is the effective share of independent looks; departures that wrong labels cause count as correlation,
    which makes it a cautious one.
    """
    if len(said) < 2:
        return 1.0
    correlations = []
    for one in range(len(said)):
        for other in range(one):
            both = (said[one] != NONE) & (said[other] != NONE)
            first, second = (said[place][both] != gold[both] for place in (one, other))
            if both.sum() > 1 and first.std() > 0 and second.std() > 0:
                correlations.append(float(np.corrcoef(first, second)[0, 1]))
    mean = max(0.0, float(np.mean(correlations))) if correlations else 1.0
    return 1 / (1 + (len(said) - 1) * mean)
