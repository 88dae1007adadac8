"""Which labels stand, what they come to, and who is never counted as somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.labels.agreement import LabelAgreement, Scale, agreement
from passmuster.corpus.labels.assign import assign
from passmuster.corpus.labels.prompt import label_prompt, read_label
from passmuster.corpus.labels.settle import Settlement, SettleRule, settle, settled_case
from passmuster.corpus.labels.standing import MACHINE_TAG, known_labels, label_key, standing, unlabelled
from passmuster.errors import UsageError
from passmuster.records.case import Case, case_digest
from passmuster.records.label import Annotator, Label
from passmuster.records.record import Json
from passmuster.runner.prompt import render

CASE = Case(id="1", input="Where is my parcel?")


def said(value: Json, who: str, kind: Annotator = "human", case: Case = CASE) -> Label:
    return Label(case=case.id, value=value, annotator=who, kind=kind, input=case_digest(case))


def came(*labels: Label, case: Case = CASE, rule: SettleRule | None = None) -> Settlement:
    return settle([case], standing(labels, [case]), rule or SettleRule())


class TestStanding:
    def test_the_later_label_of_an_annotator_takes_the_place_of_the_earlier(self) -> None:
        found = standing([said("a", "ana"), said("b", "ana")], [CASE])

        assert [label.value for label in found.of("1", "human")] == ["b"]
        assert found.replaced == 1

    def test_a_label_of_an_input_that_has_changed_does_not_stand(self) -> None:
        old = said("a", "ana", case=Case(id="1", input="Where was my parcel?"))
        found = standing([old], [CASE])

        assert found.of("1", "human") == []
        assert found.stale == 1

    def test_a_label_of_a_case_that_is_not_open_is_counted_and_left_out(self) -> None:
        assert standing([said("a", "ana", case=Case(id="9", input="x"))], [CASE]).unknown == 1

    def test_a_person_and_a_machine_of_one_name_are_two(self) -> None:
        found = standing([said("a", "alex"), said("b", "alex", "machine")], [CASE])

        assert [label.value for label in found.of("1", "human")] == ["a"]
        assert [label.value for label in found.of("1", "machine")] == ["b"]

    def test_a_case_that_only_a_machine_has_labelled_waits_for_people(self) -> None:
        assert unlabelled([CASE], standing([said("a", "gpt", "machine")], [CASE])) == [CASE]

    def test_folding_leaves_out_upper_case_and_blanks_only(self) -> None:
        assert label_key("Late  fee", fold=True) == label_key("late fee", fold=True)
        assert label_key("late-fee", fold=True) != label_key("late fee", fold=True)

    def test_references_that_are_objects_are_no_labels(self) -> None:
        assert known_labels([Case(id="1", input="", reference={"a": 1})]) == ()


class TestSettling:
    def test_what_more_than_half_say_becomes_the_reference(self) -> None:
        (change,) = came(said("a", "ana"), said("a", "ben"), said("b", "cleo")).changed

        assert (change.value, change.how, change.by) == ("a", "majority", ("ana", "ben"))

    def test_a_tie_is_for_a_person_to_decide(self) -> None:
        (dispute,) = came(said("a", "ana"), said("b", "ben")).disputes

        assert dispute.people == {"a": ("ana",), "b": ("ben",)}

    def test_one_who_could_not_tell_counts_against(self) -> None:
        assert came(said("a", "ana"), said(None, "ben")).disputes[0].could_not_tell == ("ben",)

    def test_machines_never_break_a_tie_of_people(self) -> None:
        machines = [said("a", f"gpt-{number}", "machine") for number in range(9)]
        rule = SettleRule(machines=tuple(label.annotator for label in machines))

        assert came(said("a", "ana"), said("b", "ben"), *machines, rule=rule).disputes

    def test_a_machine_alone_makes_no_reference_unless_it_is_accepted(self) -> None:
        found = came(said("a", "gpt", "machine"))

        assert found.changed == ()
        assert found.machine_only == ("1",)

    def test_an_accepted_machine_marks_the_case_and_a_person_takes_the_mark_off(self) -> None:
        machine = said("a", "gpt", "machine")
        (change,) = came(machine, rule=SettleRule(machines=("gpt",))).changed
        marked = settled_case(CASE, change)
        (looked,) = came(machine, said("a", "ana"), case=marked).changed

        assert marked.tags == (MACHINE_TAG,)
        assert settled_case(marked, looked).tags == ()

    def test_accepted_machines_that_contradict_each_other_make_no_reference(self) -> None:
        rule = SettleRule(machines=("gpt", "claude"))

        assert came(said("a", "gpt", "machine"), said("b", "claude", "machine"), rule=rule).changed == ()

    def test_one_person_alone_does_not_overrule_a_reference_and_two_do(self) -> None:
        case = Case(id="1", input="x", reference="gold")
        one, two = (said("a", who, case=case) for who in ("ana", "ben"))

        assert came(one, case=case).disputes[0].why == "one person against the reference"
        assert came(one, two, case=case).changed[0].was == "gold"

    def test_a_reference_that_one_person_made_is_changed_when_that_person_changes_it(self) -> None:
        (made,) = came(said("a", "ana")).changed
        case = settled_case(CASE, made)
        record = Label(
            case="1", value="a", annotator="single of ana", kind="human", stage="settled", by=("ana",)
        )

        assert came(said("a", "ana"), record, said("b", "ana"), case=case).changed[0].value == "b"

    def test_the_word_of_an_adjudicator_ends_a_dispute(self) -> None:
        word = Label(case="1", value="c", annotator="cleo", kind="human", stage="adjudicated")
        (change,) = came(said("a", "ana"), said("b", "ben"), word).changed

        assert (change.value, change.how, change.by) == ("c", "adjudicated", ("cleo",))

    def test_too_few_people_are_no_majority(self) -> None:
        assert came(said("a", "ana"), rule=SettleRule(least=2)).disputes[0].why == "too few people"

    def test_one_of_several_right_answers_is_left_as_it_is(self) -> None:
        case = Case(id="1", input="x", reference=["a", "b"])

        assert came(said("b", "ana", case=case), case=case).confirmed

    @given(
        st.lists(st.sampled_from(["a", "b", None]), max_size=6), st.lists(st.sampled_from("ab"), max_size=4)
    )
    def test_without_an_accepted_machine_nothing_depends_on_machines(
        self, people: list[str | None], machines: list[str]
    ) -> None:
        human = [said(value, f"p{number}") for number, value in enumerate(people)]
        other = [said(value, f"m{number}", "machine") for number, value in enumerate(machines)]
        alone, mixed = came(*human), came(*human, *other)

        assert alone.changed == mixed.changed
        assert [each.people for each in alone.disputes] == [each.people for each in mixed.disputes]


class TestAssigning:
    @given(
        st.integers(0, 40), st.integers(1, 5), st.integers(1, 5), st.floats(0, 1), st.integers(0, 2**32 - 1)
    )
    def test_every_case_is_seen_by_as_many_as_were_asked_for(
        self, cases: int, people: int, each: int, overlap: float, seed: int
    ) -> None:
        names = [f"p{number}" for number in range(people)]
        each = min(each, people)
        sheets = assign([str(case) for case in range(cases)], names, seed, each=each, overlap=overlap)
        seen = [sum(str(case) in own for own in sheets.values()) for case in range(cases)]

        assert all(count in {each, people} for count in seen)
        assert sum(count == people for count in seen) >= (min(cases, 1) if overlap > 0 else 0)
        assert max(map(len, sheets.values())) - min(map(len, sheets.values())) <= 1
        assert all(len(own) == len(set(own)) for own in sheets.values())

    def test_annotators_get_the_shared_cases_in_orders_of_their_own(self) -> None:
        sheets = assign([str(case) for case in range(50)], ["ana", "ben"], 1, each=2)

        assert sheets["ana"] != sheets["ben"]
        assert sorted(sheets["ana"]) == sorted(sheets["ben"])

    def test_more_annotators_a_case_than_there_are_is_refused(self) -> None:
        with pytest.raises(UsageError, match="3 annotators a case"):
            assign(["1"], ["ana"], 0, each=3)


class TestAsking:
    @given(
        st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12), min_size=1)
    )
    def test_labels_are_data_in_the_prompt_whatever_they_look_like(self, labels: list[str]) -> None:
        content = render(label_prompt(labels), Case(id="1", input="{{ 7 * 7 }}")).messages[-1].content

        assert isinstance(content, str)
        assert "{{ 7 * 7 }}" in content
        assert all(f"- {label}" in content for label in labels)

    @pytest.mark.parametrize("label", ["{{ 7 * 7 }}", "{% raw %}", "a\"b'c", "{# x #}", "\\n"])
    def test_a_label_that_is_a_template_is_said_word_for_word(self, label: str) -> None:
        content = render(label_prompt([label]), CASE).messages[-1].content

        assert f"- {label}\n" in str(content)

    def test_fields_and_conversations_are_asked_about_too(self) -> None:
        fields = render(label_prompt(["a"]), Case(id="1", input={"input": "one", "body": "two"}))

        assert "input: one\nbody: two" in str(fields.messages[-1].content)

    @pytest.mark.parametrize(
        ("answer", "label"),
        [
            ("refund", "refund"),
            (" Refund. ", "refund"),
            ("**other**", "other"),
            ("It is about money.\nLabel: refund", "refund"),
            ("refund or other", None),
            ("unsure", None),
            ("", None),
        ],
    )
    def test_an_answer_is_read_strictly(self, answer: str, label: str | None) -> None:
        assert read_label(answer, ["refund", "other"]) == label

    def test_labels_that_differ_in_upper_case_are_told_apart_and_never_guessed(self) -> None:
        assert read_label("US", ["US", "us"]) == "US"
        assert read_label("Us", ["US", "us"]) is None


class TestAgreement:
    cases = tuple(Case(id=str(number), input=str(number), reference="a") for number in range(30))

    def found(self, *labels: Label, scale: Scale | None = None) -> LabelAgreement:
        return agreement(self.cases, standing(labels, self.cases), scale)

    def by(self, who: str, values: str, kind: Annotator = "human") -> list[Label]:
        return [said(value, who, kind, case) for case, value in zip(self.cases, values, strict=False)]

    def test_a_machine_is_in_no_figure_of_people(self) -> None:
        people = [*self.by("ana", "aabb" * 5), *self.by("ben", "abab" * 5)]
        machine = self.by("gpt", "b" * 20, "machine")

        assert self.found(*people, *machine).people == self.found(*people).people
        assert [pair.first for pair in self.found(*people, *machine).machines] == ["gpt"]

    def test_one_person_and_a_machine_are_no_agreement_of_people(self) -> None:
        found = self.found(*self.by("ana", "ab"), *self.by("gpt", "ab", "machine"))

        assert found.people == {}
        assert "fewer than two people" in found.notes[0]

    def test_three_people_have_fleiss_and_each_pair_of_them_cohen(self) -> None:
        found = self.found(*self.by("ana", "aab"), *self.by("ben", "abb"), *self.by("cleo", "aab"))

        assert set(found.people) == {"raw", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha"}
        assert [(pair.first, pair.second) for pair in found.pairs] == [
            ("ana", "ben"),
            ("ana", "cleo"),
            ("ben", "cleo"),
        ]

    def test_an_answer_that_was_in_sight_is_told(self) -> None:
        shown = [
            Label(case="0", value="a", annotator="ana", kind="human", saw="gpt"),
            *self.by("ben", "ab"),
        ]

        assert any("in sight" in note for note in self.found(*shown).notes)

    def test_labels_that_look_alike_are_told(self) -> None:
        found = self.found(*self.by("ana", "aA"), *self.by("ben", "aa"))

        assert any("upper case" in note for note in found.notes)
        folded = self.found(*self.by("ana", "aA"), *self.by("ben", "aa"), scale=Scale(fold=True))
        assert folded.people["raw"].value == 1

    def test_an_order_that_lacks_a_label_is_refused(self) -> None:
        labels = [*self.by("ana", "ab"), *self.by("ben", "ac")]
        with pytest.raises(UsageError, match="'c'"):
            self.found(*labels, scale=Scale(level="ordinal", order=("a", "b")))

    def test_words_are_no_interval(self) -> None:
        with pytest.raises(UsageError, match="no number"):
            self.found(*self.by("ana", "ab"), *self.by("ben", "ab"), scale=Scale(level="interval"))

    def test_numbers_on_sheets_are_a_scale(self) -> None:
        near = [*self.by("ana", "1357"), *self.by("ben", "2468")]
        far = [*self.by("ana", "1357"), *self.by("ben", "8642")]
        scale = Scale(level="interval")
        one, other = (
            self.found(*labels, scale=scale).people["krippendorff_alpha"].value for labels in (near, far)
        )

        assert one is not None
        assert other is not None
        assert one > 0.8 > other


TEN = [Case(id=str(number), input=str(number), reference="a" if number < 5 else "b") for number in range(10)]


class TestWhatIsNoVoiceOfPeople:
    def given(self, *labels: tuple[int, Json, str, Annotator]) -> LabelAgreement:
        found = [
            Label(case=str(number), value=value, annotator=who, kind=kind)
            for number, value, who, kind in labels
        ]
        return agreement(TEN, standing(found, TEN))

    def test_a_label_that_only_a_machine_gives_changes_no_figure_of_people(self) -> None:
        people: list[tuple[int, Json, str, Annotator]] = [
            (number, "a" if number < least else "b", who, "human")
            for who, least in (("ana", 6), ("ben", 5))
            for number in range(10)
        ]
        alone = self.given(*people).people
        beside = self.given(*people, (1, "aa", "gpt", "machine"), (2, "zz", "gpt", "machine")).people
        assert {name: each.value for name, each in beside.items()} == {
            name: each.value for name, each in alone.items()
        }

    def test_a_reference_that_no_annotator_gives_is_a_disagreement_and_not_missing(self) -> None:
        (ana,) = self.given(*((number, "a", "ana", "human") for number in range(10))).annotators
        assert (ana.with_references.value, ana.with_references.n) == (0.5, 10)

    def test_one_of_several_right_answers_agrees_with_the_reference(self) -> None:
        cases = [Case(id="1", input="x", reference=["a", "b"]), Case(id="2", input="y", reference=["a", "b"])]
        labels = [
            Label(case="1", value="b", annotator="ana", kind="human"),
            Label(case="2", value="c", annotator="ana", kind="human"),
        ]
        (ana,) = agreement(cases, standing(labels, cases)).annotators
        assert (ana.with_references.value, ana.with_references.n) == (0.5, 2)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("-1", "-1"),
        ("1", "1"),
        ("A-", "A-"),
        ('"A-"', "A-"),
        ("**-1**", "-1"),
        ("- A", "A"),
        ("- A-", "A-"),
        ("* A-", "A-"),
        ("A.", "A"),
        ("`a-`.", "A-"),
        ("It is bad.\nAnswer: -1", "-1"),
        ("Answer: A-.", None),
    ],
)
def test_a_sign_that_is_part_of_a_label_is_not_taken_for_a_bullet(answer: str, label: str | None) -> None:
    assert read_label(answer, ["-1", "0", "1", "A", "A-", "A+"]) == label


def test_a_last_word_that_is_none_takes_no_reference_away() -> None:
    case = Case(id="1", input="x", reference="a")
    labels = [said("b", "ana", case=case), said("c", "ben", case=case)]
    open_ = Label(case="1", value=None, annotator="cleo", kind="human", stage="adjudicated")
    for own in (case, Case(id="1", input="x")):
        found = came(*labels, open_, case=own)
        assert found.changed == ()
        assert [each.why for each in found.disputes] == ["nobody could tell"]
        assert found.disputes[0].could_not_tell == ("cleo",)
