"""What changed from one state to another."""

from dataclasses import replace

from passmuster.corpus.versions.compare import compare_states
from passmuster.corpus.versions.frozen import State
from passmuster.records.case import Case
from passmuster.records.version import Tally

ONE = Case(id="1", input="one", reference="a", stratum="s")
TWO = Case(id="2", input="two", reference="b", stratum="t")
THREE = Case(id="3", input="three", stratum="t", origin="expert")


def test_equal_states_differ_in_nothing() -> None:
    found = compare_states(State(parts={"eval": [ONE, TWO]}), State(parts={"eval": [TWO, ONE]}))
    assert (found.added, found.removed, found.changed, found.unchanged) == ((), (), (), 2)


def test_added_and_removed_cases_are_named_with_where_they_stand() -> None:
    found = compare_states(State(parts={"eval": [ONE]}), State(parts={"train": [THREE]}))
    assert [(each.case, each.part, each.stratum) for each in found.removed] == [("1", "eval", "s")]
    assert [(each.case, each.part, each.origin) for each in found.added] == [("3", "train", "expert")]


def test_a_relabelled_case_tells_both_references_and_is_no_other_change() -> None:
    found = compare_states(State(parts={"eval": [ONE]}), State(parts={"eval": [replace(ONE, reference="z")]}))
    (change,) = found.changed
    assert (change.relabelled, change.moved, change.before, change.after) == (True, False, "a", "z")
    assert found.total == Tally(before=1, after=1, relabelled=1)


def test_a_changed_case_names_its_fields_and_is_not_relabelled() -> None:
    now = replace(ONE, stratum="t", tags=("x",))
    (change,) = compare_states(State(parts={"eval": [ONE]}), State(parts={"eval": [now]})).changed
    assert change.fields == ("stratum", "tags")
    assert not change.relabelled
    assert change.before is None


def test_a_case_that_moved_is_neither_added_nor_removed() -> None:
    found = compare_states(State(parts={"train": [ONE]}), State(parts={"eval": [ONE]}))
    (change,) = found.changed
    assert (change.moved, change.was, change.part, change.fields) == (True, "train", "eval", ())
    assert (found.added, found.removed) == ((), ())
    assert found.parts == {"eval": Tally(after=1, moved=1), "train": Tally(before=1)}


def test_a_case_that_only_got_another_id_was_renamed() -> None:
    found = compare_states(State(parts={"eval": [ONE]}), State(parts={"eval": [replace(ONE, id="9")]}))
    assert [(each.case, each.fields) for each in found.changed] == [("9", ("id",))]


def test_an_id_in_two_parts_is_matched_within_each_part_first() -> None:
    pooled = replace(ONE, category="regression", input="other")
    before = State(parts={"eval": [ONE], "regression": [pooled]})
    assert compare_states(before, before).unchanged == 2
    found = compare_states(before, State(parts={"regression": [pooled]}))
    assert [(each.case, each.part) for each in found.removed] == [("1", "eval")]
    assert (found.changed, found.unchanged) == ((), 1)


def test_counts_go_by_part_stratum_and_origin() -> None:
    before = State(parts={"eval": [ONE, TWO]})
    after = State(parts={"eval": [replace(ONE, reference="z"), THREE]})
    found = compare_states(before, after)
    assert found.strata == {
        "s": Tally(before=1, after=1, relabelled=1),
        "t": Tally(before=1, after=1, added=1, removed=1),
    }
    assert found.origins == {
        "expert": Tally(after=1, added=1),
        "production": Tally(before=2, after=1, removed=1, relabelled=1),
    }


def test_one_and_true_and_a_float_are_three_references() -> None:
    for before, after in ((1, True), (1, 1.0), (0, False)):
        found = compare_states(
            State(parts={"eval": [replace(ONE, reference=before)]}),
            State(parts={"eval": [replace(ONE, reference=after)]}),
        )
        assert found.total.relabelled == 1
