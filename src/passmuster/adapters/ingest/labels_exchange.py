"""Labels from and to tools for labelling, whatever form their files have."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.ingest.formats.exchange import Exchange, Question, Suggestion, shown_fields
from passmuster.adapters.ingest.formats.exchanges import EXCHANGES, recognised_exchange
from passmuster.adapters.ingest.formats.format import MappingError, NotCarried, Value
from passmuster.adapters.ingest.formats.table import values
from passmuster.adapters.ingest.labels import LONGEST_LABEL, LONGEST_NAME
from passmuster.errors import CorpusError, Place
from passmuster.records.case import Case
from passmuster.records.label import Label

TOOLS: tuple[str, ...] = tuple(each.name for each in EXCHANGES)
"""Tools that tasks can be written for, as `--format` takes them."""

_SAMPLE = 20


def read_exchange(path: Path, question: str | None = None) -> Iterator[Label | NotCarried] | None:
    """Return the labels in an export of a tool for labelling, None where the file is none.

    Args:
        path: A file of JSON, JSON lines or CSV.
        question: Whose answers the labels are, where the tool asked several.

    Raises:
        CorpusError: from the iterator too, with the place, where the file or a value in it is wrong.
        SealError: for a holdout.
    """
    refuse_holdout(path)
    listed = _listed(path)
    sample = list(islice(listed, _SAMPLE))
    found = recognised_exchange([each.value for each in sample])
    if found is None:
        if path.name.lower().endswith((".json", ".json.gz")):
            tools = ", ".join(each.title for each in EXCHANGES)
            raise CorpusError(
                "the file is no export that is known",
                place=Place(str(path)),
                hint=f"Known are: {tools}. Else make it CSV or JSON lines with `case` and `label`.",
            )
        return None
    return _labels(path, found[0], chain(sample, listed), question)


def _listed(path: Path) -> Iterator[Value]:
    document = values(path)
    if document is not None:
        return (item for item in document if isinstance(item, Value))
    return (Value(f"line {row.line}", dict(row.values)) for row in RowReader(path, CorpusError, sheet=True))


def _labels(
    path: Path, tool: Exchange, listed: Iterator[Value], question: str | None
) -> Iterator[Label | NotCarried]:
    for where, value in listed:
        try:
            for each in tool.labels(value, question):
                if isinstance(each, Label):
                    _check_size(each)
                yield each
        except MappingError as error:
            raise CorpusError(f"{where}: {error}", place=Place(str(path))) from None


def _check_size(label: Label) -> None:
    if len(json.dumps(label.value)) > LONGEST_LABEL:
        message = f"the label of case {label.case[:100]!r} has more than {LONGEST_LABEL:,} characters"
        raise MappingError(message)
    if len(label.annotator) > LONGEST_NAME or not label.annotator.isprintable():
        message = f"{label.annotator[:LONGEST_NAME]!r} is no name of an annotator"
        raise MappingError(message)


def write_tasks(
    path: Path,
    tool: str,
    cases: Sequence[Case],
    labels: Sequence[str],
    suggested: Mapping[str, Suggestion],
) -> int:
    """Write what a tool is given of these cases, with a file beside that sets it up, and return how many there are.

    Args:
        path: The file of tasks.
        tool: One of `TOOLS`.
        cases: The cases, in the order in which they are to be seen.
        labels: What may be answered; none for a free text.
        suggested: A machine's labels by case; those are in sight.

    Raises:
        CorpusError: where it cannot be written.
    """
    exchange = next(each for each in EXCHANGES if each.name == tool)
    question = Question(labels=tuple(labels))
    tasks = [exchange.task(case, question, suggested.get(case.id)) for case in cases]
    if exchange.whole:
        write_lines(path, [json.dumps(tasks, ensure_ascii=False, indent=1)])
    else:
        write_lines(path, (json.dumps(task, ensure_ascii=False) for task in tasks))
    fields = list(dict.fromkeys(name for case in cases for name in shown_fields(case)))
    name, content = exchange.setup(question, fields)
    write_lines(path.parent / name, content.splitlines())
    return len(tasks)
