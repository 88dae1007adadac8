"""What moves a verdict beside what people say: found where it is, and not where quality explains it."""

import numpy as np
import pytest

from passmuster.decide.judging.calibrating.findings import family_findings, favour_findings, length_findings
from passmuster.decide.judging.calibrating.leanings import candidate_leanings, family_leaning, length_leaning
from passmuster.decide.judging.calibrating.rows import Beside, JudgedReply, Unit, beside

PASS_FAIL = Unit(bounds=(0.0, 1.0), binary=True)
PAIRS = Unit(bounds=(0.0, 1.0), pairwise=True)


def rated(seed: int = 1, *, cases: int = 150, favour: float = 0.0, by_length: bool = False) -> Beside:
    """Return two candidates' replies, rated by people and judged: `a` is better, and its replies are longer."""
    rng = np.random.default_rng(seed)
    rows = []
    for case in range(cases):
        for name, share in (("a", 0.8), ("b", 0.5)):
            human = float(rng.random() < share)
            length = int(np.exp(rng.normal(5 + 0.5 * human, 1)))
            judge = float(rng.random() < (0.9 if human else 0.2) or (name == "a" and rng.random() < favour))
            if by_length:
                judge = float(length > 150)
            rows.append(
                JudgedReply(
                    candidate=name,
                    case=str(case),
                    group=str(case),
                    value=judge,
                    human=human,
                    drawn=True,
                    length=length,
                    akin=name == "a",
                    stratum=f"{judge}",
                )
            )
    return beside(rows)


def test_good_replies_that_are_longer_do_not_make_a_judge_of_length() -> None:
    found = rated()
    honest = length_leaning(found, PASS_FAIL)
    assert honest is not None
    assert honest.p > 0.01
    # Without what people say it would be accused: longer replies do pass more often here.
    lengths = np.log2([row.length for row in found.rows])
    assert np.corrcoef(lengths, found.judge)[0, 1] > 0.1


def test_a_judge_that_length_alone_decides_is_found_though_its_effect_has_no_bound() -> None:
    found = length_leaning(rated(by_length=True), PASS_FAIL)
    assert found is not None
    assert found.separated
    (finding,) = length_findings(found)
    assert "longer replies are favoured" in finding.sentence
    assert "length alone settles the verdict" in finding.sentence


def test_a_better_candidate_is_not_a_favoured_one() -> None:
    found = rated()
    told = candidate_leanings(found, PASS_FAIL)
    assert list(favour_findings(told)) == []
    assert list(family_findings(family_leaning(found, PASS_FAIL))) == []


def test_a_favoured_candidate_is_named_once_and_its_family_where_it_has_one() -> None:
    found = rated(favour=0.7)
    (favoured,) = favour_findings(candidate_leanings(found, PASS_FAIL))
    assert "the judge favours a beside candidates" in favoured.sentence
    (kin,) = family_findings(family_leaning(found, PASS_FAIL))
    assert kin.kind == "self_preference"
    assert list(favour_findings(candidate_leanings(found, PASS_FAIL), ("a", "b"))) == []


def test_a_judge_that_says_what_people_say_leaves_nothing_to_be_moved() -> None:
    rows = [
        JudgedReply(
            candidate="a",
            case=str(n),
            group=str(n),
            value=float(n % 2),
            human=float(n % 2),
            length=n + 1,
            stratum="",
        )
        for n in range(60)
    ]
    assert length_leaning(beside(rows), PASS_FAIL) is None


def test_few_ratings_and_replies_of_one_length_tell_nothing() -> None:
    assert length_leaning(rated(cases=8), PASS_FAIL) is None
    rows = [
        JudgedReply(
            candidate="a", case=str(n), group=str(n), value=float(n % 2), human=1.0, length=9, stratum=""
        )
        for n in range(60)
    ]
    assert length_leaning(beside(rows), PASS_FAIL) is None
    assert candidate_leanings(beside(rows), PASS_FAIL) == {}


def test_of_two_replies_side_by_side_the_ratio_of_their_lengths_counts() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for case in range(80):
        own, other = rng.integers(20, 400, 2).tolist()
        rows.append(
            JudgedReply(
                candidate="a",
                case=str(case),
                group=str(case),
                value=float(own > other),
                human=float(rng.choice([0.0, 0.5, 1.0])),
                length=own,
                other_length=other,
            )
        )
    found = length_leaning(beside(rows), PAIRS)
    assert found is not None
    assert found.p < 1e-6


def test_graded_verdicts_lean_by_shares_of_the_scale() -> None:
    rng = np.random.default_rng(6)
    unit = Unit(bounds=(1.0, 5.0))
    rows = []
    for case in range(120):
        human, length = float(rng.integers(1, 6)), int(rng.integers(20, 2000))
        judge = float(np.clip(human + np.log2(length / 200) + rng.normal(0, 0.3), 1, 5))
        rows.append(
            JudgedReply(
                candidate="a", case=str(case), group=str(case), value=judge, human=human, length=length
            )
        )
    found = length_leaning(beside(rows), unit)
    assert found is not None
    assert found.p < 1e-4
    assert found.effect.value == pytest.approx(1.0, abs=0.7)


def test_good_grades_of_longer_replies_are_no_leaning_to_length() -> None:
    rng = np.random.default_rng(8)
    rows = []
    for case in range(150):
        human = float(rng.integers(1, 6))
        length = int(200 * 2 ** (human / 2 + rng.normal(0, 0.5)))
        judge = float(np.clip(human + rng.normal(0, 0.5), 1, 5))
        rows.append(
            JudgedReply(
                candidate="a", case=str(case), group=str(case), value=judge, human=human, length=length
            )
        )
    found = length_leaning(beside(rows), Unit(bounds=(1.0, 5.0)))
    assert found is not None
    assert found.p > 0.01
