"""What asking flipped cases again makes of them: systematic, noise, or unknown."""

from collections.abc import Mapping
from dataclasses import replace
from math import comb

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from tests.unit.decide.gate.two_versions import (
    RULE,
    TASK,
    asked_again,
    cases_of,
    laid,
    measured,
    signs,
    wavering,
)

from passmuster.decide.gate.again import Again, fails_for_good, more_right
from passmuster.decide.gate.compared import Triage
from passmuster.decide.gate.flips import flips
from passmuster.decide.gate.triage import ALARM, LISTED, Cases, lasting, triage
from passmuster.records.case import Case
from passmuster.records.failure_mode import FailureMode
from passmuster.stats.signs import sign_flip_p

YES, NO = (True, True, True), (False, False, False)


def _found(old: str, new: str, again: Again | None) -> Triage:
    return triage(TASK, Cases(main=laid(old, new), again=again))


def _fresh(places: range, old: tuple[bool | None, ...], new: tuple[bool | None, ...]) -> Again:
    ids = [str(place) for place in places]
    return Again(old=dict.fromkeys(ids, old), new=dict.fromkeys(ids, new))


@pytest.mark.parametrize(
    ("answers", "times", "fails"),
    [(NO, 3, True), ((True, False, False), 3, True), ((True, True, False), 3, False), ((False,), 3, None),
     ((None, False, None), 3, None), ((), 3, None), (None, 3, None), ((False,), 1, True), ((True, False), 2, None)],
)  # fmt: skip
def test_a_case_fails_for_good_where_most_fresh_answers_are_wrong(
    answers: tuple[bool | None, ...] | None, times: int, fails: object
) -> None:
    assert fails_for_good(answers, times) is fails


def test_as_many_fresh_answers_of_each_version_are_held_against_one_another() -> None:
    again = Again(
        old={"a": (True, True, True), "b": (True,), "c": (None,)},
        new={"a": (False, True), "b": (None,), "d": NO},
    )
    assert np.nan_to_num(more_right(again, ["a", "b", "c", "d"]), nan=9).tolist() == [-1, 9, 9, 9]


def test_ten_cases_that_are_always_wrong_now_are_systematic_and_each_is_named() -> None:
    old, new = "+" * 200, "-" * 10 + "+" * 190
    found = _found(old, new, _fresh(range(10), YES, NO))
    assert (found.finding, found.level, found.settled) == ("systematic", "block", False)
    assert [flip.case for flip in found.flips if flip.regressed] == [str(place) for place in range(10)]
    assert all((flip.asked, flip.old_right, flip.new_right) == (3, 3, 0) for flip in found.flips)
    (reason,) = found.reasons
    assert "10 are worse for good" in reason
    assert "(0, 1, 2, 3, 4, 5, 6, 7 and 2 more)" in reason


def test_the_same_ten_flips_are_noise_where_both_waver_on_them() -> None:
    """A gate that counted the flips themselves would block: it is 10 to 0."""
    old, new = "+" * 200, "-" * 10 + "+" * 190
    found = _found(old, new, _fresh(range(10), (True, False, True), (True, True, False)))
    assert (found.finding, found.settled, found.level) == ("noise", True, "pass")
    assert not any(flip.regressed for flip in found.flips)


def test_a_case_that_the_old_version_fails_as_well_has_not_regressed() -> None:
    found = _found("+" * 60, "-" * 5 + "+" * 55, _fresh(range(5), NO, NO))
    assert [flip.regressed for flip in found.flips] == [False] * 5
    assert found.finding != "systematic"


def test_as_many_cases_better_for_good_as_worse_are_no_regression_of_the_whole() -> None:
    old, new = "+" * 6 + "-" * 6 + "+" * 388, "-" * 6 + "+" * 394
    worse, better = _fresh(range(6), YES, NO), _fresh(range(6, 12), NO, YES)
    again = Again(old={**worse.old, **better.old}, new={**worse.new, **better.new})
    found = _found(old, new, again)
    assert found.finding == "noise"
    assert sum(flip.regressed is True for flip in found.flips) == 6, "each of them is named all the same"


@pytest.mark.parametrize("flipped", [10, 20, 32, 60])
def test_two_steady_versions_that_differ_case_by_case_are_no_more_often_systematic_than_promised(
    flipped: int,
) -> None:
    """Each says the same however often it is asked, and a flip is as likely to go either way: every split by its exact chance.

    Fresh answers then only repeat the first ones; to join both as if they were independent counts each flip twice.
    """
    level, alarms, naive = ALARM * TASK.alpha, 0.0, 0.0
    for worse in range(flipped + 1):
        ups = flipped - worse
        main = laid("+" * worse + "-" * ups + "+" * 100, "-" * worse + "+" * (ups + 100))
        first, second = _fresh(range(worse), YES, NO), _fresh(range(worse, flipped), NO, YES)
        again = Again(old={**first.old, **second.old}, new={**first.new, **second.new})
        last = lasting(main, flips(main.old, main.new, RULE), again, 0.05, TASK.alpha)
        assert last.p is not None
        alone = sign_flip_p([-1] * worse + [1] * ups)
        chance = comb(flipped, worse) / 2**flipped
        alarms += chance * (last.p <= level)
        naive += chance * (ndtr(2**0.5 * ndtri(alone)) <= level)
    assert alarms <= 1.3 * level, "a mid-p value is exceeded by a little at some numbers"
    assert naive > 1.3 * level


