import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.errors import PromptError
from passmuster.records.candidate import Example, Prompt, Structure
from passmuster.records.case import Case, Conversation, Document, Message, Tool
from passmuster.runner.prompt import check_prompt, render

TALK = Conversation(
    messages=(Message(role="user", content="hello"), Message(role="assistant", content="hi")),
    system="Own system.",
    tools=(Tool(name="look_up"),),
    context=(Document(text="first text", id="d1", title="First"), Document(text="second text")),
)


def asked(user: str, case_input: object = "the text") -> str:
    case = Case(id="secret-id", input=case_input)  # type: ignore[arg-type]  # any form of input
    content = render(Prompt(name="p", user=user), case).messages[-1].content
    assert isinstance(content, str)
    return content


@given(st.text())
def test_a_text_without_a_prompt_is_one_user_message(text: str) -> None:
    rendered = render(None, Case(id="1", input=text))

    assert rendered == Conversation(messages=(Message(role="user", content=text),))


@given(st.text())
def test_text_of_a_case_is_never_read_as_a_template(text: str) -> None:
    assert asked("<{{ input }}>", "{{ 1 + 1 }}{% raw %}" + text) == "<{{ 1 + 1 }}{% raw %}" + text + ">"


def test_fields_without_a_prompt_are_lines_of_name_and_value() -> None:
    fields = {"subject": "late", "days": 3, "open": True, "parts": ["a", "ü"], "note": None}
    rendered = render(None, Case(id="1", input=fields))

    assert rendered.messages[0].content == (
        'subject: late\ndays: 3\nopen: true\nparts: ["a", "ü"]\nnote: null'
    )


def test_fields_are_known_by_name_and_all_together() -> None:
    fields = {"subject": "late", "order": {"id": 7}}

    assert asked("{{ subject }} {{ order.id }} {{ fields['subject'] }}", fields) == "late 7 late"
    assert asked("{{ order }} {{ fields | tojson }}", {"order": {"a": "<é>"}}) == (
        '{"a": "<é>"} {"order": {"a": "<é>"}}'
    )


def test_a_field_called_context_or_input_is_that_field() -> None:
    assert asked("{{ context }} {{ input }}", {"context": "c", "input": "i"}) == "c i"


def test_the_system_template_is_put_before_the_text() -> None:
    rendered = render(Prompt(name="p", system="Label {{ input }}."), Case(id="1", input="x"))

    assert rendered == Conversation(messages=(Message(role="user", content="x"),), system="Label x.")


def test_a_conversation_without_a_prompt_keeps_all_and_gets_its_documents() -> None:
    rendered = render(None, Case(id="1", input=TALK))

    assert rendered.messages == TALK.messages
    assert rendered.tools == TALK.tools
    assert rendered.context == ()
    assert rendered.system == ("Own system.\n\nDocuments:\n\n[1] First · d1\nfirst text\n\n[2]\nsecond text")


def test_a_prompt_goes_around_a_conversation() -> None:
    prompt = Prompt(name="p", user="Now answer.", system="Be brief.")
    rendered = render(prompt, Case(id="1", input=TALK))

    assert rendered.messages == (*TALK.messages, Message(role="user", content="Now answer."))
    assert rendered.system is not None
    assert rendered.system.startswith("Be brief.\n\nOwn system.\n\nDocuments:")


def test_documents_that_a_template_shows_are_not_appended_again() -> None:
    user = "{% for document in context %}\n{{ loop.index }}: {{ document.text }}\n{% endfor %}"
    rendered = render(Prompt(name="p", user=user), Case(id="1", input=TALK))

    assert rendered.messages[-1].content == "1: first text\n2: second text\n"
    assert (rendered.system, rendered.context) == ("Own system.", ())


@pytest.mark.parametrize("name", ["case_id", "id", "reference", "stratum", "tags"])
def test_what_is_no_part_of_a_trial_cannot_be_named(name: str) -> None:
    with pytest.raises(PromptError, match=f"'{name}' is undefined"):
        asked("{{ " + name + " }}")


def test_a_missing_variable_is_named_with_place_and_closest_name() -> None:
    prompt = Prompt(name="classify", user="line one\n\nSubject: {{ subjcet }}")

    with pytest.raises(PromptError) as caught:
        render(prompt, Case(id="1", input={"subject": "late", "body": "text"}))

    assert str(caught.value) == (
        "classify (user):3: 'subjcet' is undefined\n"
        "  did you mean 'subject'? This case has: body, fields, subject"
    )


