"""Suspect labels: who has a say, how two signs are put together, and what it does to scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.suspects.doubts import NONE, OTHER, Answers, calibrated, family, folds, opinion
from passmuster.corpus.suspects.effect import effect, leaders
from passmuster.corpus.suspects.rank import Named, doubts, suspects, wrong_share
from passmuster.records.candidate import Candidate
from passmuster.stats.arrays import FloatArray, IntArray

LABELS = 4
N = 400


def answers(name: str, codes: IntArray, gold: IntArray, fitted: str | None = None) -> Answers:
    candidate = Candidate(name=name, provider="openai", model=name, fitted_on=fitted)
    return Answers(candidate=candidate, codes=codes, right=codes == gold)


class World:
    """True labels, labels of which some are wrong, and what candidates say, who know the truth mostly."""

    def __init__(self, seed: int = 1, wrong: float = 0.05, strength: float = 0.9) -> None:
        self.rng = np.random.default_rng(seed)
        self.truth = self.rng.integers(0, LABELS, N)
        self.flipped = self.rng.random(N) < wrong
        self.gold = np.where(self.flipped, (self.truth + 1) % LABELS, self.truth)
        self.strength = strength

    def codes(self) -> IntArray:
        slip = self.rng.random(N) >= self.strength
        return np.where(slip, (self.truth + self.rng.integers(1, LABELS, N)) % LABELS, self.truth)

    def baseline(self) -> FloatArray:
        table = np.full((N, LABELS), 0.1)
        table[np.arange(N), self.codes()] = 1.0
        return np.asarray(table / table.sum(axis=1, keepdims=True))


def found_first(world: World, said: list[Answers], baseline: FloatArray | None) -> float:
    """Return which share of the flipped labels is in the first tenth of the list."""
    ranked = doubts(opinion(world.gold, LABELS, said, baseline), world.gold)
    return float(world.flipped[ranked.order[: N // 10]].sum() / world.flipped.sum())


def test_two_signs_find_more_than_one() -> None:
    world = World(strength=0.75)
    said = [answers(name, world.codes(), world.gold) for name in ("gpt-4o", "claude-3", "gemini-2")]
    baseline = world.baseline()

    both, one, other = (
        found_first(world, said, baseline),
        found_first(world, [], baseline),
        found_first(world, said, None),
    )
    assert both > max(one, other)
    assert both > 0.8


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("openai/gpt-4o-mini", "gpt"),
        ("gpt-o1", "gpt"),
        ("o3-mini", "gpt"),
        ("ft:gpt-4o:acme::1", "gpt"),
        ("claude-3-7-sonnet", "claude"),
        ("meta-llama/Llama-3.1-8B", "llama"),
        ("42", "42"),
    ],
)
def test_models_of_one_house_are_one_kind(name: str, kind: str) -> None:
    assert family(Candidate(name="x", provider="p", model=name)) == kind


def test_ten_models_of_one_kind_have_one_voice() -> None:
    world = World()
    codes = world.codes()
    one = opinion(world.gold, LABELS, [answers("gpt-4o", codes, world.gold)], None)
    ten = opinion(world.gold, LABELS, [answers(f"gpt-{n}", codes, world.gold) for n in range(10)], None)

    assert len(ten.voices) == 1
    assert np.allclose(one.probabilities, ten.probabilities)


def test_voices_that_err_together_count_less() -> None:
    world = World()
    codes = world.codes()
    alike = [answers(name, codes, world.gold) for name in ("gpt-4o", "claude-3", "gemini-2")]
    unlike = [answers(name, world.codes(), world.gold) for name in ("gpt-4o", "claude-3", "gemini-2")]
    weights = [
        sum(voice.weight for voice in opinion(world.gold, LABELS, each, None).voices)
        for each in (alike, unlike)
    ]

    assert weights[0] < 0.6 * weights[1]


def test_a_baseline_that_learned_from_the_labels_has_no_voice() -> None:
    world = World()
    found = opinion(world.gold, LABELS, [answers("words", world.gold, world.gold, fitted="d")], None)

    assert found.voices == ()
    assert found.left_out[0].left_out == "learned from these references"


@pytest.mark.parametrize("strength", [0.3, 0.5])
def test_a_weak_candidate_has_no_voice_beside_a_strong_one(strength: float) -> None:
    strong = World(strength=0.95)
    weak = World(strength=strength)
    said = [answers("gpt-4o", strong.codes(), strong.gold), answers("tiny", weak.codes(), strong.gold)]
    found = opinion(strong.gold, LABELS, said, None)

    assert [voice.name for voice in found.voices] == ["gpt"]


def test_a_candidate_with_few_answers_has_no_voice() -> None:
    world = World()
    codes = world.codes()
    codes[10:] = NONE

    assert opinion(world.gold, LABELS, [answers("gpt-4o", codes, world.gold)], None).voices == ()


def test_an_answer_that_is_none_of_the_labels_speaks_for_no_label() -> None:
    world = World()
    codes = world.codes()
    codes[:50] = OTHER
    found = opinion(world.gold, LABELS, [answers("gpt-4o", codes, world.gold)], None)

    assert np.allclose(found.probabilities[:50], 1 / LABELS)


@given(st.integers(2, 60), st.integers(2, 8), st.integers(0, 99))
def test_a_group_is_in_one_fold_and_folds_are_even(groups: int, number: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, 120).tolist()
    found = folds(rng.integers(0, 3, 120), group, number, seed)
    where: dict[int, set[int]] = {}
    for own, fold in zip(group, found.tolist(), strict=True):
        where.setdefault(own, set()).add(fold)

    assert all(len(each) == 1 for each in where.values())
    sizes = np.bincount([next(iter(each)) for each in where.values()], minlength=number)
    assert sizes.max() - sizes.min() <= 1


def test_probabilities_that_are_too_sure_are_brought_down() -> None:
    rng = np.random.default_rng(4)
    truth = rng.random(4000) < 0.7
    sure = np.where(truth[:, None], [0.999, 0.001], [0.999, 0.001]) + 0.0
    found = calibrated(sure, np.where(truth, 0, 1))

    assert found[:, 0].mean() == pytest.approx(0.7, abs=0.03)


def test_the_share_of_wrong_labels_is_about_right_and_its_interval_is_not_empty() -> None:
    world = World(seed=5, wrong=0.1, strength=0.97)
    said = [answers(name, world.codes(), world.gold) for name in ("gpt-4o", "claude-3", "gemini-2")]
    share = wrong_share(opinion(world.gold, LABELS, said, None), world.gold, np.random.default_rng(1))

    assert share.low is not None
    assert share.high is not None
    assert share.low <= float(world.flipped.mean()) <= share.high
    assert "Northcutt" in share.method


def test_no_doubt_at_all_is_not_proof_that_no_label_is_wrong() -> None:
    gold = np.arange(100) % 2
    sure = np.where(gold[:, None] == np.arange(2)[None, :], 0.99, 0.01)
    share = wrong_share(opinion(gold, 2, [], sure), gold, np.random.default_rng(1))

    assert share.value == 0
    assert share.high is not None
    assert share.high > 0.02


def test_reasons_say_who_says_what() -> None:
    world = World()
    said = [answers(name, world.codes(), world.gold) for name in ("gpt-4o", "claude-3")]
    found = opinion(world.gold, LABELS, said, world.baseline())
    ranked = doubts(found, world.gold)
    named = Named(cases=[f"c{n}" for n in range(N)], labels=list("abcd"), twins={f"c{ranked.order[0]}": "c9"})
    (first,) = suspects(found, world.gold, ranked, named, [int(ranked.order[0])])

    assert first.flagged
    assert first.given < first.suggested
    assert first.reasons[0].startswith(f"2 of 2 unlike candidates say {first.suggestion!r} (gpt, claude)")
    assert "a baseline that has not seen this case" in first.reasons[1]
    assert "case c9 has the same input" in first.reasons[2]


def test_a_score_lies_between_its_bounds_however_the_suspects_are_settled() -> None:
    world = World()
    codes = world.codes()
    codes[::7] = NONE
    best = (world.gold + world.rng.integers(1, LABELS, N)) % LABELS
    suspect = world.rng.random(N) < 0.2
    found = effect(answers("gpt-4o", codes, world.gold), best, suspect)
    assert found.low is not None
    assert found.high is not None
    for seed in range(50):
        taken = suspect & (np.random.default_rng(seed).random(N) < 0.5)
        truth = np.where(taken, best, world.gold)
        score = float((codes == truth)[codes != NONE].mean())
        assert found.low <= score <= found.high
    assert found.n == int((codes != NONE).sum())


def test_who_leads_may_depend_on_the_suspects() -> None:
    gold = np.zeros(10, dtype=np.int64)
    suspect = np.arange(10) < 4
    loyal = effect(answers("loyal", gold.copy(), gold), np.ones(10, dtype=np.int64), suspect)
    other = effect(answers("other", np.where(suspect, 1, 0), gold), np.ones(10, dtype=np.int64), suspect)

    assert leaders([loyal, other]) == ("loyal", "other")


def test_a_candidate_without_an_answer_has_no_score_of_zero() -> None:
    nothing = np.full(5, NONE, dtype=np.int64)
    gold = np.zeros(5, dtype=np.int64)
    found = effect(answers("gone", nothing, gold), gold, np.zeros(5, dtype=np.bool_))

    assert (found.n, found.all, found.low, found.high) == (0, None, None, None)
