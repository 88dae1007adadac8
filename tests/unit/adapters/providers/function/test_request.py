"""A function is given plain data, whole and of its own, and nothing that would give an answer away."""

from contextvars import ContextVar

from tests.unit.adapters.providers.function.functions import CANDIDATE, ask, seen

from passmuster.adapters.providers.function.request import FunctionRequest
from passmuster.records.case import Case, Conversation, Document, Image, Message, Text, Tool, ToolCall
from passmuster.records.trial import Failure, Reply, Request
from passmuster.testing import text_request


class TestWhatAFunctionIsGiven:
    async def test_a_text_case_is_its_text_and_the_rendered_messages(self) -> None:
        talk = Conversation(messages=(Message(role="user", content="Answer: Hi"),), system="Be kind.")

        asked = await seen(Request(case=Case(id="1", input="Hi"), conversation=talk, repeat=2))

        assert asked.input == "Hi"
        assert asked.fields == {}
        assert asked.messages == [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Answer: Hi"},
        ]
        assert (asked.repeat, asked.model) == (2, "m")

    async def test_fields_are_a_copy_that_the_function_may_change(self) -> None:
        case = Case(id="1", input={"title": "T", "tags": ["a"]})

        def spoil(asked: FunctionRequest) -> str:
            asked.fields["tags"].append("b")
            assert isinstance(asked.input, dict)
            assert asked.input["tags"] == ["a"]
            asked.parameters["style"] = "long"
            return str(asked.fields["title"])

        exchange = await ask(spoil, Request(case=case, conversation=Conversation(messages=())))

        assert exchange.outcome == Reply(text="T")
        assert case.input == {"title": "T", "tags": ["a"]}
        assert CANDIDATE.parameters["style"] == "short"

    async def test_parameters_are_told_and_the_identity_is_not(self) -> None:
        assert (await seen(text_request("Hi"))).parameters == {"style": "short"}

    async def test_neither_the_id_nor_the_reference_of_a_case_is_told(self) -> None:
        case = Case(id="secret-id", input="Hi", reference="gold", stratum="north")

        asked = await seen(Request(case=case, conversation=Conversation(messages=())))

        assert not any(word in repr(asked) for word in ("secret-id", "gold", "north"))

    async def test_a_conversation_with_tool_results_arrives_whole(self) -> None:
        call = ToolCall(name="weather", arguments='{"city": "Bern"}', id="call_7")
        talk = Conversation(
            messages=(
                Message(role="user", content="Rain in Bern?"),
                Message(role="assistant", tool_calls=(call, ToolCall(name="clock", arguments="{}"))),
                Message(role="tool", content="no", tool_call_id="call_7"),
                Message(role="user", content=(Text(text="Sure?"), Image(url="https://a.example/b.png"))),
            ),
            tools=(Tool(name="weather", description="d", parameters={"type": "object"}),),
            context=(Document(text="Bern is dry.", title="Climate"),),
        )

        asked = await seen(Request(case=Case(id="1", input=talk), conversation=talk))

        assert asked.input == "Sure?"
        assert asked.messages[1]["content"] is None
        assert asked.messages[1]["tool_calls"] == [
            {
                "id": "call_7",
                "type": "function",
                "function": {"name": "weather", "arguments": '{"city": "Bern"}'},
            },
            {"id": "call_1", "type": "function", "function": {"name": "clock", "arguments": "{}"}},
        ]
        assert asked.messages[2] == {"role": "tool", "content": "no", "tool_call_id": "call_7"}
        assert asked.messages[3]["content"][1] == {
            "type": "image_url",
            "image_url": {"url": "https://a.example/b.png"},
        }
        assert asked.tools[0]["function"]["parameters"] == {"type": "object"}
        assert asked.context == [{"text": "Bern is dry.", "id": None, "title": "Climate"}]

    async def test_an_image_without_content_is_a_failure_of_the_prompt(self) -> None:
        talk = Conversation(messages=(Message(role="user", content=(Image(),)),))

        exchange = await ask(lambda _: "ok", Request(case=Case(id="1", input=talk), conversation=talk))

        assert isinstance(exchange.outcome, Failure)
        assert exchange.outcome.kind == "prompt"

    async def test_a_thread_sees_the_context_of_its_call(self) -> None:
        variable: ContextVar[str] = ContextVar("variable", default="outside")
        variable.set("inside")

        assert (await ask(lambda _: variable.get())).outcome == Reply(text="inside")
