"""Tasks go to tools for labelling and labels come back, with who gave them: a machine's never as a person's."""

import ast
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from tests.unit.adapters.ingest.formats.reading import case, changed, left_out, refusal
from tests.unit.adapters.ingest.formats.samples import ARGILLA_RECORD, LABEL_STUDIO_TASK

from passmuster.adapters.ingest.formats.argilla import ARGILLA, ARGILLA_EXCHANGE
from passmuster.adapters.ingest.formats.exchange import Exchange, Question, Suggestion, shown_fields
from passmuster.adapters.ingest.formats.exchanges import EXCHANGES, recognised_exchange
from passmuster.adapters.ingest.formats.format import NotCarried
from passmuster.adapters.ingest.formats.label_studio import LABEL_STUDIO, LABEL_STUDIO_EXCHANGE
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.label import Label
from passmuster.records.record import Json

CASE = Case(id="17", input="My parcel never came.")
CHOICE = Question(labels=("delivery", "refund"), title='What is "it" about?', guidelines="One -- only.")


def labels(exchange: Exchange, value: object, question: str | None = None) -> list[Label]:
    return [each for each in exchange.labels(value, question) if isinstance(each, Label)]


class TestLabelStudio:
    def test_labels_have_their_annotator_time_and_what_was_in_sight(self) -> None:
        assert labels(LABEL_STUDIO_EXCHANGE, LABEL_STUDIO_TASK) == [
            Label(
                case="17",
                value="delivery",
                annotator="ann@example.com",
                kind="human",
                time=1_700_000_000.0,
                saw="m-1",
            ),
            Label(case="17", value=None, annotator="6", kind="human", note="skipped"),
            Label(case="17", value="refund", annotator="m-1", kind="machine", confidence=0.8),
        ]

    @pytest.mark.parametrize(
        ("kind", "value", "plain"),
        [
            ("choices", {"choices": ["a", "b"]}, ["a", "b"]),
            ("rating", {"rating": 4}, 4),
            ("number", {"number": 0.5}, 0.5),
            ("textarea", {"text": ["so"]}, "so"),
            ("taxonomy", {"taxonomy": [["Animals", "Cat"]]}, "Animals / Cat"),
            ("pairwise", {"selected": "left"}, "left"),
            (
                "labels",
                {"start": 0, "end": 2, "text": "My", "labels": ["PER"], "globalOffsets": {}},
                [{"start": 0, "end": 2, "text": "My", "labels": ["PER"]}],
            ),
        ],
    )
    def test_values_are_plain(self, kind: str, value: dict[str, Any], plain: Json) -> None:
        result = [{"from_name": "label", "to_name": "text", "type": kind, "value": value}]
        task = {"id": 1, "data": {"text": "a"}, "annotations": [{"completed_by": 1, "result": result}]}

        assert [each.value for each in labels(LABEL_STUDIO_EXCHANGE, task)] == [plain]

    def test_several_questions_are_told_apart(self) -> None:
        result = [
            {"from_name": name, "type": "choices", "value": {"choices": [name.upper()]}}
            for name in ("a", "b")
        ]
        task = {"id": 1, "data": {"text": "a"}, "annotations": [{"completed_by": 1, "result": result}]}

        assert [each.value for each in labels(LABEL_STUDIO_EXCHANGE, task)] == [{"a": "A", "b": "B"}]
        assert [each.value for each in labels(LABEL_STUDIO_EXCHANGE, task, "b")] == ["B"]
        assert labels(LABEL_STUDIO_EXCHANGE, task, "c") == []

    def test_a_flat_row_is_one_label(self) -> None:
        row = {
            "text": "Late.",
            "id": "3",
            "sentiment": "sad",
            "annotator": "5",
            "annotation_id": "1",
            "created_at": "2023-11-14T22:13:20Z",
            "updated_at": "",
            "lead_time": "4.2",
        }

        assert labels(LABEL_STUDIO_EXCHANGE, row) == [
            Label(case="3", value="sad", annotator="5", kind="human", time=1_700_000_000.0)
        ]
        assert case(LABEL_STUDIO, row).input == "Late."
        assert case(LABEL_STUDIO, row).reference == "sad"

    def test_a_task_becomes_a_case_with_what_all_people_say(self) -> None:
        found = case(LABEL_STUDIO, LABEL_STUDIO_TASK)

        assert (found.id, found.input, found.reference) == ("17", "My parcel never came.", "delivery")
        assert left_out(LABEL_STUDIO, LABEL_STUDIO_TASK) == ["predictions"]

    def test_where_people_disagree_there_is_no_reference(self) -> None:
        [first, _] = LABEL_STUDIO_TASK["annotations"]
        other = json.loads(json.dumps(first).replace("delivery", "refund"))
        both = changed(LABEL_STUDIO_TASK, annotations=[first, other])

        assert case(LABEL_STUDIO, both).reference is None
        assert "labels" in left_out(LABEL_STUDIO, both)
        truth = changed(both, annotations=[first, {**other, "ground_truth": True}])
        assert case(LABEL_STUDIO, truth).reference == "refund"

    def test_the_setup_is_well_formed_and_shows_all_fields(self) -> None:
        name, text = LABEL_STUDIO_EXCHANGE.setup(CHOICE, ["title", "te<xt"])
        view = ET.fromstring(text)  # noqa: S314 - it was written here

        assert name == "label_studio.xml"
        assert [each.get("value") for each in view.iter("Text")] == ["$title", "$te<xt"]
        assert [each.get("value") for each in view.iter("Choice")] == ["delivery", "refund"]
        assert view.find("Choices").attrib["toName"] == "title"  # type: ignore[union-attr]

    def test_an_annotation_that_is_no_object_is_named(self) -> None:
        broken = {
            "id": 1,
            "data": {"text": "a"},
            "annotations": [{"result": [{"from_name": "a", "value": 3}]}],
        }

        assert refusal(LABEL_STUDIO, broken).startswith("annotations[0].result[0].value: expected an object")


