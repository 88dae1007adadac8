"""What is kept of replies in memory is bounded, whatever a reply holds."""

import pytest

from passmuster.records.case import Message
from passmuster.records.trial import Reply, Trial, TrialKey
from passmuster.workflows.evidence import Ended, Kept

LONG = "a" * 5000


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text=LONG),
        Reply(text="", steps=(Message(role="tool", content=LONG),)),
        Reply(text="", state={"page": LONG}),
    ],
    ids=["text", "steps", "state"],
)
def test_all_that_a_reply_holds_counts(reply: Reply) -> None:
    trial = Trial(key=TrialKey("c", "d", 0), case_id="1", outcome=reply, attempts=())
    small, large = Kept(3000), Kept(100_000)
    for kept in (small, large):
        kept.keep(trial)

    assert large.find([trial.key], lambda _: []) == {trial.key: Ended(reply, None)}
    assert small.find([trial.key], lambda _: []) == {}
