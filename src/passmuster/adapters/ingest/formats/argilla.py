"""Argilla: records of its second generation, nested or flat, and of its first."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.adapters.ingest.formats.chats import input_of
from passmuster.adapters.ingest.formats.exchange import CASE_ID, Exchange, Question, Suggestion, shown_fields
from passmuster.adapters.ingest.formats.fields import (
    as_object,
    decoded,
    first,
    label,
    name_from,
    number,
    objects,
    sayable,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried
from passmuster.records.case import Case
from passmuster.records.digest import canonical
from passmuster.records.label import Label
from passmuster.records.record import Json

_RESPONSES, _SUGGESTION = ".responses", ".suggestion"
_OWN = frozenset({"id", "status", "_server_id", "external_id", "metadata", "vectors"})
_COUNTED = frozenset({"submitted", ""})
"""States of a response that count; drafts and discarded ones do not."""


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if isinstance(value.get("fields"), dict) and not value.keys().isdisjoint(
            {"responses", "suggestions"}
        ):
            return "its records hold `fields` and `responses`"
        if any(name.endswith((".responses.users", ".responses.status")) for name in value):
            return "its columns hold `.responses` and `.responses.users`"
    return None


def _labels(value: Json, question: str | None = None) -> Iterator[Label | NotCarried]:
    record = as_object(sayable(value))
    case = _case_name(record)
    given = _responses(record)
    machine = _suggestions(record)
    names = sorted({*(name for each in given for name in each[1]), *machine})
    if question is None and len(names) == 1:
        question = names[0]
    saw = next((each.by for each in machine.values()), None)
    for who, answers, status in given:
        found = answers.get(question) if question is not None else (answers or None)
        if status not in _COUNTED:
            yield NotCarried(f"responses that are {status}", "only submitted ones are labels", case)
        elif found is not None:
            yield Label(case=case, value=found, annotator=who, kind="human", saw=saw)
    chosen = {question: machine[question]} if question in machine else {}
    for each in (chosen if question is not None else machine).values():
        if question is not None or len(machine) == 1:
            yield Label(case=case, value=each.value, annotator=each.by, kind="machine", confidence=each.score)
    if question is None and len(machine) > 1:
        yield NotCarried(
            "suggestions to several questions", "name the question whose labels are wanted", case
        )


def _case_name(record: Mapping[str, Json]) -> str:
    metadata = decoded(record.get("metadata"))
    held = metadata if isinstance(metadata, dict) else {}
    name = label(first(held, CASE_ID)) or label(first(record, CASE_ID, "external_id", "id", "_server_id"))
    return name or name_from(_fields(record))


def _responses(record: Mapping[str, Json]) -> list[tuple[str, dict[str, Json], str]]:
    """Return who answered, what to which question, and in which state."""
    held = decoded(record.get("responses"))
    if isinstance(held, list):
        return [_first_generation(each) for each in objects(held)]
    by_question = held if isinstance(held, dict) else {}
    if not by_question:
        by_question = _flat_responses(record)
    people: dict[str, tuple[dict[str, Json], str]] = {}
    for question, answers in by_question.items():
        for number_, answer in enumerate(objects(answers)):
            who = label(first(answer, "user_id", "user")) or f"annotator {number_ + 1}"
            status = label(answer.get("status")) or ""
            people.setdefault(who, ({}, status))[0][question] = answer.get("value")
    return [(who, answers, status) for who, (answers, status) in people.items()]


def _first_generation(response: Mapping[str, Json]) -> tuple[str, dict[str, Json], str]:
    values = response.get("values")
    answers = {
        name: each.get("value") if isinstance(each, dict) else each
        for name, each in (values.items() if isinstance(values, dict) else ())
    }
    who = label(response.get("user_id")) or "unnamed annotator"
    return who, answers, label(response.get("status")) or ""


def _flat_responses(record: Mapping[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, value in record.items():
        answers = decoded(value)
        if not name.endswith(_RESPONSES) or not isinstance(answers, list):
            continue
        users = _as_list(record.get(f"{name}.users"))
        states = _as_list(record.get(f"{name}.status"))
        found[name.removesuffix(_RESPONSES)] = [
            {
                "value": answer,
                "user_id": users[index] if index < len(users) else None,
                "status": states[index] if index < len(states) else None,
            }
            for index, answer in enumerate(answers)
        ]
    return found


def _as_list(value: Json) -> list[Json]:
    found = decoded(value)
    return found if isinstance(found, list) else []


def _suggestions(record: Mapping[str, Json]) -> dict[str, Suggestion]:
    held = decoded(record.get("suggestions"))
    found: dict[str, Suggestion] = {}
    if isinstance(held, dict):
        for name, each in held.items():
            if isinstance(each, dict) and each.get("value") is not None:
                found[name] = _suggestion(each)
    for each in objects(held):
        name = label(first(each, "question_name", "question"))
        if name is not None and each.get("value") is not None:
            found[name] = _suggestion(each)
    for name, value in record.items():
        if name.endswith(_SUGGESTION) and value not in (None, ""):
            about = {
                "value": value,
                "agent": record.get(f"{name}.agent"),
                "score": record.get(f"{name}.score"),
            }
            found[name.removesuffix(_SUGGESTION)] = _suggestion(about)
    return found


def _suggestion(held: Mapping[str, Json]) -> Suggestion:
    sure = number(held.get("score"))
    by = label(held.get("agent")) or "unnamed model"
    return Suggestion(value=held.get("value"), by=by, score=sure if sure is not None and sure <= 1 else None)


def _fields(record: Mapping[str, Json]) -> dict[str, Json]:
    held = decoded(record.get("fields"))
    if isinstance(held, dict):
        return {name: value for name, value in held.items() if value is not None}
    marks = (_RESPONSES, _SUGGESTION)
    return {
        name: value
        for name, value in record.items()
        if name not in _OWN and not any(mark in name for mark in marks) and not name.startswith("metadata.")
        if value is not None and name != CASE_ID
    }


def _read(value: Json) -> Iterator[Found]:
    record = as_object(value)
    name = _case_name(record)
    fields = _fields(record)
    if not fields:
        message = "the record has no fields"
        raise MappingError(message, ("fields",))
    only = next(iter(fields.values())) if len(fields) == 1 else None
    notes: list[NotCarried] = []
    made = input_of(only if isinstance(only, str | list) else fields, ("fields",), notes)
    found = [each for each in _labels(record) if isinstance(each, Label)]
    answers = {canonical(each.value): each.value for each in found if each.kind == "human"}
    reference = next(iter(answers.values())) if len(answers) == 1 else None
    yield Case(id=name, input=made, reference=reference, origin="expert")
    if len(answers) > 1:
        why = "annotators disagree: take them in with `passmuster corpus label import` and settle them"
        yield NotCarried("labels", why, name)
    if any(each.kind == "machine" for each in found):
        yield NotCarried("suggestions", "a machine's labels are no references", name)
    yield from (note._replace(where=name) for note in notes)


def _task(case: Case, question: Question, suggestion: Suggestion | None) -> dict[str, Json]:
    given: dict[str, Json] = {}
    if suggestion is not None:
        said: dict[str, Json] = {"value": suggestion.value, "agent": suggestion.by}
        if suggestion.score is not None:
            said["score"] = suggestion.score
        given[question.name] = said
    return {
        "id": case.id,
        "fields": dict(shown_fields(case)),
        "metadata": {CASE_ID: case.id},
        "suggestions": given,
        "responses": {},
    }


def _setup(question: Question, fields: Sequence[str]) -> tuple[str, str]:
    kind = "MultiLabelQuestion" if question.several else "LabelQuestion"
    asks = f"rg.{kind}(name={question.name!r}, title={question.title!r}, labels={list(question.labels)!r})"
    if not question.labels:
        asks = f"rg.TextQuestion(name={question.name!r}, title={question.title!r})"
    shown = ", ".join(f"rg.TextField(name={name!r})" for name in fields or ("text",))
    lines = [
        '"""Settings of an Argilla dataset for these tasks; log the records of the file with `dataset.records.log`."""',
        "",
        "import argilla as rg",
        "",
        "settings = rg.Settings(",
        f"    guidelines={question.guidelines!r},",
        f"    fields=[{shown}],",
        f"    questions=[{asks}],",
        f"    metadata=[rg.TermsMetadataProperty(name={CASE_ID!r})],",
        ")",
        "",
    ]
    return "argilla_settings.py", "\n".join(lines)


ARGILLA = Format(
    name="argilla",
    title="Argilla records",
    kind="cases",
    suffixes=(".json", ".jsonl", ".csv", ".parquet"),
    recognise=_recognise,
    read=_read,
)
ARGILLA_EXCHANGE = Exchange(
    name="argilla",
    title="Argilla",
    recognise=_recognise,
    labels=_labels,
    task=_task,
    setup=_setup,
)
