"""OpenAI's files: batches, evals and fine-tuning examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.reading import (
    case,
    changed,
    conversation,
    left_out,
    record,
    refusal,
    whole,
)
from tests.unit.adapters.ingest.formats.samples import ASKED, COMPLETION

from passmuster.adapters.ingest.formats.openai_batch import OPENAI_BATCH
from passmuster.adapters.ingest.formats.openai_evals import OPENAI_EVALS
from passmuster.adapters.ingest.formats.openai_tuning import OPENAI_FINE_TUNE
from passmuster.adapters.ingest.formats.table import recognised_folder
from passmuster.records.case import Case, Conversation, Message

BRIEF = Conversation(messages=(Message(role="user", content="Hi"),), system="Be brief.")
BATCH: dict[str, Any] = {
    "custom_id": "r1",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "m", "messages": ASKED},
}
BATCH_OUTPUT: dict[str, Any] = {
    "id": "batch_req_1",
    "custom_id": "r1",
    "response": {"status_code": 200, "request_id": "q", "body": COMPLETION},
    "error": None,
}
ANSWER = {"role": "assistant", "content": "Hello."}


class TestBatches:
    def test_a_request_alone(self) -> None:
        found = record(OPENAI_BATCH, BATCH)

        assert (found.id, found.input, found.output, found.model) == ("r1", BRIEF, None, "m")

    def test_a_request_to_the_responses_endpoint(self) -> None:
        body = {"model": "m", "instructions": "Be brief.", "input": "Hi"}

        assert record(OPENAI_BATCH, changed(BATCH, url="/v1/responses", body=body)).input == BRIEF

    def test_what_came_back_alone_is_refused(self) -> None:
        assert "give the folder" in refusal(OPENAI_BATCH, BATCH_OUTPUT)

    def test_embeddings_are_left_out_and_said(self) -> None:
        asked = changed(BATCH, url="/v1/embeddings", body={"model": "e", "input": "Hi"})

        assert left_out(OPENAI_BATCH, asked) == ["requests to /v1/embeddings"]

    def test_a_folder_joins_both_files(self, tmp_path: Path) -> None:
        second = {**BATCH, "custom_id": "r2"}
        failed = {**BATCH_OUTPUT, "custom_id": "r2", "response": None, "error": {"message": "expired"}}
        (tmp_path / "a_output.jsonl").write_text("\n".join(map(json.dumps, (failed, BATCH_OUTPUT))))
        (tmp_path / "input.jsonl").write_text("\n".join(map(json.dumps, (BATCH, second))))
        guess = recognised_folder(tmp_path)
        assert guess is not None
        rows = whole(tmp_path, guess.format)

        found = [record(OPENAI_BATCH, each.value) for each in rows]

        assert [(each.id, each.output, each.error) for each in found] == [
            ("r1", "Hello.", None),
            ("r2", None, "expired"),
        ]


class TestEvals:
    def test_messages_and_a_right_answer(self) -> None:
        found = case(OPENAI_EVALS, {"input": ASKED, "ideal": ["Hello."]})

        assert (found.input, found.reference, found.origin) == (BRIEF, "Hello.", "expert")

    def test_several_right_answers_stay_several(self) -> None:
        assert case(OPENAI_EVALS, {"input": "Hi", "ideal": ["a", "b"]}).reference == ["a", "b"]

    def test_what_has_no_place_is_said(self) -> None:
        assert left_out(OPENAI_EVALS, {"input": "Hi", "ideal": "a", "rubric": "x"}) == [
            "field 'rubric'",
            "the class of the eval",
        ]

    def test_an_item_keeps_its_fields_but_the_right_answer(self) -> None:
        value = {
            "item": {"ticket": "Black", "area": "it", "correct_label": "HW"},
            "sample": {"output_text": "HW"},
        }
        found = case(OPENAI_EVALS, value)

        assert (found.input, found.reference) == ({"ticket": "Black", "area": "it"}, "HW")
        assert left_out(OPENAI_EVALS, value) == ["sample"]

    def test_a_sample_without_a_right_answer_is_refused(self) -> None:
        assert refusal(OPENAI_EVALS, {"input": "Hi", "ideal": []}) == "ideal: the sample has no right answer"


class TestFineTuning:
    def test_the_last_answer_is_the_reference(self) -> None:
        found = case(OPENAI_FINE_TUNE, {"messages": [*ASKED, ANSWER]})

        assert (found.input, found.reference) == (BRIEF, "Hello.")

    def test_calls_of_tools_are_the_reference_too(self) -> None:
        call = {"id": "c1", "type": "function", "function": {"name": "sky", "arguments": '{"town": "Ulm"}'}}
        answer = {"role": "assistant", "tool_calls": [call]}

        assert case(OPENAI_FINE_TUNE, {"messages": [*ASKED, answer]}).reference == {
            "tool_calls": [{"name": "sky", "arguments": {"town": "Ulm"}}]
        }

    def test_preferences(self) -> None:
        value = {
            "input": {"messages": ASKED},
            "preferred_output": [ANSWER],
            "non_preferred_output": [{"role": "assistant", "content": "Go."}],
        }

        assert case(OPENAI_FINE_TUNE, value).reference == "Hello."
        assert left_out(OPENAI_FINE_TUNE, value) == ["non_preferred_output"]

    def test_prompt_and_completion(self) -> None:
        found = case(OPENAI_FINE_TUNE, {"prompt": "Say hello", "completion": " Hello.\n"})

        assert (found.input, found.reference) == ("Say hello", "Hello.")

    def test_the_name_stays_when_the_answer_is_corrected(self) -> None:
        one = case(OPENAI_FINE_TUNE, {"prompt": "Say hello", "completion": "Hello."})
        other = case(OPENAI_FINE_TUNE, {"prompt": "Say hello", "completion": "Hi."})

        assert one.id == other.id

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ({"messages": ASKED}, "has no answer"),
            ({"messages": [ANSWER]}, "no message before the answer"),
            ({"messages": []}, "nothing was asked"),
            ({"prompt": "a", "completion": " "}, "the answer is empty"),
            ({"messages": [*ASKED, "Hello."]}, "messages[2]: expected an object, found text"),
        ],
    )
    def test_what_is_no_example_is_refused(self, value: object, said: str) -> None:
        assert said in refusal(OPENAI_FINE_TUNE, value)

    def test_two_answers_one_conversation(self) -> None:
        found: Case = case(
            OPENAI_FINE_TUNE, {"messages": [*ASKED, ANSWER, ASKED[1], {**ANSWER, "weight": 1}]}
        )

        assert [each.role for each in conversation(found).messages] == ["user", "assistant", "user"]
