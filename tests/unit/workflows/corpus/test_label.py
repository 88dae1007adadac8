"""What is taken in of labels from outside, and what settling writes."""

import pytest

from passmuster.corpus.labels.settle import SettleRule
from passmuster.errors import CorpusError, UsageError
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Annotator, Label
from passmuster.records.record import Json
from passmuster.workflows.corpus.label import Intake, Wanted, settle_files, take_in, to_label

CASES = [
    Case(id="1", input="one", reference=4),
    Case(id="2", input="two", reference=5),
    Case(id="3", input="three"),
]


def said(
    case: str, value: Json, who: str = "ana", kind: Annotator = "human", digest: str | None = None
) -> Label:
    return Label(case=case, value=value, annotator=who, kind=kind, input=digest)


def taken(*labels: Label, log: tuple[Label, ...] = (), machines: tuple[str, ...] = ()) -> Intake:
    return take_in(labels, log, CASES, source="a.csv", now=9.0, machines=machines)


def test_a_label_gets_the_digest_of_what_it_is_of_and_the_time_where_it_states_none() -> None:
    (label,) = taken(said("1", "a")).labels

    assert (label.input, label.time, label.source) == (case_digest(CASES[0]), 9.0, "a.csv")


def test_a_number_on_a_sheet_is_the_number_of_the_references() -> None:
    assert [label.value for label in taken(said("3", "4"), said("1", " x ")).labels] == [4, "x"]


def test_what_is_there_already_is_not_taken_a_second_time_and_another_mind_is() -> None:
    first = taken(said("1", "a")).labels

    assert taken(said("1", "a"), log=first).again == 1
    assert [label.value for label in taken(said("1", "b"), log=first).labels] == ["b"]


def test_a_label_of_another_input_is_stale_and_one_of_an_unknown_case_unknown() -> None:
    found = taken(said("1", "a", digest="0" * 32), said("9", "a"))

    assert (found.stale, found.unknown, found.labels) == (("1",), ("9",), ())


@pytest.mark.parametrize(
    ("log", "machines"), [((said("1", "a", "gpt", "machine"),), ()), ((), ("gpt",))], ids=["log", "candidate"]
)
def test_nobody_passes_a_machine_off_as_a_person(log: tuple[Label, ...], machines: tuple[str, ...]) -> None:
    with pytest.raises(CorpusError, match="kept apart"):
        taken(said("2", "a", "gpt"), log=log, machines=machines)


def test_nobody_passes_a_person_off_as_a_machine() -> None:
    with pytest.raises(CorpusError, match="kept apart"):
        taken(said("2", "a", "ana", "machine"), log=(said("1", "a"),))


def test_labels_that_no_reference_uses_are_named() -> None:
    assert taken(said("3", "4"), said("1", "six"), said("2", "six", "ben")).strange == {"six": 2}


def test_settling_again_changes_nothing_and_writes_nothing() -> None:
    log = [*taken(said("3", "a"), said("3", "a", "ben")).labels]
    once = settle_files({"eval": CASES}, log, SettleRule(), 1.0)
    again = settle_files({"eval": once.files["eval"]}, [*log, *once.lines], SettleRule(), 2.0)

    assert [line.value for line in once.lines] == ["a"]
    assert (again.lines, again.files) == ((), {})


def test_a_case_that_stands_in_two_files_changes_in_both_and_the_others_stay() -> None:
    files = {"eval": CASES[2:], "cases": CASES, "train": CASES[:2]}
    found = settle_files(files, taken(said("3", "a")).labels, SettleRule(), 1.0)

    assert set(found.files) == {"eval", "cases"}
    assert list(found.files["cases"][:2]) == CASES[:2]


def test_only_disputed_cases_go_out_again() -> None:
    log = taken(said("3", "a"), said("3", "b", "ben"), said("1", "4")).labels

    assert [case.id for case in to_label(CASES, log, Wanted(which="disputed"))] == ["3"]
    assert [case.id for case in to_label(CASES, log, Wanted())] == ["2"]
    assert len(to_label(CASES, log, Wanted(which="all", limit=2))) == 2


def test_an_id_that_no_case_has_is_told_with_the_closest() -> None:
    with pytest.raises(UsageError, match="no open case is called '33'"):
        to_label(CASES, [], Wanted(ids=("33",)))


def test_a_case_of_the_same_id_and_another_input_keeps_its_reference() -> None:
    files = {
        "eval": [Case(id="1", input="new", reference="a")],
        "cases": [Case(id="1", input="old", reference="a")],
    }
    settled = settle_files(files, [said("1", "b"), said("1", "b", "ben")], SettleRule(), 9.0)

    assert list(settled.files) == ["eval"]
    assert settled.files["eval"][0].reference == "b"


def test_a_number_in_a_file_is_the_text_that_references_are() -> None:
    cases = [Case(id="1", input="one", reference="4"), Case(id="2", input="two", reference="true")]
    value: Json = True
    found = take_in([said("2", 4), said("1", value)], (), cases, source="a.jsonl", now=9.0)

    assert [label.value for label in found.labels] == ["4", "true"]


def test_no_answer_stays_none_where_a_reference_is_the_word_null() -> None:
    found = take_in(
        [said("2", None)], (), [Case(id="1", input="a", reference="null"), CASES[1]], source="", now=9.0
    )

    assert [label.value for label in found.labels] == [None]


def test_one_name_in_two_spellings_of_unicode_is_one_annotator() -> None:
    first = taken(said("1", "a", "Jos\u00e9")).labels

    assert taken(said("1", "a", "Jose\u0301"), log=first).again == 1
