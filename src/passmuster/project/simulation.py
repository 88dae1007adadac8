"""What `passmuster simulate` serves: a project's recordings, or the endpoints of a file."""

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.providers.replay.provider import Recording
from passmuster.adapters.providers.replay.row import Recorded
from passmuster.adapters.simulator.answers import RecordedReply, prompt_digest
from passmuster.adapters.simulator.judge_truth import Truths
from passmuster.adapters.simulator.judged import task_text
from passmuster.adapters.simulator.loop import run_exactly
from passmuster.adapters.simulator.models import JudgeKnows, SimulatedModel, build_model
from passmuster.adapters.simulator.profiles import (
    Answers,
    ConstantAnswer,
    EndpointProfile,
    JudgeAnswers,
    RecordedAnswers,
)
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.truth import TruthLog
from passmuster.errors import ConfigurationError, PromptError, UsageError
from passmuster.project import yaml
from passmuster.project.endpoints import read_endpoints
from passmuster.project.entries import ReplaySettings
from passmuster.project.load import Project
from passmuster.records.candidate import Prompt
from passmuster.records.case import Case
from passmuster.records.record import Json
from passmuster.runner.plan import pools
from passmuster.runner.prompt import render


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModels:
    """Models to serve, and the seed of their answers and times."""

    models: tuple[SimulatedModel, ...]
    seed: int = 0

    @property
    def names(self) -> list[str]:
        """The names under which they are asked."""
        return [model.name for model in self.models]


def recorded_models(project: Project) -> ServedModels:
    """Return a model for each replay candidate, named like it, that answers with what was recorded.

    The project's cases, rendered with each candidate's prompt, are the questions that it knows.

    Raises:
        UsageError: where the project has no replay candidate.
    """
    entries = [entry for entry in project.settings.candidates if isinstance(entry, ReplaySettings)]
    if not entries:
        raise UsageError(
            "the project has no replay candidate to serve",
            hint="Name a file of endpoints instead: passmuster simulate --endpoints FILE.",
        )
    by_name = {candidate.name: candidate for candidate in project.candidates}
    models = []
    for entry in entries:
        prompt = by_name[entry.name].prompt if entry.name in by_name else None
        profile = EndpointProfile(
            name=entry.name,
            answers=RecordedAnswers(path=entry.path, select=entry.select),
        )
        replies = recorded_replies(
            project.folder / entry.path, entry.select, entry.name, project.corpus().cases, prompt
        )
        models.append(build_model(profile, references={}, recordings=replies))
    return ServedModels(models=tuple(models))


def recorded_replies(
    path: Path, select: str | None, name: str, cases: Sequence[Case], prompt: Prompt | None
) -> dict[str, list[RecordedReply]]:
    """Return what is recorded for each case, by the digest of the conversation that a provider would send.

    Cases with equal input are served in the order in which a run asks for them.
    """
    recording = Recording.read(path)
    outputs = recording.outputs((select or name) if recording.candidates else None)
    found: dict[str, list[RecordedReply]] = {}
    ordered = _in_asking_order(cases)
    rounds = max((len(rows) for rows in outputs.values()), default=0)
    for round_ in range(rounds):
        for case in ordered:
            row = next(iter(outputs.get(case.id, [])[round_ : round_ + 1]), None)
            if row is None or row.output is None:
                continue
            try:
                key = prompt_digest(render(prompt, case))
            except PromptError:
                continue
            found.setdefault(key, []).append(_reply(row, row.output))
    return found


def _reply(row: Recorded, text: str) -> RecordedReply:
    return RecordedReply(
        text=text,
        seconds=row.seconds,
        first_token=row.first_token,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        reasoning_tokens=row.reasoning_tokens,
        cached_tokens=row.cached_tokens,
        confidence=row.confidence,
        finish_reason=row.finish_reason or "stop",
    )


def _in_asking_order(cases: Sequence[Case]) -> list[Case]:
    first = {name: repeat for name, _, repeat in pools(cases)}
    return sorted(cases, key=lambda case: first[case.id])