def test_nothing_is_found_where_nothing_was_asked_again() -> None:
    found = _found("+" * 50, "-" * 20 + "+" * 30, None)
    assert (found.finding, found.level, found.settled) == (None, None, False)
    assert [flip.regressed for flip in found.flips] == [None] * 20
    could_not = _found("+" * 50, "-" * 20 + "+" * 30, Again(notes=("recorded answers",)))
    assert (could_not.finding, could_not.notes) == (None, ("recorded answers",))


def test_without_any_flip_many_cases_are_noise_and_few_are_unknown() -> None:
    assert _found("+" * 200, "+" * 200, Again()).finding == "noise"
    few = _found("+" * 30, "+" * 30, Again())
    assert few.finding == "unknown"
    assert few.more_cases is not None
    assert 5 < few.more_cases < 300


def test_flips_that_could_not_be_asked_again_are_not_taken_for_luck() -> None:
    """A budget that ran out after two of ten: the other eight count as worse."""
    old, new = "+" * 100, "-" * 10 + "+" * 90
    found = _found(old, new, _fresh(range(2), YES, YES))
    assert (found.finding, found.settled) == ("unknown", False)
    assert any("8 could not be judged again" in note for note in found.notes)
    judged = _found(old, new, _fresh(range(10), YES, YES))
    assert judged.finding == "noise"


def test_an_old_version_that_does_not_answer_leaves_what_was_said_first() -> None:
    old, new = "+" * 200, "-" * 10 + "+" * 190
    again = Again(new={str(place): NO for place in range(10)})
    found = _found(old, new, again)
    assert [flip.regressed for flip in found.flips] == [True] * 10
    assert found.flips[0].old_right is None
    assert found.finding == "systematic", "10 to 0 says so by itself"
    few = _found("+" * 200, "-" * 3 + "+" * 197, Again(new={str(place): NO for place in range(3)}))
    assert few.finding != "systematic", "3 to 0 does not"


def test_the_cases_of_a_group_say_it_once() -> None:
    old, new = "+" * 60, "-" * 12 + "+" * 48
    main = laid(old, new)
    groups = [0] * 12 + list(range(1, 49))
    grouped = replace(main, old=measured(old, groups=groups), new=measured(new, name="new", groups=groups))
    again = _fresh(range(12), YES, NO)
    assert triage(TASK, Cases(main=main, again=again)).finding == "systematic"
    assert triage(TASK, Cases(main=grouped, again=again)).finding != "systematic"


def test_a_small_drop_that_is_shown_is_looked_into() -> None:
    old, new = "+" * 2000, "-" * 12 + "+" * 1988
    found = _found(old, new, _fresh(range(12), YES, NO))
    assert (found.finding, found.level) == ("systematic", "investigate")


def test_a_regression_case_that_fails_blocks_by_itself_whatever_the_flips_say() -> None:
    regression = [Case(id="r1", input="r", category="regression", mode="refund")]
    cases = Cases(
        main=laid("+" * 200, "+" * 200),
        apart={"regression": laid("+", "-", regression)},
        again=Again(new={"r1": NO}, old={"r1": YES}),
        modes=(FailureMode(name="refund", severity="critical"),),
    )
    found = triage(TASK, cases)
    assert (found.level, found.finding) == ("pass", "noise")
    assert [(mode.mode, mode.level, mode.failed) for mode in found.modes] == [("refund", "block", ("r1",))]
    assert (found.flips[0].case, found.flips[0].failure_mode) == ("r1", "refund")
    unasked = triage(TASK, replace(cases, apart={"regression": laid("+", " ", regression)}, again=Again()))
    assert [(mode.level, mode.untested) for mode in unasked.modes] == [("undecided", ("r1",))]


def test_the_gravest_flips_are_listed_first_and_no_more_than_a_reader_takes() -> None:
    number = LISTED + 500
    old, new = "+" * number + "-" * 5 + "+" * 5000, "-" * number + "+" * 5005
    again = Again(new={str(number - 1): NO}, old={str(number - 1): YES})
    found = _found(old, new, again)
    assert len(found.flips) == LISTED
    assert found.flips[0].case == str(number - 1)
    assert found.changes == {"silent": number, "fixed": 5}
    assert any("the 1,000 gravest are listed" in note for note in found.notes)


def test_a_change_of_format_only_is_counted() -> None:
    main = replace(laid("+++", "+++"), changed=np.array([[True], [True], [False]]))
    assert triage(TASK, Cases(main=main)).changes == {"format": 2}


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_two_equal_models_that_waver_are_noise(share: float) -> None:
    """120 gates of 200 cases, seed 3. Of the flips alone, a gate that blocks where 5 more got worse would often do so."""
    generator, cases = np.random.default_rng(3), cases_of(200)
    findings: Mapping[str | None, list[int]] = {"noise": [], "systematic": [], "unknown": []}
    naive = 0
    for number in range(120):
        chance = wavering(generator, 200, share)
        main = laid(signs(generator.random(200) < chance), signs(generator.random(200) < chance), cases)
        found = flips(main.old, main.new, RULE)
        naive += bool(found.worse.sum() >= 5)
        again = asked_again(generator, main, (chance, chance), found.places.tolist())
        findings[triage(TASK, Cases(main=main, again=again)).finding].append(number)
    assert len(findings["noise"]) >= 108, findings
    assert naive > 12 if share > 0.2 else naive >= 0
