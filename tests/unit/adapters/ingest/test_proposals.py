"""The file of proposals: what is written comes back, and what is wrong is told with its line."""

from pathlib import Path

import pytest

from passmuster.adapters.ingest.proposals import read_proposals, write_proposals
from passmuster.errors import CorpusError
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.proposal import Proposal, Reason

REASONS = (
    Reason(kind="length", words="4 characters", value=3.7),
    Reason(kind="script", words="in Han letters"),
)
PROPOSALS = [
    Proposal(case=Case(id="1", input="我的卡", category="edge"), reasons=REASONS, source="mine"),
    Proposal(
        case=Case(
            id="2", input=Conversation(messages=(Message(role="user", content="hi"),)), expect="answer"
        ),
        reasons=(),
        source="stress",
        status="dropped",
        split="train",
        by="jo",
        time=1.5,
    ),
    Proposal(case=Case(id="3", input={"a": 1, "b": None}, tags=("x",)), reasons=REASONS, source="mine"),
]


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "proposals.jsonl"
    write_proposals(path, PROPOSALS)

    assert read_proposals(path) == PROPOSALS
    assert read_proposals(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "proposals.jsonl:2: no proposal"),
        ('{"case": {"id": "9", "input": "x"}, "reasons": [], "source": "me"}', "no proposal: source"),
        (
            '{"case": {"id": "9"}, "reasons": [], "source": "mine"}',
            "proposals.jsonl:2: case.input is missing",
        ),
        ('{"case": {"id": "9", "input": 4}, "reasons": [], "source": "mine"}', "case.input: expected text"),
        ('{"case": {"id": "1", "input": "x"}, "reasons": [], "source": "mine"}', "'1' is proposed twice"),
        (
            '{"case": {"id": "9", "input": "x"}, "reasons": [], "source": "mine", "more": 1}',
            "no proposal: more",
        ),
    ],
)
def test_a_line_that_is_wrong_is_told(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "proposals.jsonl"
    write_proposals(path, PROPOSALS[:1])
    path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")

    with pytest.raises(CorpusError) as error:
        read_proposals(path)

    assert message in str(error.value)
