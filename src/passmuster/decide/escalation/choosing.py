"""Which signals are looked at: those that a project names, else all that exist."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

from passmuster.decide.escalation.signals import OF_ONE_REPLY, FloatArray
from passmuster.records.candidate import Candidate
from passmuster.records.escalation import Signal

ALIKE = 0.99
"""The rank correlation from which two signals are one."""

NOT_IN_REPLIES = "no reply comes with the confidence, probabilities or log-probabilities that it is read from"

NOTHING_SAID: Mapping[str, str] = {
    "confidence": NOT_IN_REPLIES,
    "probability_margin": NOT_IN_REPLIES,
    "first_token_margin": NOT_IN_REPLIES,
    "answer_logprob": NOT_IN_REPLIES,
    "mean_logprob": NOT_IN_REPLIES,
    "self_consistency": "no case was asked more than once: `repeats` says how often",
    "agreement": "the two share no case with a reply of both",
    "stated": "no reply states it where it was looked for",
    "metric": "no reply has a score of it: `passmuster score` asks judges",
    "finish_reason": "no reply says how it ended",
}
"""Why there is no value of a signal, by its kind."""


def usual_signals(
    candidate: Candidate, candidates: Iterable[Candidate], judged: Sequence[str], incumbent: str | None
) -> tuple[Signal, ...]:
    """Return the signals that are looked for where a project names none.

    Those of a reply itself, self-consistency, the judges' scores, and agreement with each fitted baseline and with
    the incumbent: others would have to be asked for every task, too.

    Args:
        candidate: Whose replies they are about.
        candidates: All of the project.
        judged: Metrics that ask a judge, without the one that says what is right.
        incumbent: The candidate in production.
    """
    own = [Signal(name=kind, kind=kind) for kind in OF_ONE_REPLY]
    own.append(Signal(name="self_consistency", kind="self_consistency"))
    own += [Signal(name=metric, kind="metric", of=metric) for metric in judged]
    others = [
        each.name
        for each in candidates
        if each.name != candidate.name
        and (
            (each.kind == "baseline" and each.parameters.get("kind") != "constant") or each.name == incumbent
        )
    ]
    return (*own, *(Signal(name=f"agreement with {name}", kind="agreement", of=name) for name in others))


def existing(
    signals: Sequence[Signal], values: Mapping[str, FloatArray], *, named: bool
) -> tuple[tuple[Signal, ...], dict[str, str]]:
    """Return the signals that say something, and why each of the others does not.

    Where the project did not name them, one that ranks the replies as an earlier one does (Spearman's rank correlation
    from 0.99 on) is left out, too: it would only share the chance of an error.
    """
    kept: list[Signal] = []
    absent: dict[str, str] = {}
    for signal in signals:
        own = values[signal.name]
        if np.isnan(own).all():
            absent[signal.name] = NOTHING_SAID.get(signal.kind, "no reply has it")
            continue
        twin = None if named else next((each for each in kept if _alike(values[each.name], own)), None)
        if twin is None:
            kept.append(signal)
        else:
            absent[signal.name] = f"it ranks the replies as {twin.name} does, or nearly so"
    return tuple(kept), absent


def _alike(first: FloatArray, second: FloatArray) -> bool:
    """Return whether two signals speak of the same replies, and rank them alike."""
    known = ~np.isnan(first)
    if not np.array_equal(known, ~np.isnan(second)) or known.sum() < 2:
        return False
    ranks = [rankdata(each[known]) for each in (first, second)]
    spreads = [float(each.std()) for each in ranks]
    if min(spreads) == 0.0:
        return max(spreads) == 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1]) >= ALIKE
