"""What `run` and `baseline` leave in the reports folder: one committed file per candidate, and the reference."""

import json
import re
from dataclasses import asdict
from pathlib import Path

from passmuster.errors import UsageError
from passmuster.records.comparison import CandidateReport, Comparison

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def candidate_file(name: str) -> str:
    """Return the file name of a candidate's report; anything but letters, digits and `._-` becomes `-`.

    Example:
        >>> candidate_file("gpt-4o/terse prompt")
        'candidate_gpt-4o-terse-prompt.json'
    """
    return f"candidate_{UNSAFE.sub('-', name)}.json"


def write_candidates(comparison: Comparison, folder: Path) -> list[Path]:
    """Write `candidate_<name>.json` for every candidate that has trials, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for report in comparison.candidates:
        if report.n:
            path = folder / candidate_file(report.name)
            _write(path, comparison, report)
            written.append(path)
    return written


def freeze_incumbent(comparison: Comparison, folder: Path, date: str) -> Path:
    """Freeze the incumbent's results as `baseline_<YYYYMMDD>.json` and return its path.

    Raises:
        UsageError: where there is no incumbent, or it has no trials yet.
    """
    name = comparison.incumbent
    if name is None:
        raise UsageError(
            "there is no incumbent to freeze",
            hint="name it in passmuster.yaml: incumbent: NAME OF A CANDIDATE",
        )
    report = next((item for item in comparison.candidates if item.name == name), None)
    if report is None or not report.n:
        raise UsageError(f"the incumbent {name} has no trials yet", hint="run it first: passmuster run")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"baseline_{date}.json"
    _write(path, comparison, report)
    return path


def _write(path: Path, comparison: Comparison, report: CandidateReport) -> None:
    content = {
        "schema_version": comparison.schema_version,
        "task": comparison.task,
        "generated": comparison.generated,
        "corpus": asdict(comparison.corpus),
        "metrics": [asdict(metric) for metric in comparison.metrics],
        "candidate": asdict(report),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(f"{text}\n", encoding="utf-8")
