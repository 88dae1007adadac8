"""References of a project: a candidate frozen as a file, and the newest of these files."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from passmuster import __version__
from passmuster.adapters.ingest.references import read_reference
from passmuster.errors import UsageError
from passmuster.metrics.two_steps import AskingMetric, ComparingMetric, scorers_of
from passmuster.project.api import candidate_files, generated, question_of, stored_trials
from passmuster.project.load import Project
from passmuster.project.names import check_names
from passmuster.project.opening import secret_values
from passmuster.project.own_metrics import code_of
from passmuster.project.yaml import Data
from passmuster.project.yaml import Path as Keys
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.digest import digest
from passmuster.records.reference import REFERENCE_VERSION, SHORT, FrozenMetric, Reference
from passmuster.workflows.freeze import baseline_name, write_reference
from passmuster.workflows.frozen_trials import frozen_trials
from passmuster.workflows.scoring import unsettled

_FILE = re.compile(r"baseline_\d{8}(?:_.+)?\.json")
"""What the files are called."""

_HIDDEN = "(hidden)"

T = TypeVar("T")


def freeze(project: Project, name: str | None = None, *, replies: bool = False) -> Path:
    """Freeze a candidate's results as `baseline_<YYYYMMDD>.json` in the reports folder; return the path.

    Args:
        project: The project.
        name: Which candidate; default: the incumbent. The name of another one stands in the file's name.
        replies: Whether the file also keeps what was replied: metrics can then be applied to it again.

    Raises:
        UsageError: where there is no incumbent or no such candidate, or it has no trials yet.
        IncompleteError: where no candidate has any.
    """
    return write(project, reference_of(project, wanted(project, name), replies=replies))


def wanted(project: Project, name: str | None) -> str:
    """Return whose results are frozen: those of the candidate that is named, else the incumbent's.

    Raises:
        UsageError: where there is no such candidate, or no incumbent.
    """
    found = project.task.incumbent if name is None else name
    if found is None:
        raise UsageError(
            "there is no incumbent to freeze",
            hint="name it in passmuster.yaml: incumbent: NAME OF A CANDIDATE. Or name a candidate: passmuster baseline NAME",
        )
    check_names(project, [found])
    return found


def write(project: Project, reference: Reference) -> Path:
    """Write a reference into the reports folder under its day, and return the path.

    Raises:
        UsageError: where the candidate has no trials yet, or the file cannot be written.
    """
    today, name = reference.generated[:10].replace("-", ""), reference.definition.name
    other = None if name == project.task.incumbent else name
    return write_reference(reference, project.reports_dir / baseline_name(today, other))


def cautions(project: Project, reference: Reference) -> list[str]:
    """Return what somebody should know before a reference is committed: failures in it, and cases that it lacks."""
    failed = sum(trial.failure is not None for trial in reference.trials)
    planned = len(project.corpus().cases) * project.task.repeats
    told = []
    if failed:
        told.append(
            f"{failed:,} of its {len(reference.trials):,} trials failed, and a change will be held against these failures. "
            "To ask them again first: passmuster run --retry-failures"
        )
    if len(reference.trials) < planned:
        told.append(f"It holds {len(reference.trials):,} of {planned:,} trials: the rest was not asked.")
    return told


def reference_of(project: Project, name: str, *, replies: bool = False) -> Reference:
    """Return a candidate with its stored trials, as they are frozen.

    Raises:
        IncompleteError: where no candidate has a trial yet.
    """
    candidate = next(each for each in project.candidates if each.name == name)
    file = next(each for each in candidate_files(project) if each.candidate.name == name)
    trials = stored_trials(project, [candidate])(())
    return Reference(
        schema_version=REFERENCE_VERSION,
        task=file.task,
        generated=generated(project),
        passmuster=__version__,
        digest=candidate_digest(candidate),
        definition=_without_secrets(candidate, project),
        repeats=project.task.repeats,
        corpus=file.corpus,
        metrics=file.metrics,
        candidate=_without_secrets(file.candidate, project),
        scored_by=frozen_metrics(project),
        trials=tuple(frozen_trials(question_of(project), candidate, trials, replies=replies)),
    )


def definition_of(project: Project, reference: Reference) -> Candidate | None:
    """Return the candidate that was frozen, as it can be asked again; None where the file misses something of it.

    What environment variables filled in stands in the file as the project file has it, so it is filled in as today. It
    is the same candidate only where that gives its digest.
    """
    if reference.is_whole:
        return reference.definition
    today = {written: value for value, written in _filled(project).items()}
    for strip in (False, True):
        values = {written: value.rstrip("/") if strip else value for written, value in today.items()}
        found = _cleaned(reference.definition, values, ())
        if candidate_digest(found) == reference.digest:
            return found
    return None


def frozen_metrics(project: Project) -> tuple[FrozenMetric, ...]:
    """Return what scores trials in this project: metrics with their versions, options, code and judges."""
    found = []
    for spec, metric in zip(project.task.metrics, project.metrics(), strict=True):
        inner = unsettled(metric)
        asks = scorers_of(inner) if isinstance(inner, AskingMetric | ComparingMetric) else ()
        content = {
            "options": spec.options,
            "asks": {name: candidate_digest(project.scorer(name)) for name in asks},
            "code": _code(code_of(spec.kind, project.folder)),
        }
        found.append(
            FrozenMetric(
                name=metric.name,
                kind=spec.kind,
                version=metric.version,
                options=digest({key: value for key, value in content.items() if value})[:SHORT],
                direction=metric.direction,
            )
        )
    return tuple(found)


def newest_baseline(project: Project, name: str) -> tuple[Path, Reference] | None:
    """Return the newest reference of a candidate in the reports folder, by when it was frozen; None where there is none.

    Files of other tasks and other candidates are passed over.

    Raises:
        RecordingError: where a file cannot be read: it may be the newest one, and an older one must not take its place.
    """
    found = [(path, read_reference(path)) for path in _files(project.reports_dir)]
    mine = [
        (path, each)
        for path, each in found
        if each.task == project.task.name and each.definition.name == name
    ]
    return max(mine, key=lambda pair: (pair[1].generated, pair[0].name), default=None)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.glob("baseline_*.json") if _FILE.fullmatch(path.name))


def _code(found: Path | str | None) -> str | None:
    """Return the digest of a user's metric: another code is another metric, whatever version it says."""
    if found is None or isinstance(found, str):
        return found
    try:
        return hashlib.sha256(found.read_bytes()).hexdigest()[:SHORT]
    except OSError:
        return None


