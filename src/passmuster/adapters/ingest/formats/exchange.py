"""What is exchanged with a tool for labelling: tasks that go there, and labels that come back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from passmuster.adapters.ingest.formats.format import NotCarried
from passmuster.records.case import Case, Conversation
from passmuster.records.label import Label
from passmuster.records.record import Json
from passmuster.records.text import input_text

CASE_ID = "case_id"
"""The field of a task that says which case it is."""
QUESTION = "label"
"""What the question to the annotators is called, where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What annotators are asked of every case.

    Attributes:
        name: Its name in the tool.
        labels: What may be answered; empty for a free text.
        title: What is shown above it.
        guidelines: What to keep to.
        several: Whether a case may have several labels.
    """

    name: str = QUESTION
    labels: tuple[str, ...] = ()
    title: str = "What is right for this case?"
    guidelines: str = ""
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A label that is in sight from the start; `by` is the machine that gave it, `score` in [0, 1] how sure it is."""

    value: Json
    by: str
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A tool for labelling.

    Attributes:
        name: As `--format` takes it.
        title: As people call it.
        recognise: Says why the first values of a file are an export of it, None where they are not.
        labels: Yields the labels in one value of an export, with what could not be carried over. Its second
            argument is the name of the question, None where there is only one. Raises `MappingError`.
        task: Returns what the tool is given of a case; a suggestion is marked as a machine's.
        setup: Returns the name and the content of a file that sets the tool up for a question.
        whole: Whether tasks are written as one JSON list, or else a line each.
    """

    name: str
    title: str
    recognise: Callable[[Sequence[Json]], str | None]
    labels: Callable[[Json, str | None], Iterator[Label | NotCarried]]
    task: Callable[[Case, Question, Suggestion | None], dict[str, Json]]
    setup: Callable[[Question, Sequence[str]], tuple[str, str]]
    whole: bool = True


def shown_fields(case: Case) -> Mapping[str, str]:
    """Return what an annotator reads of a case, by field: its text, its named fields, or its turns.

    Example:
        >>> shown_fields(Case(id="1", input={"title": "Late", "stars": 2}))
        {'title': 'Late', 'stars': '2'}
    """
    given = case.input
    if isinstance(given, str):
        return {"text": given}
    if isinstance(given, Conversation):
        system = {} if given.system is None else {"system": given.system}
        return {**system, "text": input_text(given)}
    return {
        name: value if isinstance(value, str) else input_text({name: value})[len(name) + 2 :]
        for name, value in given.items()
    }
