"""Every transform, on every form of input: what holds whatever the input and the seed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.corpus.stress.main_text import main_text
from passmuster.corpus.stress.table import TRANSFORMS, chosen_transforms, material_of, stress, stressed
from passmuster.errors import UsageError
from passmuster.records.case import Case, Conversation, Document, Image, Input, Message, Text, case_digest
from passmuster.records.text import input_text

LIMIT = 600
TEXTS = [
    "my new card has not arrived although it was sent two weeks ago",
    "please tell me which exchange rate you use for payments in Poland",
    "i was charged twice for the same hotel booking last Monday evening",
    "how can i change the pin of my second card while i am abroad",
]
CONVERSATION = Conversation(
    system="You help.",
    messages=(
        Message(role="user", content="hello, i need help with my account today"),
        Message(role="assistant", content="What is it?"),
        Message(
            role="user",
            content=(Text(text=TEXTS[0]), Image(url="https://example.com/a.png"), Text(text="thanks")),
        ),
    ),
    context=(Document(text="Cards arrive within ten days.", title="Cards"), Document(text="Fees.", id="f")),
)
FORMS: dict[str, Input] = {
    "text": TEXTS[0],
    "fields": {"subject": "card", "body": TEXTS[0], "count": 3},
    "conversation": CONVERSATION,
}
OTHERS = [Case(id=f"o{place}", input=text, reference=str(place)) for place, text in enumerate(TEXTS[1:])]


def parent(value: Input) -> Case:
    return Case(
        id="7",
        input=value,
        reference="arrival",
        stratum="cards",
        group="u1",
        tags=("vip",),
        time=1.0,
        weight=3.0,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_made_case_says_where_it_comes_from_and_is_not_its_parent(name: str, form: str) -> None:
    case = parent(FORMS[form])
    material = material_of([case, *OTHERS], LIMIT)

    found = stressed(case, TRANSFORMS[name], material, seed=3)

    made = found.case
    assert made is not None
    assert found.change
    assert (made.parent, made.transform, made.expect) == ("7", name, TRANSFORMS[name].expect)
    assert (made.origin, made.generator, made.category) == ("synthetic", "passmuster stress", "adversarial")
    assert (made.stratum, made.group, made.tags, made.weight) == ("cards", "u1", ("vip",), None)
    assert made.reference == ("arrival" if made.expect == "answer" else None)
    assert case_digest(made) != case_digest(case)
    assert type(made.input) is type(case.input)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_makes_the_same_and_another_one_others(form: str) -> None:
    case = parent(FORMS[form])
    material = material_of([case, *OTHERS], LIMIT)
    transforms = chosen_transforms()

    once, again, other = (list(stress([case], transforms, material, seed)) for seed in (1, 1, 2))

    assert once == again
    inputs = [[made.case.input for made in run if made.case] for run in (once, other)]
    assert sum(one != two for one, two in zip(*inputs, strict=True)) >= 10


@pytest.mark.parametrize("form", FORMS)
def test_what_is_made_can_be_written_and_read_back(form: str, tmp_path: Path) -> None:
    case = parent(FORMS[form])
    made = [
        each.case
        for each in stress([case], chosen_transforms(), material_of([case, *OTHERS], LIMIT), 5)
        if each.case
    ]
    write_cases(tmp_path / "made.jsonl", made)

    assert list(read_cases(tmp_path / "made.jsonl")) == made


@pytest.mark.parametrize("level", [50, 90, 99, 110])
@pytest.mark.parametrize("form", FORMS)
def test_a_context_is_filled_to_its_share_with_the_teams_own_inputs(form: str, level: int) -> None:
    case = parent(FORMS[form])
    material = material_of([case, *OTHERS], 1_000, per_token=4.0)
    own = main_text(case.input)
    starts = []
    for place in ("early", "middle", "late"):
        made = stressed(case, TRANSFORMS[f"limit_{level}_{place}"], material, 1).case
        assert made is not None
        whole = main_text(made.input)
        length = len(input_text(made.input, instructions=True))
        assert abs(length / 4_000 - level / 100) < 0.01
        assert own in whole
        starts.append(whole.index(own) / len(whole))
        filler = whole.replace(own, "").replace("=== INPUT ===", "").replace("=== END OF INPUT ===", "")
        known = " ".join(TEXTS[1:]).split()
        assert sum(word in known for word in filler.split()) >= 0.9 * len(filler.split())
    assert starts[0] < 0.1 < starts[1] < 0.9
    assert starts[0] < starts[1] < starts[2]


def test_without_a_limit_without_others_and_without_room_no_context_is_filled() -> None:
    case = parent(TEXTS[0])
    transform = TRANSFORMS["limit_50_late"]

    assert stressed(case, transform, material_of([case, *OTHERS]), 1).case is None
    assert stressed(case, transform, material_of([case], 1_000), 1).case is None
    assert stressed(case, transform, material_of([case, *OTHERS], 20), 1).case is None


def test_a_doubled_field_takes_the_value_of_a_case_with_another_reference() -> None:
    case = parent({"body": TEXTS[0]})
    same = Case(id="s", input={"body": "the same thing in other words"}, reference="arrival")
    other = Case(id="o", input={"body": TEXTS[2]}, reference="fees")

    for seed in range(10):
        made = stressed(case, TRANSFORMS["field_doubled"], material_of([case, same, other]), seed).case
        assert made is not None
        assert isinstance(made.input, dict)
        assert sorted(made.input["body"]) == sorted([TEXTS[0], TEXTS[2]])


def test_the_words_that_are_removed_are_those_that_fewest_inputs_have() -> None:
    cases = [Case(id=str(n), input=f"please help me with my card number {n}") for n in range(20)]
    case = Case(id="x", input="please help me with my card in Bratislava")

    made = stressed(case, TRANSFORMS["field_removed"], material_of([*cases, case]), 1).case

    assert made is not None
    assert "Bratislava" not in str(made.input)
    assert "please help me" in str(made.input)


def test_demands_contradict_in_the_language_of_the_input() -> None:
    case = Case(id="1", input="Ich habe meine Karte verloren und brauche bitte eine neue, wie geht das?")

    change = stressed(case, TRANSFORMS["conflicting_requirements"], material_of([case]), 1).change

    assert "Gib" in change or "Antworte" in change


@pytest.mark.parametrize("text", ["", "   ", "?", "7", "\U0001f600", "我的卡丢了怎么办", "a"])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_odd_inputs_are_changed_or_passed_over(text: str, name: str) -> None:
    case = Case(id="1", input=text)

    made = stressed(case, TRANSFORMS[name], material_of([case, *OTHERS], LIMIT), 1)

    assert made.case is None or case_digest(made.case) != case_digest(case)


@given(
    st.one_of(
        st.text(max_size=80),
        st.dictionaries(
            st.text(min_size=1, max_size=5), st.one_of(st.text(max_size=30), st.integers()), min_size=1
        ),
    ),
    st.integers(0, 10),
)
def test_no_input_breaks_a_transform(value: Input, seed: int) -> None:
    case = Case(id="1", input=value)

    for made in stress([case], chosen_transforms(), material_of([case, *OTHERS], LIMIT), seed):
        assert made.case is None or type(made.case.input) is type(value)


def test_an_unknown_transform_is_refused() -> None:
    with pytest.raises(UsageError, match="no transform 'cut'"):
        chosen_transforms(["cut"])


@pytest.mark.data
def test_every_transform_applies_to_every_complaint(data_folder: Path) -> None:
    lines = (data_folder / "replay_complaints" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    rows = map(json.loads, lines)
    cases = [
        Case(id=str(row["id"]), input=row.get("input") or row["prompt"], reference=row["gold"])
        for row in rows
    ]
    own = {case.id: case_digest(case) for case in cases}
    count = 0

    for made in stress(cases, chosen_transforms(), material_of(cases, 2_048), seed=1):
        assert made.case is not None, made
        assert made.change
        assert case_digest(made.case) != own[made.parent]
        count += 1

    assert count == 24_000


def test_a_case_that_a_transform_would_leave_as_it_is_is_passed_over() -> None:
    case = Case(id="1", input={"body": ""})
    found = [stressed(case, TRANSFORMS["empty"], material_of([case]), seed) for seed in range(20)]

    assert {each.change for each in found if each.case is None} == {"would leave it as it is"}
    assert all(case_digest(each.case) != case_digest(case) for each in found if each.case)
