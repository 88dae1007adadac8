"""`corpus suspects`: which labels are probably wrong, why, and what that does to the scores of the stored candidates."""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from passmuster.corpus.clusters import Clusters
from passmuster.corpus.labels.standing import label_text, right_answers
from passmuster.corpus.suspects.doubts import NONE, OTHER, Answers, Voice, folds, opinion
from passmuster.corpus.suspects.effect import Effect, effect, leaders
from passmuster.corpus.suspects.rank import Doubts, Named, Suspect, doubts, suspects, wrong_share
from passmuster.errors import NotAvailableError
from passmuster.metrics.answers import as_text, normalise
from passmuster.metrics.labels.f1_per_class import F1PerClass
from passmuster.metrics.metric import Metric
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.record import Json, Record
from passmuster.records.score import Estimate, Score
from passmuster.records.text import input_text
from passmuster.records.trial import Reply, Trial
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.workflows.cells import Cells

FEWEST = 5
"""Cases of a label from which on its labels can be judged."""
MOST_CELLS = 50_000_000
"""Cases times labels, at most: half a gigabyte of probabilities."""
FOLDS = 5

OutOfFold: TypeAlias = Callable[[Sequence[str], IntArray, IntArray], FloatArray]
"""(texts, labels, folds) -> the probability of each label of each text, by models that did not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the store has: candidates, their trials, the metric that reads answers, and repeats a case."""

    candidates: tuple[Candidate, ...] = ()
    trials: Iterable[Trial] = ()
    metric: Metric | None = None
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectReport(Record):
    """Suspect labels, the most doubtful first, the expected share of wrong ones, and what they do to scores.

    `rated` cases could be judged; `unrated` says how many could not, by reason. `flagged` labels count as wrong in the
    expected share. `leader` and `leader_corrected` are the best candidates as labelled, and with every suggestion taken.
    """

    rated: int
    labels: int
    flagged: int
    expected: Estimate
    suspects: tuple[Suspect, ...]
    voices: tuple[Voice, ...]
    effects: tuple[Effect, ...]
    unrated: Mapping[str, int] = field(default_factory=dict)
    baseline: bool = True
    leader: str | None = None
    leader_corrected: str | None = None


class _Rated:
    """The cases that can be judged, with their labels as codes."""

    def __init__(self, cases: Sequence[Case], steps: Sequence[str]) -> None:
        self._steps = tuple(steps)
        self.unrated: dict[str, int] = {}
        keys = [self._gold(case) for case in cases]
        counts: dict[str, int] = {}
        for key in keys:
            if key is not None:
                counts[key] = counts.get(key, 0) + 1
        kept = [
            (case, key)
            for case, key in zip(cases, keys, strict=True)
            if key is not None and counts[key] >= FEWEST
        ]
        bare = sum(key is None for key in keys)
        self._lost("have no reference that is a label", bare)
        self._lost(f"have a label with fewer than {FEWEST} cases", len(cases) - bare - len(kept))
        self.cases = [case for case, _ in kept]
        self.labels = sorted({key for _, key in kept})
        self.codes = {key: code for code, key in enumerate(self.labels)}
        self.gold = np.array([self.codes[key] for _, key in kept], dtype=np.int64)

    def _lost(self, why: str, count: int) -> None:
        if count:
            self.unrated[why] = count

    def _gold(self, case: Case) -> str | None:
        right = right_answers(case.reference)
        if not right or isinstance(right[0], Mapping | list | tuple):
            return None
        return self.key(right[0])

    def key(self, value: Json) -> str:
        text = label_text(value) if not isinstance(value, str) else as_text(value)
        return normalise(text, self._steps)  # type: ignore[arg-type]  # they are a metric's own steps

    def code(self, answer: str) -> int:
        return self.codes.get(self.key(answer), OTHER)


def find_suspects(
    cases: Sequence[Case],
    stored: Stored,
    out_of_fold: OutOfFold | None,
    near: Callable[[Sequence[str]], Sequence[int]],
    *,
    limit: int | None = None,
    seed: int = 0,
) -> SuspectReport:
    """Return the suspect labels of these cases.

    Args:
        cases: The cases; those without a label as reference are not judged.
        stored: What candidates answered; may be empty.
        out_of_fold: Fits the baseline; None goes without.
        near: The near-duplicate group of each text.
        limit: How many suspects are named; None is all rated cases, in order.
        seed: Of the folds and the resamples.

    Raises:
        NotAvailableError: where references are no labels, or there are too many of them.
    """
    metric = stored.metric
    rated = _Rated(cases, metric.normalise if isinstance(metric, ExactMatch | F1PerClass) else ())
    _check(rated, len(cases))
    answers = read_answers(rated.cases, stored, rated.code, rated.gold)
    baseline = _baseline(rated, out_of_fold, near, seed)
    found = opinion(rated.gold, len(rated.labels), answers, baseline)
    if baseline is None and not found.voices:
        raise NotAvailableError(
            "there is nobody to doubt a label: no baseline, and no strong candidate with stored answers",
            hint="Ask some candidates: passmuster run. Or leave --no-baseline out.",
        )
    ranked = doubts(found, rated.gold)
    named = Named(
        cases=[case.id for case in rated.cases], labels=rated.labels, twins=_twins(rated.cases, rated.gold)
    )
    share = wrong_share(found, rated.gold, np.random.default_rng(seed), len(cases) - len(rated.cases))
    heard = [each for each in answers if (each.codes != NONE).any()]
    report = SuspectReport(
        rated=len(rated.cases),
        labels=len(rated.labels),
        flagged=int(ranked.flagged.sum()),
        expected=share,
        suspects=tuple(suspects(found, rated.gold, ranked, named, _listed(ranked, limit))),
        voices=(*found.voices, *found.left_out),
        effects=tuple(effect(each, ranked.best, ranked.flagged) for each in heard),
        unrated=rated.unrated,
        baseline=baseline is not None,
    )
    leader, corrected = leaders(report.effects)
    return replace(report, leader=leader, leader_corrected=corrected)


