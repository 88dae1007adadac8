"""The calls that contamination is looked for with: ordinary runs, cached, priced and budgeted like all others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from passmuster.ports import Progress
from passmuster.project.asking import SideRun, run_beside
from passmuster.project.load import Project
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.run import RunEnd
from passmuster.runner.plan import plan
from passmuster.workflows import estimate as estimating
from passmuster.workflows import run as running
from passmuster.workflows.estimate import Estimate

LONGEST_ANSWER = 1024
"""Tokens of an answer where a candidate sets a limit of its own: one for a label would cut off half a text."""

_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_OF_TASK = frozenset(
    {
        "response_format",
        "text",
        "tools",
        "tool_choice",
        "functions",
        "function_call",
        "stop",
        "stop_sequences",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "n",
    }
)
_MODELS = frozenset({"openai", "anthropic", "litellm"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Cases for some candidates: with their own prompts, or `plain`: without prompt and form of the answer."""

    label: str
    candidates: tuple[Candidate, ...]
    cases: Sequence[Case]
    plain: bool

    @property
    def asked(self) -> tuple[Candidate, ...]:
        """The candidates as they are asked, each once."""
        changed = (plain(each) if self.plain else each for each in self.candidates)
        return tuple({candidate_digest(each): each for each in changed}.values())


def plain(candidate: Candidate) -> Candidate:
    """Return a candidate without its prompt, and without what its parameters say of the form of an answer.

    A pipeline or program keeps its parameters: they are told to it, and no model is given them as they stand.

    Example:
        >>> asked = Candidate(name="a", provider="openai", parameters={"max_tokens": 5, "stop": ["x"], "seed": 1})
        >>> dict(plain(asked).parameters)
        {'max_tokens': 1024, 'seed': 1}
    """
    if candidate.provider not in _MODELS:
        return replace(candidate, prompt=None)
    kept = {name: value for name, value in candidate.parameters.items() if name not in _OF_TASK}
    return replace(
        candidate,
        prompt=None,
        parameters={name: LONGEST_ANSWER if name in _LIMITS else value for name, value in kept.items()},
    )


def estimate(project: Project, jobs: Iterable[Job]) -> Estimate:
    """Return what these jobs would cost together; no model is called.

    Raises:
        StoreError: where the store cannot be read.
    """
    with project.store() as store:
        lanes, history = [], {}
        for job in jobs:
            whole = plan(job.cases, job.asked)
            done = store.done(whole.candidates)
            for key, candidate in whole.candidates.items():
                history[key] = store.trials([key], newest_first=True)
                lanes.append(
                    (candidate, [ask for ask in running.receivable(whole, key) if ask.key not in done])
                )
        return estimating.estimate(lanes, history)


def ask(project: Project, job: Job, budget: float | None, progress: Progress) -> RunEnd:
    """Make the calls of a job that are not stored yet, as a run of its own under the task's name and the job's.

    Raises:
        MissingSecretError: where a key is not set.
        StoreError: where the store cannot be written.
    """
    side = SideRun(
        label=job.label,
        names=tuple(candidate.name for candidate in job.candidates),
        cases=job.cases,
        asked_as=plain if job.plain else None,
        budget=budget,
    )
    return run_beside(project, side, progress)
