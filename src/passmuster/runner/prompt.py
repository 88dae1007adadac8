"""What a model is sent: prompt templates rendered for a case, in a sandbox.

A template sees `input` (the text of a text case), every named field of the case by its name, `fields` (all of
them), `context` (the documents of a conversation), `examples` (the few-shot cases of the prompt) and `format`
(what it says of the output's form). It does not see the id, reference or stratum of the case: these are no part of
a trial's identity. Text of a case is data and is never read as a template.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from passmuster.records.candidate import Example, Prompt, Structure
from passmuster.records.case import Case, Conversation, Document, Input, Message
from passmuster.runner.laid_out import laid_out
from passmuster.runner.template import Template


def render(prompt: Prompt | None, case: Case) -> Conversation:
    """Return the conversation that a provider is given for this case.

    Without a prompt: a text is one user message, fields are one user message of `name: value` lines, a
    conversation stays as it is. With one: a conversation gets the rendered system text before its own and the
    rendered user text as its last message. Few-shot cases are turns of a user and an assistant before all that, and
    what is said of the output's form ends the system text, unless a template says them itself (`examples`,
    `format`). Documents that no template mentions (`context`) are appended to the system text, numbered.

    Raises:
        PromptError: where a template is wrong or names something that the case does not have.

    Example:
        >>> prompt = Prompt(name="short", user="Answer in a word: {{ input }}", system="Be kind.")
        >>> render(prompt, Case(id="1", input="{{ 2 + 2 }}?")).messages[0].content
        'Answer in a word: {{ 2 + 2 }}?'
        >>> shown = Prompt(name="shots", examples=(Example(input="1 + 1?", answer="2"),))
        >>> [each.content for each in render(shown, Case(id="1", input="2 + 2?")).messages]
        ['1 + 1?', '2', '2 + 2?']
    """
    if prompt is None:
        given = _conversation(case.input)
        return _with_documents(given) if given.context else given
    templates = _templates(prompt)
    given, texts = _asked(prompt, case.input)
    said = _mentioned(prompt)
    parts = [texts.get("system"), given.system, None if "format" in said else texts.get("format")]
    shown = () if "examples" in said else _turns(prompt)
    joined = "\n\n".join(part for part in parts if part) or None
    rendered = replace(given, messages=(*shown, *given.messages), system=joined)
    if any(template.mentions("context") for template in templates.values()):
        return replace(rendered, context=())
    return _with_documents(rendered) if given.context else rendered


def check_prompt(prompt: Prompt) -> None:
    """Read the templates of a prompt without rendering them.

    Raises:
        PromptError: with template and line, where the syntax is wrong.
    """
    _templates(prompt)


def _asked(prompt: Prompt, value: Input) -> tuple[Conversation, dict[str, str]]:
    """Return the conversation of an input with the user text as its last message, and the text of every template."""
    given = _conversation(value, prompt.structure)
    variables = _variables(prompt, value)
    texts: dict[str, str] = {}
    for part, template in _templates(prompt).items():
        texts[part] = template.filled(variables)
        if part == "format":
            variables["format"] = texts[part]
    if "user" in texts:
        own = given.messages if isinstance(value, Conversation) else ()
        given = replace(given, messages=(*own, Message(role="user", content=texts["user"])))
    return given, texts


@lru_cache(maxsize=256)
def _templates(prompt: Prompt) -> Mapping[str, Template]:
    """Return the templates of a prompt by its part; `format` first, since the others may say it."""
    texts = {"format": prompt.format, "user": prompt.user, "system": prompt.system}
    return {
        part: Template(text, f"{prompt.name} ({part})") for part, text in texts.items() if text is not None
    }


@lru_cache(maxsize=256)
def _mentioned(prompt: Prompt) -> frozenset[str]:
    """Return which of the prompt's own parts its templates say themselves."""
    own = {"examples": bool(prompt.examples), "format": prompt.format is not None}
    templates = [template for part, template in _templates(prompt).items() if part != "format"]
    return frozenset(
        name
        for name, there in own.items()
        if there and any(template.mentions(name) for template in templates)
    )


@lru_cache(maxsize=256)
def _turns(prompt: Prompt) -> tuple[Message, ...]:
    """Return the few-shot cases as turns: each is asked as a case is, and answered."""
    made: list[Message] = []
    for example in prompt.examples:
        asked, _ = _asked(prompt, example.input)
        if asked.context:
            asked = _in_first_message(asked)
        made += [*asked.messages, Message(role="assistant", content=example.answer)]
    return tuple(made)


def _in_first_message(conversation: Conversation) -> Conversation:
    """Return an example with its documents in its own first message: the system text is that of the case."""
    text = _blocks(conversation.context)
    return replace(
        conversation, messages=(Message(role="user", content=text), *conversation.messages), context=()
    )


def _variables(prompt: Prompt, value: Input) -> dict[str, Any]:
    """Return what templates see; a field of the case called `examples` is that field where the prompt has none.

    Few-shot cases are told to those templates only that ask for them; so one template serves a variant without any.
    """
    of_case: dict[str, Any]
    if isinstance(value, str):
        of_case = {"input": value}
    elif isinstance(value, Conversation):
        of_case = {"context": value.context}
    else:
        of_case = {**{str(name): item for name, item in value.items()}, "fields": dict(value)}
    if prompt.examples:
        of_case["examples"] = [_seen(example, prompt.structure) for example in prompt.examples]
    for name, nothing in (("examples", []), ("format", "")):
        if any(template.mentions(name) for template in _templates(prompt).values()):
            of_case.setdefault(name, nothing)
    return of_case


def _seen(example: Example, structure: Structure) -> dict[str, Any]:
    """Return what a template sees of a few-shot case."""
    if isinstance(example.input, Conversation):
        text = "\n".join(str(each.content) for each in example.input.messages)
        return {"input": text, "answer": example.answer}
    seen: dict[str, Any] = {"input": laid_out(example.input, structure), "answer": example.answer}
    return seen if isinstance(example.input, str) else {**seen, "fields": dict(example.input)}


def _conversation(value: Input, structure: Structure = "plain") -> Conversation:
    if isinstance(value, Conversation):
        return value
    return Conversation(messages=(Message(role="user", content=laid_out(value, structure)),))


def _with_documents(conversation: Conversation) -> Conversation:
    text = _blocks(conversation.context)
    system = text if conversation.system is None else f"{conversation.system}\n\n{text}"
    return replace(conversation, system=system, context=())


def _blocks(documents: tuple[Document, ...]) -> str:
    blocks = [_document(number, document) for number, document in enumerate(documents, start=1)]
    return "\n\n".join(["Documents:", *blocks])


def _document(number: int, document: Document) -> str:
    names = [name for name in (document.title, document.id) if name]
    head = f"[{number}] {' · '.join(names)}".rstrip()
    return f"{head}\n{document.text}"
