"""Lines of the logs that passmuster writes itself, read back: what is wrong in one is told with its place."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.rows import Row
from passmuster.adapters.ingest.inputs import refuse_unsayable
from passmuster.errors import CorpusError

R = TypeVar("R")


def logged(row: Row, kind: TypeAdapter[R], by: str) -> R:
    """Return the record of a line.

    Args:
        row: The line.
        kind: What it holds.
        by: Who writes the file, in words.

    Raises:
        CorpusError: with the line, where it holds no such record.
    """
    refuse_unsayable(row)
    try:
        return kind.validate_json(row.text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the line"
        raise CorpusError(
            f"{where}: {first['msg']}",
            place=row.place(),
            hint=f"This file is written by {by}; take the line out, or set it right.",
        ) from None
