"""What holds of endings on any text."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passmuster.metrics.endings.ending import ending_of
from passmuster.metrics.endings.graceful_failure import GracefulFailure
from passmuster.metrics.endings.outcome import turn_of
from passmuster.metrics.endings.reading import HEAD, SAID
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = st.sampled_from(
    [
        "I can't ",
        "help",
        " however ",
        "Please provide ",
        "sorry",
        "```",
        "{",
        '"',
        "\ud800",
        "\u202e",
        "1. ",
        "\n",
        "NaN",
    ]
)
TEXTS = st.text(st.characters(exclude_categories=())) | st.lists(PIECES, max_size=40).map("".join)
REASONS = st.none() | st.sampled_from(["stop", "length", "content_filter", "?"])
TYPES = st.sampled_from(["refusal", "escalation", "clarification"])


@law
@given(TEXTS, REASONS, st.booleans() | st.none(), st.booleans())
def test_every_reply_turns_out_somehow(
    text: str,
    reason: str | None,
    right: bool | None,  # noqa: FBT001 - hypothesis draws it
    readable: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    reply = Reply(text=text, finish_reason=reason)
    ending = ending_of(reply)
    assert len(ending.said) <= SAID
    turn = turn_of(Case(id="1", input=""), reply, right=right, readable=readable)
    assert turn != "failed"
    assert turn == "correct" or right is not True or turn in {ending.kind, "malformed"}


@law
@given(TEXTS, TYPES)
def test_where_no_answer_is_expected_the_metric_and_the_turn_say_the_same(text: str, expect: str) -> None:
    case = Case(id="1", input="", expect=expect)  # type: ignore[arg-type]
    score = GracefulFailure().score(case, Reply(text=text))
    assert isinstance(score, Score)
    assert (score.value == 1) == (turn_of(case, Reply(text=text), right=None) == "correct")


def test_a_megabyte_of_anything_is_read_at_its_ends_only() -> None:
    for piece in ("I can't ", "a", "please ", "( ", "{", "[", "```", "\ud800", "1. \n", "however "):
        text = piece * (1_000_000 // len(piece))
        assert ending_of(Reply(text=text)).kind
        assert len(text) > 100 * HEAD
