"""All formats, in the order in which they are tried, and the values of files that are no list of lines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from passmuster.adapters.ingest.formats.argilla import ARGILLA
from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.adapters.ingest.formats.format import Format, Guess, Value
from passmuster.adapters.ingest.formats.inspect_log import ENDING, INSPECT, inspect_rows
from passmuster.adapters.ingest.formats.label_studio import LABEL_STUDIO
from passmuster.adapters.ingest.formats.langfuse import LANGFUSE
from passmuster.adapters.ingest.formats.litellm import LITELLM
from passmuster.adapters.ingest.formats.openai_batch import OPENAI_BATCH
from passmuster.adapters.ingest.formats.openai_chat import OPENAI_CHAT
from passmuster.adapters.ingest.formats.openai_evals import OPENAI_EVALS
from passmuster.adapters.ingest.formats.openai_tuning import OPENAI_FINE_TUNE
from passmuster.adapters.ingest.formats.otlp import OTLP
from passmuster.adapters.ingest.formats.phoenix import PHOENIX
from passmuster.adapters.ingest.formats.promptfoo import PROMPTFOO
from passmuster.adapters.ingest.formats.yaml_text import yaml_values
from passmuster.adapters.ingest.tabular import Bad
from passmuster.records.record import Json

FORMATS: tuple[Format, ...] = (
    OTLP,
    PHOENIX,
    LITELLM,
    LANGFUSE,
    LABEL_STUDIO,
    ARGILLA,
    PROMPTFOO,
    INSPECT,
    OPENAI_BATCH,
    OPENAI_EVALS,
    OPENAI_FINE_TUNE,
    OPENAI_CHAT,
)
"""Narrow ones first: a format that takes much is asked after those that take little."""


def recognised(sample: Sequence[Json], name: str) -> Guess | None:
    """Return the format that the first values of a file have, and why; None where none fits.

    Formats whose files usually end like this one are tried first.

    Args:
        sample: The first values of the file, some 20 of them.
        name: The file's name.
    """
    lower = name.lower()
    for form in sorted(FORMATS, key=lambda form: not lower.endswith(form.suffixes)):
        why = form.recognise(sample)
        if why is not None:
            return Guess(form, why)
    return None


def recognised_folder(path: Path) -> Guess | None:
    """Return the format that a folder has, and why; None where none fits."""
    for form in FORMATS:
        why = None if form.recognise_folder is None else form.recognise_folder(path)
        if why is not None:
            return Guess(form, why)
    return None


def format_named(name: str) -> Format | None:
    """Return the format of this name.

    Example:
        >>> format_named("otlp") is OTLP, format_named("morse")
        (True, None)
    """
    return next((form for form in FORMATS if form.name == name), None)


def values(path: Path, form: Format | None = None) -> Iterator[Value | Bad] | None:
    """Return the values of a folder or a document, None for a file that is a list of lines (`.jsonl`, `.csv`, tables).

    Args:
        path: The file or folder.
        form: Its format, once it is recognised: a folder has values only then, and a document that names other
            files has those of them too.

    Raises:
        CorpusError: from the iterator, where the file is wrong.
    """
    name = path.name.lower()
    reader = next((read for endings, read in _DOCUMENTS.items() if name.endswith(endings)), None)
    if form is not None and form.rows is not None and (reader is not None or path.is_dir()):
        return form.rows(path)
    return None if reader is None else reader(path)


_DOCUMENTS: Mapping[tuple[str, ...], Callable[[Path], Iterator[Value]]] = {
    (".json", ".json.gz"): json_values,
    (".yaml", ".yml"): yaml_values,
    (ENDING,): inspect_rows,
}
"""What reads a document, by its ending."""
