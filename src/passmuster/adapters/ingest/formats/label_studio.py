"""Label Studio: its JSON export, its flat exports, and tasks with pre-annotations."""

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from passmuster.adapters.ingest.formats.chats import input_of
from passmuster.adapters.ingest.formats.exchange import CASE_ID, Exchange, Question, Suggestion, shown_fields
from passmuster.adapters.ingest.formats.fields import (
    as_object,
    decoded,
    first,
    label,
    moment,
    name_from,
    number,
    objects,
    sayable,
    tags,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried
from passmuster.records.case import Case
from passmuster.records.digest import canonical
from passmuster.records.label import Label
from passmuster.records.record import Json

_FLAT = frozenset({"annotation_id", "annotator", "lead_time"})
_AFTER = (*sorted(_FLAT), "created_at", "updated_at", "annotations", "predictions", "meta", "agreement")
_TEXTS = ("text", "prompt", "question", "query", "input", "dialogue", "messages")
_DATA = "$"


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if isinstance(value.get("data"), dict) and isinstance(
            value.get("annotations", value.get("completions")), list
        ):
            return "its tasks hold `data` and `annotations`"
        if value.keys() >= _FLAT:
            return "its rows hold `annotation_id`, `annotator` and `lead_time`"
    return None


def _labels(value: Json, question: str | None = None) -> Iterator[Label | NotCarried]:
    task = as_object(value)
    if task.keys() >= _FLAT:
        yield _flat_label(task, question)
        return
    data = as_object(task.get("data"), ("data",))
    case = _case_name(data, task)
    predictions = objects(task.get("predictions"))
    for index, annotation in enumerate(objects(task.get("annotations", task.get("completions")))):
        if annotation.get("was_cancelled"):
            who = _who(annotation.get("completed_by"))
            yield Label(
                case=case, value=None, annotator=who, kind="human", time=_time(annotation), note="skipped"
            )
            continue
        found = _answered(annotation, question, ("annotations", index))
        if found is not None:
            yield Label(
                case=case,
                value=found,
                annotator=_who(annotation.get("completed_by")),
                kind="human",
                time=_time(annotation),
                saw=_seen(predictions),
            )
        else:
            yield NotCarried("empty annotations", "nothing was answered in them", case)
    for index, prediction in enumerate(predictions):
        found = _answered(prediction, question, ("predictions", index))
        if found is not None:
            sure = number(prediction.get("score"))
            yield Label(
                case=case,
                value=found,
                annotator=label(prediction.get("model_version")) or "unnamed model",
                kind="machine",
                time=_time(prediction),
                confidence=sure if sure is not None and sure <= 1 else None,
            )


def _case_name(data: Mapping[str, Json], task: Mapping[str, Json]) -> str:
    name = label(first(data, CASE_ID, "id")) or label(task.get("id"))
    return name or name_from(dict(data))


def _who(completed: Json) -> str:
    if isinstance(completed, dict):
        completed = first(completed, "email", "username", "id")
    return label(completed) or "unnamed annotator"


def _time(holder: Mapping[str, Json]) -> float | None:
    return moment(first(holder, "created_at", "updated_at"), ("created_at",))


def _seen(predictions: Sequence[Mapping[str, Json]]) -> str | None:
    """Return whose suggestion was in sight."""
    return (label(predictions[0].get("model_version")) or "unnamed model") if predictions else None


def _answered(holder: Mapping[str, Json], question: str | None, steps: tuple[str, int]) -> Json:
    """Return what was answered to the question; to all of them by name, where there are several and none is meant."""
    by_name: dict[str, list[Json]] = {}
    for index, result in enumerate(objects(holder.get("result"))):
        name = label(result.get("from_name"))
        if name is None or result.get("type") == "relation":
            continue
        place = (*steps, "result", index, "value")
        value = as_object(sayable(result.get("value"), place), place)
        by_name.setdefault(name, []).append(_value(value, label(result.get("type")) or ""))
    if question is not None:
        return _single(by_name[question]) if question in by_name else None
    if len(by_name) > 1:
        return {name: _single(found) for name, found in by_name.items()}
    return next((_single(found) for found in by_name.values()), None)


def _single(found: list[Json]) -> Json:
    return found[0] if len(found) == 1 and not _is_span(found[0]) else found


def _is_span(value: Json) -> bool:
    return isinstance(value, dict) and "labels" in value


def _value(value: Mapping[str, Json], kind: str) -> Json:
    """Return an answer plainly: a choice as its text, a rating as its number, a span as an object."""
    if kind == "labels" or ("start" in value and "labels" in value):
        kept = ("start", "end", "text", "labels")
        return {name: value[name] for name in kept if name in value}
    taxonomy = value.get("taxonomy")
    if isinstance(taxonomy, list):
        paths = [" / ".join(map(str, path)) for path in taxonomy if isinstance(path, list)]
        return paths[0] if len(paths) == 1 else paths
    held = value.get(kind, next(iter(value.values()), None) if len(value) == 1 else dict(value))
    return held[0] if isinstance(held, list) and len(held) == 1 else held


def _flat_label(row: Mapping[str, Json], question: str | None) -> Label:
    controls = _controls(row)
    names = [question] if question in controls else controls
    if not names:
        message = "no column holds a label: name it (columns before `annotator` and after `id` are looked at)"
        raise MappingError(message)
    answers = {name: _flat_value(sayable(row[name], (name,))) for name in names}
    return Label(
        case=label(first(row, CASE_ID)) or label(row.get("id")) or name_from(dict(row)),
        value=answers[names[0]] if len(names) == 1 else answers,
        annotator=label(row.get("annotator")) or "unnamed annotator",
        kind="human",
        time=_time(row),
    )


def _controls(row: Mapping[str, Json]) -> list[str]:
    """Return the columns that hold answers: those between the task's `id` and its `annotator`."""
    names = list(row)
    start = names.index("id") + 1 if "id" in names else 0
    end = names.index("annotator")
    between = [name for name in names[start:end] if name not in _AFTER]
    after = [name for name in names[max(start, end) :] if name not in _AFTER]
    return between or after


def _flat_value(value: Json) -> Json:
    found = decoded(value)
    if isinstance(found, dict):
        return _value(found, "choices" if "choices" in found else "")
    if isinstance(found, list) and len(found) == 1 and not isinstance(found[0], dict):
        return found[0]
    return found


def _read(value: Json) -> Iterator[Found]:
    task = as_object(value)
    flat = task.keys() >= _FLAT
    controls = _controls(task) if flat else []
    kept = {name: each for name, each in task.items() if name not in {*controls, *_AFTER, "id"}}
    data = kept if flat else as_object(task.get("data"), ("data",))
    name = label(first(data, CASE_ID)) or label(task.get("id")) or _case_name(data, task)
    asks = {key: each for key, each in data.items() if key not in {CASE_ID, "id", "reference"}}
    notes: list[NotCarried] = []
    texts = [key for key in _TEXTS if isinstance(asks.get(key), str | list)]
    given = asks[texts[0]] if len(texts) == 1 and len(asks) == 1 else asks
    made = input_of(given, ("data",), notes)
    labels = [each for each in _labels(task) if isinstance(each, Label) and each.kind == "human"]
    reference, why = _agreed(task, labels)
    yield Case(id=name, input=made, reference=reference, origin="expert", tags=tags(data.get("tags")))
    if why:
        yield NotCarried("labels", why, name)
    if any(each for each in objects(task.get("predictions"))):
        yield NotCarried("predictions", "a machine's labels are no references", name)
    yield from (note._replace(where=name) for note in notes)


def _agreed(task: Mapping[str, Json], labels: Sequence[Label]) -> tuple[Json, str]:
    """Return the reference: the annotation marked as ground truth, or what all annotators say; else why there is none."""
    for index, annotation in enumerate(objects(task.get("annotations"))):
        if annotation.get("ground_truth"):
            return _answered(annotation, None, ("annotations", index)), ""
    answers = {canonical(each.value): each.value for each in labels if each.value is not None}
    if len(answers) == 1:
        return next(iter(answers.values())), ""
    disagree = "annotators disagree: take them in with `passmuster corpus label import` and settle them"
    return None, disagree if answers else ""


def _task(case: Case, question: Question, suggestion: Suggestion | None) -> dict[str, Json]:
    task: dict[str, Json] = {"data": {**shown_fields(case), CASE_ID: case.id}}
    if suggestion is not None:
        result = {
            "from_name": question.name,
            "to_name": next(iter(shown_fields(case)), "text"),
            "type": "choices" if question.labels else "textarea",
            "value": _written(suggestion.value, question),
        }
        predicted: dict[str, Json] = {"model_version": suggestion.by, "result": [result]}
        if suggestion.score is not None:
            predicted["score"] = suggestion.score
        task["predictions"] = [predicted]
    return task


def _written(value: Json, question: Question) -> dict[str, Json]:
    members = list(value) if isinstance(value, list | tuple) else [value]
    said = [each if isinstance(each, str) else canonical(each).decode() for each in members]
    return {"choices": said} if question.labels else {"text": said}


def _setup(question: Question, fields: Sequence[str]) -> tuple[str, str]:
    shown = [
        f"  <Text name={quoteattr(name)} value={quoteattr(_DATA + name)}/>" for name in fields or ("text",)
    ]
    to = quoteattr((fields or ("text",))[0])
    choice = "multiple" if question.several else "single"
    asks = [
        f'  <Choices name={quoteattr(question.name)} toName={to} choice={quoteattr(choice)} required="true">',
        *(f"    <Choice value={quoteattr(each)}/>" for each in question.labels),
        "  </Choices>",
    ]
    if not question.labels:
        asks = [f'  <TextArea name={quoteattr(question.name)} toName={to} required="true"/>']
    head = f"  <Header value={quoteattr(question.title)}/>"
    notes = [f"  <!-- {escape(question.guidelines).replace('--', '- -')} -->"] if question.guidelines else []
    return "label_studio.xml", "\n".join(["<View>", head, *notes, *shown, *asks, "</View>", ""])


LABEL_STUDIO = Format(
    name="label-studio",
    title="Label Studio tasks with annotations",
    kind="cases",
    suffixes=(".json", ".csv", ".jsonl"),
    recognise=_recognise,
    read=_read,
)
LABEL_STUDIO_EXCHANGE = Exchange(
    name="label-studio",
    title="Label Studio",
    recognise=_recognise,
    labels=_labels,
    task=_task,
    setup=_setup,
)
