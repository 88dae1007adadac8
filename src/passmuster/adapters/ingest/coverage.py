"""What drift last said of a corpus's coverage, beside its cases."""

import json
from dataclasses import asdict

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.files.lines import write_lines
from passmuster.adapters.ingest.folder import CorpusFolder
from passmuster.records.corpus import Coverage

LARGEST = 100_000
"""Bytes that are read of the file."""

_COVERAGE: TypeAdapter[Coverage] = TypeAdapter(Coverage)


def write_coverage(folder: CorpusFolder, found: Coverage) -> None:
    """Keep what was found, in place of what was found before.

    Raises:
        CorpusError: where it cannot be written.
    """
    write_lines(folder.coverage, [json.dumps(asdict(found), ensure_ascii=False)])


def read_coverage(folder: CorpusFolder) -> Coverage | None:
    """Return what was last found; None where drift was never looked for, or the file holds something else."""
    try:
        with folder.coverage.open("rb") as stream:
            return _COVERAGE.validate_json(stream.read(LARGEST))
    except (OSError, ValidationError):
        return None