def endpoint_models(
    path: Path, project: Project | None, environment: Mapping[str, str] | None = None
) -> ServedModels:
    """Return the models of an endpoints file (YAML: `seed`, `endpoints: [...]`).

    Answers by rule are spoilt references of the project's cases; each prompt of the project is known. Constant
    answers, and verdicts of judges, need no project.

    Raises:
        ConfigurationError: for a slip in the file, or for answers that need a project where there is none.
    """
    endpoints, document = read_endpoints(path, os.environ if environment is None else environment)
    known = None if project is None else _Known(project)
    models = []
    for index, profile in enumerate(endpoints.endpoints):
        at: yaml.Path = ("endpoints", index)
        later = None if profile.switch is None else profile.switch.answers
        placed = ((profile.answers, (*at, "answers")), (later, (*at, "switch", "answers")))
        models.append(
            build_model(
                profile,
                references={} if known is None else known.references,
                recordings=_recordings(profile.answers, profile.name, known, document, (*at, "answers")),
                later=_recordings(later, profile.name, known, document, (*at, "switch", "answers")),
                knows=_known_to_judges(placed, known, document),
            )
        )
    return ServedModels(models=tuple(models), seed=endpoints.seed)


class _Known:
    """What a project knows of its prompts."""

    def __init__(self, project: Project) -> None:
        self.cases = project.corpus().cases
        prompts = [candidate.prompt for candidate in project.candidates if candidate.kind == "llm"]
        self.prompts: list[Prompt | None] = list(dict.fromkeys(prompts)) or [None]
        self.references: dict[str, Json] = {
            prompt_digest(render(prompt, case)): case.reference
            for prompt in self.prompts
            for case in self.cases
        }


def _recordings(
    answers: Answers | None, name: str, known: _Known | None, document: yaml.Document, at: yaml.Path
) -> dict[str, list[RecordedReply]]:
    if answers is None or isinstance(answers, ConstantAnswer | JudgeAnswers):
        return {}
    if known is None:
        raise ConfigurationError(
            f"answers of kind {answers.kind!r} belong to the cases of a project, and there is none here",
            place=document.value(at),
            hint="Name its file or folder with --project, or give answers of kind constant.",
        )
    if not isinstance(answers, RecordedAnswers):
        return {}
    file = Path(document.path).parent / answers.path
    if not file.is_file():
        raise ConfigurationError(
            f"the recording {answers.path!r} does not exist", place=document.value((*at, "path"))
        )
    replies: dict[str, list[RecordedReply]] = {}
    for prompt in known.prompts:
        replies |= recorded_replies(file, answers.select, name, known.cases, prompt)
    return replies


def _known_to_judges(
    placed: Iterable[tuple[Answers | None, yaml.Path]], known: _Known | None, document: yaml.Document
) -> JudgeKnows:
    """Return what is true for the judges among these answers.

    Raises:
        ConfigurationError: where a file of truths is missing or broken.
    """
    texts = {} if known is None else {case.id: task_text(case) for case in known.cases}
    truths = {}
    for answers, at in placed:
        if not isinstance(answers, JudgeAnswers) or answers.truth is None:
            continue
        file = Path(document.path).parent / answers.truth
        if not file.is_file():
            raise ConfigurationError(
                f"the file of truths {answers.truth!r} does not exist", place=document.value((*at, "truth"))
            )
        rows = [row.values for row in RowReader(file, ConfigurationError)]
        truths[answers.truth] = Truths(rows, texts)
    cases = () if known is None else known.cases
    references = {texts[case.id]: case.reference for case in cases if case.reference is not None}
    return JudgeKnows(truths=truths, references=references)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where and how models are served: real seconds per simulated second, and the file of the truth."""

    port: int = 0
    time_scale: float = 1.0
    truth: Path | None = None


def serve(served: ServedModels, listening: Listening, started: Callable[[str], None]) -> None:
    """Serve these models on 127.0.0.1 until interrupted; `started` is told the base URL.

    Raises:
        UsageError: where the port is taken, or the file of the truth cannot be written.
    """
    run_exactly(_serve(served, listening, started))


async def _serve(served: ServedModels, listening: Listening, started: Callable[[str], None]) -> None:
    log = TruthLog(listening.truth, keep=False, begun=True)
    simulator = Simulator(served.models, served.seed, time_scale=listening.time_scale, log=log)
    started(await simulator.start(port=listening.port))
    try:
        await asyncio.Event().wait()
    finally:
        await simulator.stop()
