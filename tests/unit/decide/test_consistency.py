"""Whether replies keep their form."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from passmuster.decide.consistency import (
    NO_FORM,
    Families,
    Forms,
    families_of,
    over_family,
    over_prompts,
    over_repeats,
)
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate, Prompt, candidate_digest
from passmuster.records.case import Case
from passmuster.records.consistency import ConsistencyReport
from passmuster.records.trial import Failure, Outcome, Reply, Trial, TrialKey

CODES = arrays(np.int32, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.integers(NO_FORM, 3))
JSON, FENCED, PROSE = '{"a": 1}', '```\n{"a": 1}\n```', "It is so."


def naive(rows: Sequence[Sequence[int]]) -> list[float]:
    """Go through the pairs of each row, one by one."""
    found = []
    for row in rows:
        pairs = [(a, b) for a, b in combinations(row, 2) if NO_FORM not in (a, b)]
        found.append(sum(a == b for a, b in pairs) / len(pairs) if pairs else float("nan"))
    return found


@given(CODES)
def test_over_repeats_is_the_share_of_equal_pairs(codes: np.ndarray) -> None:
    np.testing.assert_allclose(over_repeats(codes), naive(codes.tolist()), atol=1e-12)


@given(CODES, st.data())
def test_over_a_family_is_the_share_of_equal_pairs_repeat_by_repeat(
    codes: np.ndarray, data: st.DataObject
) -> None:
    size = st.lists(st.integers(0, 2), min_size=len(codes), max_size=len(codes))
    family = np.array(data.draw(size), dtype=np.int64)
    families = Families(positions=np.arange(len(codes)), family=family)
    expected = []
    for number in range(families.count):
        pairs = [
            (a, b)
            for column in codes[family == number].T.tolist()
            for a, b in combinations(column, 2)
            if NO_FORM not in (a, b)
        ]
        expected.append(sum(a == b for a, b in pairs) / len(pairs) if pairs else float("nan"))
    np.testing.assert_allclose(over_family(codes, families), expected, atol=1e-12)


def test_over_prompts_compares_each_repeat_with_the_same_one_of_the_others() -> None:
    own = np.array([[1, 1], [1, NO_FORM], [NO_FORM, NO_FORM]], dtype=np.int32)
    others = [
        np.array([[1, 2], [1, 1], [1, 1]], dtype=np.int32),
        np.array([[1, 1], [2, 2], [1, 1]], dtype=np.int32),
    ]
    np.testing.assert_allclose(over_prompts(own, others), [0.75, 0.5, np.nan])


def test_only_cases_that_expect_an_answer_are_of_one_family() -> None:
    cases = [
        Case(id="1", input="a"),
        Case(id="2", input="b", parent="1"),
        Case(id="3", input="c", parent="1", expect="clarification"),
        Case(id="4", input="d"),
        Case(id="5", input="e", parent="gone"),
    ]
    found = families_of(cases, cases)
    assert (found.positions.tolist(), found.family.tolist(), found.groups) == ([0, 1, 4], [0, 0, 1], None)


def test_families_of_one_group_are_clustered() -> None:
    cases = [Case(id=f"{n}", input=f"{n}", group="g") for n in range(2)]
    cases += [Case(id=f"{n}p", input=f"{n}p", parent=f"{n}", group="g") for n in range(2)]
    groups = families_of(cases, cases).groups
    assert groups is not None
    assert groups.tolist() == [0, 0]


def model(prompt: str | None = None, name: str = "m") -> Candidate:
    made = None if prompt is None else Prompt(name=prompt, user=prompt)
    return Candidate(name=f"{name} {prompt}", provider="openai", model=name, prompt=made)


def reported(
    candidates: Sequence[Candidate],
    replies: Sequence[Sequence[str | Outcome]],
    cases: Sequence[Case] = (),
    repeats: int = 1,
) -> tuple[ConsistencyReport, ...]:
    """Return the reports where each candidate gave these replies, cell by cell."""
    count = len(replies[0]) // repeats
    forms = Forms(candidates, count, repeats, families_of(cases, cases))
    layout = Layout(cases=count, repeats=repeats, binary={})
    measured: list[Measured] = []
    for candidate, own in zip(candidates, replies, strict=True):
        for cell, text in enumerate(own):
            outcome = Reply(text=text) if isinstance(text, str) else text
            key = TrialKey("0", candidate_digest(candidate), cell)
            forms.enter(cell, Trial(key=key, case_id="1", outcome=outcome, attempts=()))
        measured.append(Sheet(candidate, layout).measured())
    return forms.reports([(range(count), measured)])


def test_nothing_is_said_where_nothing_can_be_compared() -> None:
    assert reported([model(), model(name="n")], [[JSON, PROSE], [JSON, JSON]]) == ()


def test_a_candidate_that_wavers_between_repeats_is_told_from_one_that_does_not() -> None:
    steady, wavering = reported(
        [model(), model(name="n")], [[JSON, JSON, JSON, JSON], [JSON, FENCED, JSON, JSON]], repeats=2
    )
    assert steady.repeats is not None
    assert wavering.repeats is not None
    assert (steady.repeats.value, wavering.repeats.value) == (1.0, 0.5)
    assert steady.repeats.high == 1.0
    assert (steady.repeats.low or 0) < 1.0
    assert wavering.forms == {"JSON {a}": 3, "JSON {a} in a fence": 1}
    assert (wavering.prompts, wavering.paraphrases) == (None, None)


def test_prompt_variants_are_compared_and_other_models_are_not() -> None:
    first, second, other = reported(
        [model("p"), model("q"), model("p", "n")], [[JSON, JSON], [JSON, PROSE], [PROSE, PROSE]]
    )
    assert first.prompts is not None
    assert second.prompts is not None
    assert (first.prompts.value, second.prompts.value, other.prompts) == (0.5, 0.5, None)


def test_paraphrases_are_compared_with_the_case_that_they_were_made_from() -> None:
    cases = [
        Case(id="1", input="a"),
        Case(id="2", input="b", parent="1", transform="paraphrase"),
        Case(id="3", input="c"),
        Case(id="4", input="d", parent="3", transform="paraphrase"),
    ]
    (found,) = reported([model()], [[JSON, JSON, JSON, PROSE]], cases)
    assert found.paraphrases is not None
    assert (found.paraphrases.value, found.paraphrases.n) == (0.5, 2)


def test_a_failed_trial_has_no_form_and_is_in_no_pair() -> None:
    failure = Failure(kind="timeout", message="")
    (found,) = reported([model()], [[JSON, failure, JSON, JSON]], repeats=2)
    assert found.replies == 3
    assert found.repeats is not None
    assert (found.repeats.value, found.repeats.n, found.repeats.n_missing) == (1.0, 1, 1)


def test_forms_beyond_the_first_ones_are_put_together() -> None:
    texts = [f'{{"f{n}": 1}}' for n in range(10)]
    (found,) = reported([model()], [texts], repeats=2)
    assert sum(found.forms.values()) == 10
    assert found.forms["(others)"] == 4


@pytest.mark.parametrize("repeats", [1, 2])
def test_no_form_is_kept_where_none_is_wanted(repeats: int) -> None:
    assert Forms([model()], 4, repeats, families_of((), ())).wanted == (repeats == 2)


def test_a_case_that_may_not_be_sent_counts_nowhere() -> None:
    forms = Forms([model()], 2, 2, families_of((), ()))
    for cell, text in enumerate([JSON, FENCED, JSON, JSON]):
        key = TrialKey("0", candidate_digest(model()), cell)
        forms.enter(cell, Trial(key=key, case_id="1", outcome=Reply(text=text), attempts=()))
    withheld = np.array([True, False])
    measured = Sheet(model(), Layout(cases=2, repeats=2, binary={}), withheld=withheld).measured()
    (found,) = forms.reports([(range(2), [measured])])
    assert found.repeats is not None
    assert (found.repeats.value, found.repeats.n, found.replies) == (1.0, 1, 2)
