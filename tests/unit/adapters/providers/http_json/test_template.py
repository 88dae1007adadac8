"""Bodies of requests whose strings are templates."""

import pytest

from passmuster.adapters.providers.http_json.template import Template, request_variables
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case, Conversation, Image, Message, Text, Tool
from passmuster.records.record import Json
from passmuster.records.trial import Request


def render(body: Json, /, **variables: Json) -> Json:
    return Template(body, "body").render(variables)


@pytest.mark.parametrize(
    "value", [3, 1.5, True, None, "text", "[1, 2]", "3", "true", "", {"a": [1, None]}, ["x"], "{{ 7 * 7 }}"]
)
@pytest.mark.parametrize("text", ["{{ value }}", "{{value}}", " {{ value }}\n", "{{- value -}}"])
def test_a_lone_expression_keeps_the_type_of_its_value(text: str, value: Json) -> None:
    assert render({"it": [text]}, value=value) == {"it": [value]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Say {{ value }}", "Say [1, null]"),
        ("{{ value }}{{ value }}", "[1, null][1, null]"),
        ("{# why #}{{ value }}", "[1, null]"),
        ("{% for each in value %}{{ each }};{% endfor %}", "1;null;"),
        ("{{ value | tojson }}", "[1, null]"),
        ("{{ '<a & b>' | tojson }}", '"<a & b>"'),
        ("{{ '}}' }}", "}}"),
        ("{{ -1 }}", -1),
        ("{{ {'a': value} }}", {"a": [1, None]}),
        ("{{ value[0] + 1 }}", 2),
        ("{{ missing | default(none) }}", None),
        ("a < b & c", "a < b & c"),
    ],
)
def test_any_other_string_is_text(text: str, expected: Json) -> None:
    assert render(text, value=[1, None]) == expected


def test_what_is_no_string_stays_and_keys_are_no_templates() -> None:
    body = {"{{ a }}": 1, "n": 2.5, "on": True, "none": None, "list": [{"deep": "{{ a }}"}]}
    assert render(body, a="x") == {"{{ a }}": 1, "n": 2.5, "on": True, "none": None, "list": [{"deep": "x"}]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ missing }}", "'missing' is undefined"),
        ("a {{ missing }}", "'missing' is undefined"),
        ("{{ value.missing }}", "has no attribute 'missing'"),
        ("{{ ''.__class__ }}", "unsafe"),
        ("a {{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ value.append(1) }}", "unsafe"),
        ("{{ range(3) }}", "not JSON serializable"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ huge }}", "range"),
    ],
)
def test_a_template_that_fails_says_where_and_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        render({"a": [text]}, value=[1], huge=float("inf"))
    assert str(caught.value).startswith("body.a[0]: ")


@pytest.mark.parametrize("text", ["{{ a", "{% if %}", "{{ a b }}", "{{ }}"])
def test_a_template_that_cannot_be_read_is_told_before_the_run(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"body\.a: the template"):
        Template({"a": text}, "body")


def test_templates_see_the_conversation_the_fields_and_the_parameters() -> None:
    conversation = Conversation(
        messages=(
            Message(role="user", content=(Text(text="Who?"), Image(url="https://a.example/1.png"))),
            Message(role="assistant", content="You."),
            Message(role="user", content="Why?"),
        ),
        system="Be kind.",
        tools=(Tool(name="f", parameters={"type": "object"}),),
    )
    case = Case(id="secret-id", input={"subject": "Refund", "items": [1, 2]}, reference="gold", stratum="s")
    seen = request_variables(Request(case=case, conversation=conversation), {"k": 3}, "m")
    assert seen["prompt"] == "Why?"
    assert seen["system"] == "Be kind."
    assert seen["subject"] == "Refund"
    assert seen["fields"] == {"subject": "Refund", "items": [1, 2]}
    assert seen["input"] == "subject: Refund\nitems: [1,2]"
    assert (seen["parameters"], seen["model"]) == ({"k": 3}, "m")
    assert seen["tools"] == [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    ]
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/1.png"}}
    assert seen["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "Who?"}, picture]},
        {"role": "assistant", "content": "You."},
        {"role": "user", "content": "Why?"},
    ]
    assert "gold" not in str(seen)
    assert "secret-id" not in str(seen)


def test_own_names_stand_before_fields_except_the_input() -> None:
    case = Case(id="1", input={"prompt": "a field", "input": "the user's own"})
    conversation = Conversation(messages=(Message(role="user", content="rendered"),))
    seen = request_variables(Request(case=case, conversation=conversation), {}, None)
    assert (seen["prompt"], seen["input"]) == ("rendered", "the user's own")
    assert seen["fields"] == {"prompt": "a field", "input": "the user's own"}
