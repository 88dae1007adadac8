"""What a model is sent: prompt templates rendered for a case, in a sandbox.

A template sees `input` (the text of a text case), every named field of the case by its name, `fields` (all of
them) and `context` (the documents of a conversation). It does not see the id, reference or stratum of the
case: these are no part of a trial's identity. Text of a case is data and is never read as a template.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from passmuster.records.candidate import Prompt
from passmuster.records.case import Case, Conversation, Document, Message
from passmuster.records.text import written


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
    messages, system, own_context = given.messages, given.system, False
def check_prompt(prompt: Prompt) -> None:
    """Read the templates of a prompt without rendering them.

    Raises:
        PromptError: with template and line, where the syntax is wrong.
    """
    for part in ("user", "system"):
        if getattr(prompt, part) is not None:
            _template(prompt, part)


@dataclass(frozen=True, slots=True)
class _Broken:
    message: str
    line: int


def _text(prompt: Prompt, part: str, variables: Mapping[str, Any]) -> str | None:
    if getattr(prompt, part) is None:
        return None
    template = _template(prompt, part)
    try:
        return template.render(variables)
    except Exception as error:  # a template may fail in any way that an expression can
        place = Place(f"{prompt.name} ({part})", _line(error))
        if isinstance(error, jinja2.UndefinedError):
            raise _missing(error, place, variables) from error
        raise PromptError(f"the template failed: {error}", place=place) from error


def _template(prompt: Prompt, part: str) -> jinja2.Template:
    found = _compiled(getattr(prompt, part))
    if isinstance(found, _Broken):
        raise PromptError(found.message, place=Place(f"{prompt.name} ({part})", found.line))
    return found


@lru_cache(maxsize=256)
def _compiled(text: str) -> jinja2.Template | _Broken:
    try:
        return _ENVIRONMENT.from_string(text)
    except jinja2.TemplateSyntaxError as error:
        return _Broken(f"the template cannot be read: {error.message}", error.lineno)


@lru_cache(maxsize=256)
def _mentions_context(text: str) -> bool:
    return "context" in meta.find_undeclared_variables(_ENVIRONMENT.parse(text))


def _line(error: BaseException) -> int | None:
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _missing(error: jinja2.UndefinedError, place: Place, variables: Mapping[str, Any]) -> PromptError:
    quoted = re.findall(r"'([^']*)'", error.message or "")
    name = quoted[-1] if quoted else ""
    close = difflib.get_close_matches(name, variables, n=1, cutoff=0.5)
    known = ", ".join(sorted(variables)) or "nothing"
    hint = f"did you mean '{close[0]}'? " if close else ""
    return PromptError(f"{error.message}", place=place, hint=f"{hint}This case has: {known}")


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
        text = "\n".join(f"{name}: {_shown(value)}" for name, value in case.input.items())
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


def _shown(value: Json) -> Any:
    if isinstance(value, Mapping | list | tuple | bool) or value is None:
        return _json(value)
    return value


def _json(value: Json, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # a model is sent text, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
        cache_size=0,
    )
    # Jinja's own filter escapes for HTML, which a model would read as it stands.
    environment.filters["tojson"] = _json
    return environment


_ENVIRONMENT = _environment()