class TestArgilla:
    def test_labels_have_their_annotator_and_what_was_in_sight(self) -> None:
        assert labels(ARGILLA_EXCHANGE, ARGILLA_RECORD) == [
            Label(case="17", value="delivery", annotator="ann", kind="human", saw="m-1"),
            Label(case="17", value="delivery", annotator="bob", kind="human", saw="m-1"),
            Label(case="17", value="refund", annotator="m-1", kind="machine", confidence=0.8),
        ]

    def test_flat_columns_say_the_same(self) -> None:
        row = {
            "id": "17",
            "status": "completed",
            "_server_id": "x",
            "text": "My parcel never came.",
            "label.responses": '["delivery", "refund"]',
            "label.responses.users": '["ann", "bob"]',
            "label.responses.status": '["submitted", "draft"]',
            "label.suggestion": "refund",
            "label.suggestion.agent": "m-1",
            "label.suggestion.score": "0.8",
        }

        assert labels(ARGILLA_EXCHANGE, row) == [
            Label(case="17", value="delivery", annotator="ann", kind="human", saw="m-1"),
            Label(case="17", value="refund", annotator="m-1", kind="machine", confidence=0.8),
        ]
        found = ARGILLA_EXCHANGE.labels(row, None)
        assert [each.what for each in found if isinstance(each, NotCarried)] == ["responses that are draft"]
        assert case(ARGILLA, row).input == "My parcel never came."

    def test_the_first_generation(self) -> None:
        value = {
            "external_id": "17",
            "fields": {"text": "Late."},
            "responses": [{"user_id": "ann", "status": "submitted", "values": {"label": {"value": "sad"}}}],
            "suggestions": [{"question_name": "label", "value": "glad", "agent": "m-1", "type": "model"}],
        }

        assert [(each.value, each.kind) for each in labels(ARGILLA_EXCHANGE, value)] == [
            ("sad", "human"),
            ("glad", "machine"),
        ]

    def test_a_record_becomes_a_case(self) -> None:
        found = case(ARGILLA, ARGILLA_RECORD)

        assert (found.id, found.input, found.reference) == ("17", "My parcel never came.", "delivery")
        assert left_out(ARGILLA, ARGILLA_RECORD) == ["suggestions"]

    def test_only_a_machines_word_is_no_reference(self) -> None:
        assert case(ARGILLA, changed(ARGILLA_RECORD, responses={})).reference is None

    def test_the_setup_is_python_that_can_be_read(self) -> None:
        name, text = ARGILLA_EXCHANGE.setup(CHOICE, ["text"])

        assert name == "argilla_settings.py"
        assert "LabelQuestion" in ast.unparse(ast.parse(text))
        assert "TextQuestion" in ARGILLA_EXCHANGE.setup(Question(), ["text"])[1]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=[each.name for each in EXCHANGES])
class TestBoth:
    def test_a_suggestion_comes_back_as_the_machines(self, exchange: Exchange) -> None:
        task = exchange.task(CASE, CHOICE, Suggestion(value="refund", by="m-1", score=0.8))

        assert labels(exchange, json.loads(json.dumps(task))) == [
            Label(case="17", value="refund", annotator="m-1", kind="machine", confidence=0.8)
        ]

    def test_a_task_without_a_suggestion_has_no_label(self, exchange: Exchange) -> None:
        assert labels(exchange, exchange.task(CASE, CHOICE, None)) == []

    def test_a_free_text_comes_back(self, exchange: Exchange) -> None:
        task = exchange.task(CASE, Question(), Suggestion(value="Sent on Monday.", by="m-1"))

        assert [each.value for each in labels(exchange, task)] == ["Sent on Monday."]

    def test_its_own_tasks_are_recognised(self, exchange: Exchange) -> None:
        task = {
            **exchange.task(CASE, CHOICE, None),
            **({"annotations": []} if exchange.whole and "data" in exchange.task(CASE, CHOICE, None) else {}),
        }

        found = recognised_exchange([task])
        assert found is not None
        assert found[0] is exchange


def test_nothing_else_is_recognised() -> None:
    assert recognised_exchange([{"text": "a", "label": "b"}, 3]) is None


def test_what_an_annotator_reads() -> None:
    turns = Conversation(
        messages=(Message(role="user", content="Hi"), Message(role="assistant", content="Yes?")),
        system="Be kind.",
    )

    assert shown_fields(CASE) == {"text": "My parcel never came."}
    assert shown_fields(Case(id="1", input={"a": "x", "n": [1, 2]})) == {"a": "x", "n": "[1,2]"}
    assert shown_fields(Case(id="1", input=turns)) == {
        "system": "Be kind.",
        "text": "user: Hi\nassistant: Yes?",
    }
