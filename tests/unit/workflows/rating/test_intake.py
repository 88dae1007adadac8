"""What rows come to: whatever they hold, a rating on the scale or a refusal with its place."""

from contextlib import suppress
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.errors import CorpusError, Place
from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.records.rating import Choice, Drawn, Rating
from passmuster.records.record import Json
from passmuster.records.said import Said, SaidOf
from passmuster.workflows.rating.intake import Known, RatingIntake, Scale, take_ratings

TONE = Rubric(criteria=(Criterion(name="tone", question="Polite?"),))
KNOWN = Known(
    inputs={"c": "digest"},
    items={"item": ("draw", "m", Drawn(case="c", input="digest", candidate="a", reply="f" * 32))},
    scales={"m": Scale(rubric=TONE, bounds=(1.0, 5.0), binary=False)},
    reply=lambda *_: None,
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.just(10**400)
    | st.just([1])
)


def said(**given_: object) -> Said:
    whole: dict[str, object] = {
        "place": lambda _: Place("f.csv", 2),
        "rater": "ana",
        "kind": "human",
        "case": "c",
    }
    return Said(**{**whole, "reply": SaidOf(text="hi"), **given_})  # type: ignore[arg-type]


def taken(*rows: Said, log: tuple[Rating | Choice, ...] = ()) -> RatingIntake:
    return take_ratings(rows, KNOWN, log, now=5.0)


@given(value=VALUES, part=VALUES)
def test_any_value_is_on_the_scale_or_refused(value: Json, part: Json) -> None:
    with suppress(CorpusError):
        (rating,) = taken(said(value=value, parts={} if part is None else {"tone": part})).ratings
        assert rating.value is not None
        assert isfinite(rating.value)
        assert 1 <= rating.value <= 5


@given(answers=st.lists(st.sampled_from([1.0, 2.0]), max_size=6), split=st.integers(0, 6))
def test_a_sheet_that_is_taken_in_twice_changes_nothing(answers: list[float], split: int) -> None:
    rows = [said(value=answer) for answer in answers]
    first = taken(*rows[:split]).ratings
    rest = taken(*rows, log=first).ratings

    assert [each.value for each in (*first, *rest)] == answers
    assert taken(*rows, log=(*first, *rest)).again == len(answers)


def test_a_pair_seen_from_both_sides_is_two_looks_of_one_pair() -> None:
    ahead = said(reply=SaidOf(text="x"), second=SaidOf(text="y"), chosen="first")
    behind = said(reply=SaidOf(text="y"), second=SaidOf(text="x"), chosen="second")
    choices = taken(ahead, behind).choices

    assert [each.chosen for each in choices] == ["first", "second"]
    assert taken(ahead, behind, log=choices).again == 2
    assert taken(behind, log=choices).again == 1
    assert taken(ahead, log=choices).again == 0


def test_who_skips_has_looked() -> None:
    (rating,) = taken(said(value=None, skipped=True, item="item", case=None)).ratings

    assert (rating.value, rating.draw, rating.candidate) == (None, "draw", "a")


def test_a_name_typed_otherwise_is_the_same_rater() -> None:
    one, other = "Zo\u00eb", "Zoe\u0308"
    rows = taken(said(value=3, rater=one), said(value=4, rater=other)).ratings

    assert {each.rater for each in rows} == {one}


def test_an_item_of_a_case_that_changed_is_stale() -> None:
    changed = Known(inputs={"c": "other"}, items=KNOWN.items, scales=KNOWN.scales, reply=KNOWN.reply)
    with pytest.raises(CorpusError, match="has changed since"):
        take_ratings([said(item="item", value=3)], changed, [], now=5.0)
    gone = Known(inputs={}, items=KNOWN.items, scales=KNOWN.scales, reply=KNOWN.reply)
    with pytest.raises(CorpusError, match="not here any more"):
        take_ratings([said(item="item", value=3)], gone, [], now=5.0)