def _check(rated: _Rated, total: int) -> None:
    if len(rated.labels) < 2:
        reasons = "; ".join(f"{count:,} {why}" for why, count in rated.unrated.items())
        raise NotAvailableError(
            f"labels cannot be judged: of {total:,} cases, {reasons or 'all have one label'}",
            hint="It takes references that are labels, at least two of them with five cases each.",
        )
    if len(rated.labels) * len(rated.cases) > MOST_CELLS:
        raise NotAvailableError(
            f"{len(rated.cases):,} cases of {len(rated.labels):,} labels are too many to judge together",
            hint="Judge a part of them: --split eval",
        )


def _listed(ranked: Doubts, limit: int | None) -> list[int]:
    places: list[int] = ranked.order.tolist()
    return places[:limit]


def _baseline(
    rated: _Rated,
    out_of_fold: OutOfFold | None,
    near: Callable[[Sequence[str]], Sequence[int]],
    seed: int,
) -> FloatArray | None:
    if out_of_fold is None:
        return None
    texts = [input_text(case.input) for case in rated.cases]
    if not any(any(letter.isalnum() for letter in text) for text in texts):
        return None
    groups = _groups(rated.cases, near(texts))
    return out_of_fold(texts, rated.gold, folds(rated.gold, groups, FOLDS, seed))


def _groups(cases: Sequence[Case], near: Sequence[int]) -> list[int]:
    """Return the number of what hangs together by near-duplicates and groups: it is judged as one, by the rest."""
    clusters = Clusters(len(cases))
    first: dict[tuple[str, object], int] = {}
    for place, (case, group) in enumerate(zip(cases, near, strict=True)):
        clusters.unite(place, first.setdefault(("near", group), place))
        if case.group is not None:
            clusters.unite(place, first.setdefault(("group", case.group), place))
    return [clusters.root(place) for place in range(len(cases))]


def read_answers(
    cases: Sequence[Case], stored: Stored, code: Callable[[str], int], gold: IntArray
) -> list[Answers]:
    """Return what each candidate answered in its first repeat of each case, as codes of labels; none without a metric.

    An answer that the metric calls right has the code of the reference; a failed trial, or a reply from which no
    answer can be read, has none.
    """
    metric = stored.metric
    if metric is None:
        return []
    cells = Cells(cases, stored.repeats)
    codes = {candidate_digest(each): np.full(len(cases), NONE, np.int64) for each in stored.candidates}
    rounds = {key: array("l", [stored.repeats]) * len(cases) for key in codes}
    rights = {key: np.zeros(len(cases), dtype=np.bool_) for key in codes}
    for trial in stored.trials:
        cell = cells.place(trial.key) if trial.key.candidate in codes else None
        if cell is None or not isinstance(trial.outcome, Reply):
            continue
        place, round_ = divmod(cell, stored.repeats)
        if round_ >= rounds[trial.key.candidate][place]:
            continue
        score = metric.score(cases[place], trial.outcome)
        if isinstance(score, Score) and score.answer is not None:
            right = score.value >= 1
            rounds[trial.key.candidate][place] = round_
            rights[trial.key.candidate][place] = right
            codes[trial.key.candidate][place] = gold[place] if right else code(score.answer)
    return [
        Answers(candidate=each, codes=codes[key], right=rights[key])
        for each in stored.candidates
        for key in [candidate_digest(each)]
    ]


def _twins(cases: Sequence[Case], gold: IntArray) -> dict[str, str]:
    """Return, for each case whose input stands under another reference too, one such case."""
    first: dict[str, dict[int, str]] = {}
    keys = [case_digest(case) for case in cases]
    for case, key, code in zip(cases, keys, gold.tolist(), strict=True):
        first.setdefault(key, {}).setdefault(code, case.id)
    return {
        case.id: next(name for other, name in first[key].items() if other != code)
        for case, key, code in zip(cases, keys, gold.tolist(), strict=True)
        if len(first[key]) > 1
    }
