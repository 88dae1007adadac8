"""All formats, in the order in which they are tried."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.adapters.ingest.formats.format import Format, Guess, Value
from passmuster.adapters.ingest.formats.openai_tuning import OPENAI_FINE_TUNE
from passmuster.records.record import Json

FORMATS: tuple[Format, ...] = (OPENAI_FINE_TUNE,)
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


def values(path: Path) -> Iterator[Value] | None:
    """Return the values of a file that is no list of lines, None where it is one (`.jsonl`, `.csv`, tables).

    A format whose `rows` is set reads its own file better, once it is recognised.

    Raises:
        CorpusError: from the iterator, where the file is wrong.
    """
    name = path.name.lower()
    if name.endswith((".json", ".json.gz")):
        return json_values(path)
    return None