def test_a_template_that_cannot_be_read_is_named_with_its_line() -> None:
    prompt = Prompt(name="classify", system="fine\n{% if %}")

    with pytest.raises(PromptError, match=r"^classify \(system\):2: the template cannot be read: Expected"):
        check_prompt(prompt)
    with pytest.raises(PromptError, match=r"classify \(system\):2"):
        render(prompt, Case(id="1", input="x"))


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ fields.__class__ }}",
        "{% set _ = fields.update({'a': 1}) %}",
        "{% include 'secret.txt' %}",
        "{{ 1 / 0 }}",
        "{{ cycler.__init__.__globals__ }}",
    ],
)
def test_a_template_can_reach_nothing_and_fails_as_a_prompt_error(attack: str) -> None:
    fields = {"a": 0}

    with pytest.raises(PromptError, match=r"^p \(user\)"):
        asked(attack, fields)

    assert fields == {"a": 0}


SHOTS = (Example(input="1 + 1?", answer="2"), Example(input="{{ 3 }}?", answer="{{ 4 }}"))


def said(conversation: Conversation) -> list[tuple[str, object]]:
    return [(message.role, message.content) for message in conversation.messages]


def test_few_shot_cases_are_turns_before_the_case_asked_as_it_is() -> None:
    prompt = Prompt(name="p", user="Solve: {{ input }}", system="Be brief.", examples=SHOTS)

    rendered = render(prompt, Case(id="1", input="2 + 2?"))

    assert said(rendered) == [
        ("user", "Solve: 1 + 1?"),
        ("assistant", "2"),
        ("user", "Solve: {{ 3 }}?"),
        ("assistant", "{{ 4 }}"),
        ("user", "Solve: 2 + 2?"),
    ]
    assert rendered.system == "Be brief."


def test_a_template_that_says_the_few_shot_cases_has_them_in_its_place() -> None:
    text = "{% for each in examples %}{{ each.input }} -> {{ each.answer }}\n{% endfor %}{{ input }} ->"
    rendered = render(Prompt(name="p", user=text, examples=SHOTS), Case(id="1", input="2 + 2?"))
    none = render(Prompt(name="p", user=text), Case(id="1", input="2 + 2?"))

    assert said(rendered) == [("user", "1 + 1? -> 2\n{{ 3 }}? -> {{ 4 }}\n2 + 2? ->")]
    assert said(none) == [("user", "2 + 2? ->")]


def test_few_shot_cases_with_fields_are_seen_by_field() -> None:
    shots = (Example(input={"subject": "late"}, answer="delivery"),)
    text = "{% for each in examples %}{{ each.fields.subject }}={{ each.answer }} {% endfor %}{{ subject }}="
    rendered = render(Prompt(name="p", system=text, examples=shots), Case(id="1", input={"subject": "lost"}))

    assert rendered.system == "late=delivery lost="


def test_few_shot_conversations_come_before_the_case_with_their_own_documents() -> None:
    shots = (Example(input=TALK, answer="yes"),)
    rendered = render(Prompt(name="p", examples=shots), Case(id="1", input="x"))

    assert [role for role, _ in said(rendered)] == ["user", "user", "assistant", "assistant", "user"]
    assert "first text" in str(rendered.messages[0].content)
    assert rendered.system is None


def test_what_is_said_of_the_form_ends_the_system_text_or_stands_where_a_template_says_it() -> None:
    case = Case(id="1", input="x")
    plain = Prompt(name="p", system="Sort it.", format="One word for {{ input }}.")
    placed = Prompt(name="p", system="Sort it.", user="{{ input }} ({{ format }})", format="One word.")

    assert render(plain, case).system == "Sort it.\n\nOne word for x."
    assert render(placed, case).system == "Sort it."
    assert said(render(placed, case)) == [("user", "x (One word.)")]


def test_fields_called_examples_and_format_are_those_fields() -> None:
    assert asked("{{ examples }} {{ format }}", {"examples": "e", "format": "f"}) == "e f"


@pytest.mark.parametrize(
    ("structure", "text"),
    [
        ("plain", "order no: 7\nnote: late"),
        ("xml", "<order_no>\n7\n</order_no>\n<note>\nlate\n</note>"),
        ("markdown", "## order no\n\n7\n\n## note\n\nlate"),
        ("json", '{"order no": 7, "note": "late"}'),
    ],
)
def test_a_structure_lays_the_fields_out(structure: Structure, text: str) -> None:
    prompt = Prompt(name="p", structure=structure)

    assert said(render(prompt, Case(id="1", input={"order no": 7, "note": "late"}))) == [("user", text)]
    assert said(render(prompt, Case(id="1", input=TALK)))[0] == ("user", "hello")
