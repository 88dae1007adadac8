"""What candidates' stored trials say of whether they have seen the cases before. Calls no model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from passmuster.corpus.contamination.canary import KNOWN_DIGITS, canary_case, completed
from passmuster.corpus.contamination.completion import NEARLY, Halves, completion_case
from passmuster.corpus.contamination.novelty import aged
from passmuster.corpus.versions.content import corpus_version
from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_estimate
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.contamination import (
    CanaryProbe,
    CanaryReply,
    CandidateContamination,
    GuidedCompletion,
    NoveltyGap,
    RephraseGap,
)
from passmuster.records.digest import canonical
from passmuster.records.score import Difference, Estimate
from passmuster.records.trial import Reply, Trial
from passmuster.records.version import FrozenVersion
from passmuster.stats.families import holm
from passmuster.stats.intervals import mean_interval
from passmuster.stats.paired import paired_mean_interval, paired_mean_p
from passmuster.stats.rouge import rouge_l
from passmuster.stats.stratified import stratified_difference
from passmuster.workflows.compare import Question, measure

FEWEST = 10
"""Pairs, or cases on either side, below which no test is made: it could hardly find anything."""

_UNREACHED = 1e6

Trials = Callable[[], Iterable[Trial]]
FloatArray = NDArray[np.float64]


def replies(candidate: Candidate, trials: Iterable[Trial]) -> dict[str, str]:
    """Return the text of each first reply of a candidate, by case digest."""
    key = candidate_digest(candidate)
    return {
        trial.key.case: trial.outcome.text
        for trial in trials
        if trial.key.candidate == key and trial.key.repeat == 0 and isinstance(trial.outcome, Reply)
    }


def canary_probe(versions: Sequence[FrozenVersion], said: Mapping[str, str]) -> CanaryProbe | None:
    """Return which canaries a candidate completed; None where it was asked for none of them."""
    answers = []
    for version in versions:
        reply = said.get(case_digest(canary_case(version.version, version.canary)))
        digits = None if reply is None else completed(reply, version.canary)
        known = digits is not None and digits >= KNOWN_DIGITS
        answers.append(CanaryReply(version=version.version, digits=digits, known=known))
    if all(each.digits is None for each in answers):
        return None
    return CanaryProbe(replies=tuple(answers), found=any(each.known for each in answers))


def guided_completion(cut: Sequence[Halves], source: str, said: Mapping[str, str]) -> GuidedCompletion | None:
    """Return whether the name of the source brings a candidate nearer to the true second halves.

    None where fewer than ten cases have both answers.
    """
    named, unnamed = (
        np.array([_nearness(half, said, name) for half in cut], dtype=np.float64) for name in (source, None)
    )
    both = ~np.isnan(named) & ~np.isnan(unnamed)
    if int(both.sum()) < FEWEST:
        return None
    missing = len(cut) - int(both.sum())
    difference = _difference(named[both] - unnamed[both], None, missing)
    return GuidedCompletion(
        named=_mean(named[both], missing),
        unnamed=_mean(unnamed[both], missing),
        difference=difference,
        exact=int((named[both] >= NEARLY).sum()),
    )


def _nearness(half: Halves, said: Mapping[str, str], source: str | None) -> float:
    reply = said.get(case_digest(completion_case(half, source)))
    return float("nan") if reply is None else rouge_l(reply, half.second).f1


def rephrase_gaps(
    question: Question, pairs: Sequence[tuple[Case, Case]], trials: Trials, older: str | None = None
) -> dict[str, RephraseGap]:
    """Return by candidate how much better it does on cases than on their rephrasings.

    Args:
        question: Task, metrics and candidates; the first metric is looked at.
        pairs: Originals with their rephrasings.
        trials: Reads the stored trials.
        older: The candidate whose gap is taken from that of the others.
    """
    metric = question.metrics[0].name
    before = _Laid(question, [original for original, _ in pairs], trials)
    after = _Laid(question, [rephrased for _, rephrased in pairs], trials)
    gaps = {name: before.sign * (before.scores(name) - after.scores(name)) for name in before.measured}
    found = {}
    for name, gap in gaps.items():
        if int((~np.isnan(gap)).sum()) < FEWEST:
            continue
        other = gaps.get(older or "")
        found[name] = RephraseGap(
            metric=metric,
            original=metric_estimate(before.measured[name], metric),
            rephrased=metric_estimate(after.measured[name], metric),
            gap=_known(gap, before.clusters),
            older=older if other is not None and older != name else None,
            beyond=None
            if other is None or older == name
            else _known(gap - other, before.clusters, scale=2.0),
        )
    return found


def novelty_gaps(
    question: Question, cases: Sequence[Case], cutoffs: Mapping[str, float], trials: Trials
) -> dict[str, NoveltyGap]:
    """Return by candidate how much worse it does on cases newer than its training cut-off, in the same strata.

    Args:
        question: Task, metrics and candidates; the first metric is looked at.
        cases: Scored cases that estimate production.
        cutoffs: Epoch seconds by name of the candidate; those without one are left out.
        trials: Reads the stored trials.
    """
    metric = question.metrics[0].name
    dated = [case for case in cases if case.time is not None]
    chosen = tuple(each for each in question.candidates if each.name in cutoffs)
    if not dated or not chosen:
        return {}
    laid = _Laid(replace(question, candidates=chosen), dated, trials)
    found = {}
    for candidate in chosen:
        gap = _novelty(laid, candidate.name, cutoffs[candidate.name], metric)
        if gap is not None:
            missing = len(cases) - gap.gap.n
            found[candidate.name] = replace(gap, gap=replace(gap.gap, n_missing=missing))
    return found


def _novelty(laid: "_Laid", candidate: str, cutoff: float, metric: str) -> NoveltyGap | None:
    scores, sign = laid.scores(candidate), laid.sign
    known = ~np.isnan(scores)
    newer = aged(laid.cases, cutoff)
    groups = None if laid.clusters is None else laid.clusters[known]
    strata = [case.stratum or "" for case, kept in zip(laid.cases, known.tolist(), strict=True) if kept]
    found = stratified_difference(sign * scores[known], newer[known], strata, groups)
    if found is None or min(found.first, found.second) < FEWEST:
        return None
    return NoveltyGap(
        metric=metric,
        cutoff=cutoff,
        newer=_mean(scores[known & newer], int((newer & ~known).sum())),
        older=_mean(scores[known & ~newer], int((~newer & ~known).sum())),
        gap=Difference(
            value=sign * found.value,
            low=found.low if sign > 0 else -found.high,
            high=found.high if sign > 0 else -found.low,
            p=found.p_less,
            n=found.first + found.second,
            method="within strata, HC3" if groups is None else "within strata, clustered by group",
        ),
        strata=found.strata,
    )


class _Laid:
    """Some cases with their scores; each input is measured once, however often it is among them.

    All are taken together, whatever they are in the corpus: here none of them estimates production.
    """

    def __init__(self, question: Question, cases: Sequence[Case], trials: Trials) -> None:
        self.cases = cases
        self._metric = question.metrics[0].name
        self.sign = -1.0 if question.metrics[0].direction == "lower" else 1.0
        """What a score is multiplied by, so that more is better."""
        places: dict[tuple[str, bytes], int] = {}
        self._places = np.array(
            [
                places.setdefault((case_digest(case), canonical(case.reference)), len(places))
                for case in cases
            ],
            dtype=np.int64,
        )
        _, first = np.unique(self._places, return_index=True)
        alike = [
            replace(cases[place], id=str(number), category="typical", origin="production", weight=None)
            for number, place in enumerate(first.tolist())
        ]
        asked = replace(question, corpus=corpus_version(alike, question.corpus.path))
        found, _ = measure(asked, trials(), lambda _cases: ())
        self.measured: Mapping[str, Measured] = {each.candidate.name: each for each in found}
        owners = np.array([case.group or f"case {case_digest(case)}" for case in cases])
        self.clusters = owners if len(set(owners.tolist())) < len(owners) else None

    def scores(self, candidate: str) -> FloatArray:
        """Return the score of each case, NaN where there is none."""
        return np.asarray(self.measured[candidate].scores(self._metric)[self._places], dtype=np.float64)


def _known(values: FloatArray, clusters: NDArray[np.str_] | None, scale: float = 1.0) -> Difference:
    known = ~np.isnan(values)
    own = None if clusters is None else clusters[known]
    return _difference(values[known], own, int((~known).sum()), scale)


def _difference(
    values: FloatArray, clusters: NDArray[np.str_] | None, missing: int, scale: float = 1.0
) -> Difference:
    """Describe a mean of differences in [-scale, scale], with its one-sided p-value of "0 or less".

    Scores that are no shares have no such bounds: their scale is one that is never reached.
    """
    if values.size and (largest := float(np.abs(values).max())) > scale:
        scale = _UNREACHED * largest
    interval = paired_mean_interval(values / scale, clusters=clusters)
    low, high = (None, None) if interval is None else (interval[0] * scale, interval[1] * scale)
    return Difference(
        value=float(values.mean()) if values.size else None,
        low=low,
        high=high,
        p=paired_mean_p(values / scale, alternative="greater", clusters=clusters) if values.size else None,
        n=values.size,
        n_missing=missing,
        method="paired t, one-sided p" + ("" if clusters is None else ", clustered"),
    )


def _mean(values: FloatArray, missing: int) -> Estimate:
    if not values.size:
        return Estimate(value=None, n_missing=missing, method="no data")
    shares = bool(((values >= 0) & (values <= 1)).all())
    low, high = mean_interval(float(values.sum()), float((values**2).sum()), values.size, bounded=shares)
    return Estimate(
        value=float(values.mean()), low=low, high=high, n=values.size, n_missing=missing, method="t"
    )


def judged(found: Sequence[CandidateContamination], alpha: float) -> tuple[CandidateContamination, ...]:
    """Say of each candidate which methods speak for contamination, over all of them at a chance of `alpha`."""
    tests = [(place, name, p) for place, each in enumerate(found) for name, p in _tests(each)]
    adjusted = holm([p for _, _, p in tests])
    said: dict[int, list[str]] = {
        place: ["canary"] for place, each in enumerate(found) if each.canary is not None and each.canary.found
    }
    for (place, name, _), p in zip(tests, adjusted, strict=True):
        if p is not None and p < alpha:
            said.setdefault(place, []).append(name)
    return tuple(replace(each, found=tuple(said.get(place, ()))) for place, each in enumerate(found))


def _tests(each: CandidateContamination) -> Iterator[tuple[str, float | None]]:
    if each.completion is not None:
        yield "completion", each.completion.difference.p
    if each.rephrase is not None:
        yield "rephrase", (each.rephrase.beyond or each.rephrase.gap).p
    if each.novelty is not None:
        yield "novelty", each.novelty.gap.p