def _without_secrets(found: T, project: Project) -> T:
    """Return a record as it may be committed: what the environment filled in stands as the project file has it.

    Names and models stay: they are no secrets, and a change of them is what a gate is there for.
    """
    filled = _filled(project)
    filled |= {value.rstrip("/"): written for value, written in filled.items()}
    hidden = secret_values(project.document, project.environment)
    return _cleaned(found, filled, hidden)


def _filled(project: Project) -> dict[str, str]:
    """Return what the environment filled in, with what stands there in the project file; no names and models."""
    return {
        str(value): written
        for path, written in project.document.written.items()
        if path[-1:] not in (("model",), ("name",))
        and (value := _at(project.document.data, path)) not in (None, "")
    }


def _at(data: Data, path: Keys) -> object:
    found: Any = data
    for key in path:
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _cleaned(value: T, filled: Mapping[str, str], hidden: tuple[str, ...]) -> T:
    made: Any = value
    if is_dataclass(made) and not isinstance(made, type):
        inner: dict[str, Any] = {each.name: getattr(made, each.name) for each in fields(made)}
        made = replace(made, **{name: _cleaned(item, filled, hidden) for name, item in inner.items()})
    elif isinstance(made, str):
        made = filled.get(made, made)
        for secret in hidden:
            made = made.replace(secret, _HIDDEN)
    elif isinstance(made, Mapping):
        made = {key: _cleaned(item, filled, hidden) for key, item in made.items()}
    elif isinstance(made, list | tuple):
        made = type(made)(_cleaned(item, filled, hidden) for item in made)
    found: T = made
    return found
