"""A call of a model in a span, as a record of traffic; whoever wrote the span, and in whichever form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from passmuster.adapters.ingest.formats.feedback import Shown, feedback
from passmuster.adapters.ingest.formats.fields import as_object, columns, decoded, first, label, tags
from passmuster.adapters.ingest.formats.flat import nested
from passmuster.adapters.ingest.formats.format import Found, MappingError, NotCarried
from passmuster.adapters.ingest.formats.span_content import Event, content_of
from passmuster.adapters.otlp.conventions import WORDLESS, number, operation, text, usage
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

_USERS = ("user.id", "enduser.id", "langfuse.user.id", "traceloop.association.properties.user_id")
_SESSIONS = (
    "session.id",
    "gen_ai.conversation.id",
    "langfuse.session.id",
    "traceloop.association.properties.session_id",
    "thread.id",
)
_TAGS = ("tag.tags", "langfuse.trace.tags")
_SAID_ELSEWHERE = frozenset({*_USERS, *_SESSIONS, *_TAGS, "metadata"})
_CONTENT = (
    *("gen_ai.prompt", "gen_ai.completion", "gen_ai.input.", "gen_ai.output.", "gen_ai.system_instructions"),
    *("llm.input_messages", "llm.output_messages", "llm.tools", "llm.request.functions", "llm.prompts"),
    *(
        "input.value",
        "output.value",
        "gen_ai.tool.",
        "retrieval.documents",
        "llm.token_count",
        "gen_ai.usage.",
    ),
    *("ai.prompt", "ai.response.text", "ai.response.toolCalls", "ai.result"),
    *("annotations.", "evaluations.", "trace.", "session.", "llm.cost", "traceloop.entity", "metadata."),
)
_EVALUATION = "gen_ai.evaluation.result"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanFacts:
    """A span, out of whichever form; times in seconds."""

    trace: str
    span: str
    name: str | None = None
    started: float | None = None
    seconds: float | None = None
    first_token: float | None = None
    error: str | None = None
    said: Mapping[str, Json] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    resource: Mapping[str, Json] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()


def is_worded(said: Mapping[str, Json]) -> bool:
    """Return whether a call answers with text: embeddings and rerankers do not."""
    return not operation(said).startswith(WORDLESS)


def span_record(facts: SpanFacts) -> Iterator[Found]:
    """Yield the record of a call, and what it could not take along.

    Raises:
        MappingError: where the span does not say what was asked, or has no name.
    """
    said = facts.said
    if not facts.span:
        message = "the span has no identifier"
        raise MappingError(message, ("spanId",))
    notes: list[NotCarried] = []
    content = content_of(said, facts.events, notes)
    shown = feedback([*facts.shown, *_evaluations(said, facts.events)])
    yield TrafficRecord(
        id=facts.span,
        input=content.input,
        output=content.answer.text,
        tool_calls=content.answer.calls,
        time=facts.started,
        model=text(said, "model"),
        usage=usage(said),
        cost=number(said, "cost"),
        first_token=facts.first_token,
        seconds=facts.seconds,
        error=facts.error,
        user=label(first(said, *_USERS)),
        session=label(first(said, *_SESSIONS)),
        tags=tags(first(said, *_TAGS)),
        feedback=shown.word,
        columns=_columns(facts, shown.raw),
    )
    yield from (note._replace(where=facts.span) for note in notes)


def _columns(facts: SpanFacts, raw: str | None) -> dict[str, Json]:
    own: dict[str, Json] = {"trace_id": facts.trace or None, "span_name": facts.name, "feedback": raw}
    reasons = decoded(facts.said.get("gen_ai.response.finish_reasons", facts.said.get("llm.finish_reason")))
    own["finish_reason"] = reasons[0] if isinstance(reasons, list) and reasons else reasons
    rest = {
        name: value
        for name, value in facts.said.items()
        if name not in _SAID_ELSEWHERE and not name.startswith(_CONTENT)
    }
    metadata = nested(facts.said, "metadata")
    metadata = decoded(metadata)
    resource = {
        name: value for name, value in facts.resource.items() if name.startswith(("service.", "deployment."))
    }
    return columns(
        ("", own), ("", resource), ("metadata.", metadata if isinstance(metadata, dict) else {}), ("", rest)
    )


def _evaluations(said: Mapping[str, Json], events: list[Event]) -> Iterator[Shown]:
    for event in events:
        if event.name == _EVALUATION:
            held = event.said
            yield Shown(
                label(held.get("gen_ai.evaluation.name")) or "",
                held.get("gen_ai.evaluation.score.value"),
                held.get("gen_ai.evaluation.score.label"),
                by_machine=True,
            )
    for scope in ("", "trace.", "session."):
        for plural, word in (("annotations", "annotation"), ("evaluations", "evaluation")):
            listed = decoded(nested(said, scope + plural)) if any(plural in name for name in said) else None
            for item in listed if isinstance(listed, list) else ():
                inner = nested(as_object(item), word) if isinstance(item, dict) else None
                held = inner if isinstance(inner, dict) else {}
                kind = label(held.get("annotator_kind")) or ""
                machine = kind.upper() in {"LLM", "CODE"}
                yield Shown(label(held.get("name")) or "", held.get("score"), held.get("label"), machine)
