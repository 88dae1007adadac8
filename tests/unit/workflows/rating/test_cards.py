from collections.abc import Mapping

import pytest

from passmuster.metrics.judges.rubric import Criterion, Rubric
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.rating import SET_RIGHT, Choice, Drawn, Rating
from passmuster.workflows.form.state import Entry
from passmuster.workflows.rating.cards import CHOICE, SOURCE, card_of, said_of
from passmuster.workflows.rating.waiting import Shown, Waiting

TONE = Criterion(name="tone", question="Is it polite?", weight=3.0, anchors={"1": "rude", "5": "kind"})
SAFE = Criterion(name="safe", question="Is it safe?")
GRADED = Rubric(criteria=(TONE, SAFE), instruction="A longer reply is no better one.")
PASS_FAIL = Rubric(criteria=(SAFE,), low=0, high=1)
ONE = Drawn(case="7", input="digest", candidate="hidden-one", reply="r1")
PAIR = Drawn(
    case="7", input="digest", candidate="hidden-one", reply="r1", second="r2", second_by="hidden-other"
)


def shown(item: Drawn = ONE, rubric: Rubric = GRADED, case: Case | None = None) -> Shown:
    texts = ("Hello!",) if item.second is None else ("Hello!", "Go away.")
    case = case or Case(id="7", input="Hi?", reference="the answer")
    return Shown(
        what=Waiting(draw="d", metric="m", purpose="fresh", item=item, case=case, texts=texts, rubric=rubric)
    )


def entry(answers: Mapping[str, str] | None, *, again: bool = False) -> Entry:
    return Entry(place=0, answers=answers, note="so so", seconds=12.34, again=again)


def test_a_reply_is_asked_about_by_each_criterion_with_its_anchors_beside_the_keys() -> None:
    tone, safe = card_of(shown()).asks
    assert [(option.key, option.meaning) for option in tone.options] == [
        ("1", "rude"),
        ("2", ""),
        ("3", ""),
        ("4", ""),
        ("5", "kind"),
    ]
    assert (tone.text, safe.text) == ("tone: Is it polite?", "safe: Is it safe? (1 to 5)")


def test_pass_and_fail_are_said_as_yes_and_no() -> None:
    (ask,) = card_of(shown(rubric=PASS_FAIL)).asks
    assert [(option.key, option.meaning) for option in ask.options] == [("0", "no"), ("1", "yes")]


@pytest.mark.parametrize("high", [10, 100])
def test_a_scale_beyond_one_digit_is_typed_with_its_anchors_in_the_question(high: int) -> None:
    rubric = Rubric(criteria=(TONE,), low=0, high=high)
    (ask,) = card_of(shown(rubric=rubric)).asks
    assert (ask.typed, ask.low, ask.high, ask.options) == (True, 0, high, ())
    assert ask.text == f"tone: Is it polite? (0 to {high})\n1: rude\n5: kind"


def test_of_a_pair_one_question_is_asked_by_all_criteria() -> None:
    card = card_of(shown(PAIR))
    assert [(option.key, option.value) for option in card.asks[0].options] == [
        ("a", "first"),
        ("b", "second"),
        ("t", "tie"),
    ]
    assert card.asks[0].text.startswith("A longer reply is no better one.\ntone: Is it polite?")
    assert [(passage.title, passage.text) for passage in card.passages[-2:]] == [
        ("Reply A", "Hello!"),
        ("Reply B", "Go away."),
    ]


def test_documents_and_requirements_are_shown_and_nobody_says_whose_a_reply_is() -> None:
    talk = Conversation(
        messages=(Message(role="user", content="Who?"),),
        context=(Document(text="It was Ada."),),
        system="Be brief.",
    )
    card = card_of(shown(PAIR, case=Case(id="7", input=talk, rubric="Name one person.")))
    texts = "\n".join(f"{passage.title}\n{passage.text}" for passage in card.passages)
    assert all(part in texts for part in ("It was Ada.", "Be brief.", "Who?", "Name one person."))
    assert "hidden" not in repr(card)


def test_the_reference_is_shown_only_where_the_rubric_judges_by_it() -> None:
    guided = Rubric(criteria=(SAFE,), reference=True)
    assert "the answer" not in repr(card_of(shown()))
    assert "the answer" in repr(card_of(shown(rubric=guided)))


def test_answers_become_a_rating_in_the_unit_of_the_rubric() -> None:
    assert said_of(shown(), entry({"tone": "5", "safe": "1"}), "ana", 99.0) == Rating(
        case="7",
        reply="r1",
        metric="m",
        value=4.0,
        rater="ana",
        kind="human",
        input="digest",
        candidate="hidden-one",
        parts={"tone": 5.0, "safe": 1.0},
        time=99.0,
        source=SOURCE,
        note="so so",
        draw="d",
        seconds=12.3,
    )


def test_a_choice_names_the_replies_in_the_order_in_which_they_were_shown() -> None:
    turned = Shown(what=shown(PAIR).what.turned)
    found = said_of(turned, entry({CHOICE: "first"}), "ana", 99.0)
    assert isinstance(found, Choice)
    assert (found.first, found.second, found.chosen) == ("r2", "r1", "first")
    assert (found.first_by, found.second_by) == ("hidden-other", "hidden-one")
    assert card_of(turned).passages[-2].text == "Go away."


def test_who_cannot_tell_says_nothing_of_either_kind() -> None:
    rating, choice = (said_of(shown(item), entry(None), "ana", 1.0) for item in (ONE, PAIR))
    assert isinstance(rating, Rating)
    assert (rating.value, rating.parts) == (None, {})
    assert isinstance(choice, Choice)
    assert choice.chosen is None


def test_what_is_set_right_is_told_from_a_second_look() -> None:
    assert said_of(shown(), entry({"tone": "5", "safe": "1"}, again=True), "ana", 1.0).source == SET_RIGHT
