"""What `run` and `baseline` leave in the reports folder: one committed file per candidate, and the reference."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.records.comparison import CandidateFile
from passmuster.records.reference import Reference
from passmuster.workflows.reference_text import reference_text
from passmuster.workflows.report_names import candidate_file, file_stem


def write_candidates(files: Iterable[CandidateFile], folder: Path) -> list[Path]:
    """Write `candidate_<name>.json` for every candidate that has trials, and return the paths.

    Raises:
        UsageError: where a file cannot be written.
    """
    written = []
    for file in files:
        if file.candidate.n:
            path = folder / candidate_file(file.candidate.name)
            _write(path, f"{json.dumps(asdict(file), indent=2, ensure_ascii=False, allow_nan=False)}\n")
            written.append(path)
    return written


def baseline_name(date: str, candidate: str | None = None) -> str:
    """Return the name of a reference file: of the incumbent by its day, of another candidate with its name.

    Example:
        >>> baseline_name("20261122"), baseline_name("20261122", "gpt-4o/terse")
        ('baseline_20261122.json', 'baseline_20261122_gpt-4o-terse.json')
    """
    return f"baseline_{date}.json" if candidate is None else f"baseline_{date}_{file_stem(candidate)}.json"


def write_reference(reference: Reference, path: Path) -> Path:
    """Write a reference and return the path; a file of the same day is written over.

    Raises:
        UsageError: where the candidate has no trials yet, or the file cannot be written.
    """
    name = reference.definition.name
    if not reference.trials:
        raise UsageError(
            f"the candidate {name} has no trials yet", hint=f"Run it first: passmuster run --only {name}"
        )
    _write(path, reference_text(reference))
    return path


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
    except OSError as error:
        raise UsageError(
            f"the report {path} cannot be written: {error.strerror}",
            hint="What was asked is stored. Make room or set `reports:`, and give the same command again.",
        ) from None
