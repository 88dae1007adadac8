"""What a model is sent: prompt templates rendered for a case, in a sandbox.

A template sees `input` (the text of a text case), every named field of the case by its name, `fields` (all of
them) and `context` (the documents of a conversation). It does not see the id, reference or stratum of the
case: these are no part of a trial's identity. Text of a case is data and is never read as a template.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from passmuster.records.candidate import Prompt
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.text import written
from passmuster.runner.template import Template


def render(prompt: Prompt | None, case: Case) -> Conversation:
    """Return the conversation that a provider is given for this case.

    Without a prompt: a text is one user message, fields are one user message of `name: value` lines, a
    conversation stays as it is. With one: a conversation gets the rendered system text before its own and the
    rendered user text as its last message. Documents that no template mentions (`context`) are appended to
    the system text, numbered.

    Raises:
        PromptError: where a template is wrong or names something that the case does not have.

    Example:
        >>> prompt = Prompt(name="short", user="Answer in a word: {{ input }}", system="Be kind.")
        >>> render(prompt, Case(id="1", input="{{ 2 + 2 }}?")).messages[0].content
        'Answer in a word: {{ 2 + 2 }}?'
    """
    given = _conversation(case)
    if prompt is None:
        return _with_documents(given) if given.context else given
    templates, variables = _templates(prompt), _variables(case)
    texts = {part: template.filled(variables) for part, template in templates.items()}
    messages = given.messages
    if "user" in texts:
        own = messages if isinstance(case.input, Conversation) else ()
        messages = (*own, Message(role="user", content=texts["user"]))
    joined = "\n\n".join(part for part in (texts.get("system"), given.system) if part) or None
    rendered = replace(given, messages=messages, system=joined)
    if any(template.mentions("context") for template in templates.values()):
        return replace(rendered, context=())
    return _with_documents(rendered) if given.context else rendered


def check_prompt(prompt: Prompt) -> None:
    """Read the templates of a prompt without rendering them.

    Raises:
        PromptError: with template and line, where the syntax is wrong.
    """
    _templates(prompt)


@lru_cache(maxsize=256)
def _templates(prompt: Prompt) -> Mapping[str, Template]:
    """Return the templates of a prompt by its part, `user` and `system`."""
    texts = {"user": prompt.user, "system": prompt.system}
    return {
        part: Template(text, f"{prompt.name} ({part})") for part, text in texts.items() if text is not None
    }


def _variables(case: Case) -> dict[str, Any]:
    if isinstance(case.input, str):
        return {"input": case.input}
    if isinstance(case.input, Conversation):
        return {"context": case.input.context}
    return {**{str(name): value for name, value in case.input.items()}, "fields": dict(case.input)}


def _conversation(case: Case) -> Conversation:
    if isinstance(case.input, Conversation):
        return case.input
    if isinstance(case.input, str):
        text = case.input
    else:
        text = "\n".join(f"{name}: {written(value)}" for name, value in case.input.items())
    return Conversation(messages=(Message(role="user", content=text),))


def _with_documents(conversation: Conversation) -> Conversation:
    blocks = [_document(number, document) for number, document in enumerate(conversation.context, start=1)]
    text = "\n\n".join(["Documents:", *blocks])
    system = text if conversation.system is None else f"{conversation.system}\n\n{text}"
    return replace(conversation, system=system, context=())


def _document(number: int, document: Document) -> str:
    names = [name for name in (document.title, document.id) if name]
    head = f"[{number}] {' · '.join(names)}".rstrip()
    return f"{head}\n{document.text}"
