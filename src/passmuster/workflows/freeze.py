"""What `run` and `baseline` leave in the reports folder: one committed file per candidate, and the reference."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.records.comparison import CandidateFile
from passmuster.workflows.report_names import candidate_file


def write_candidates(files: Iterable[CandidateFile], folder: Path) -> list[Path]:
    """Write `candidate_<name>.json` for every candidate that has trials, and return the paths.

    Raises:
        UsageError: where a file cannot be written.
    """
    written = []
    for file in files:
        if file.candidate.n:
            path = folder / candidate_file(file.candidate.name)
            _write(path, file)
            written.append(path)
    return written


def freeze_incumbent(files: Iterable[CandidateFile], name: str | None, folder: Path, date: str) -> Path:
    """Freeze the incumbent's results as `baseline_<YYYYMMDD>.json` and return its path.

    Raises:
        UsageError: where there is no incumbent, it has no trials yet, or the file cannot be written.
    """
    if name is None:
        raise UsageError(
            "there is no incumbent to freeze",
            hint="name it in passmuster.yaml: incumbent: NAME OF A CANDIDATE",
        )
    file = next((item for item in files if item.candidate.name == name), None)
    if file is None or not file.candidate.n:
        raise UsageError(f"the incumbent {name} has no trials yet", hint="run it first: passmuster run")
    path = folder / f"baseline_{date}.json"
    _write(path, file)
    return path


def _write(path: Path, file: CandidateFile) -> None:
    text = json.dumps(asdict(file), indent=2, ensure_ascii=False, allow_nan=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the report {path} cannot be written: {error.strerror}",
            hint="What was asked is stored. Make room or set `reports:`, and give the same command again.",
        ) from None
