"""What is looked up before the readiness checklist is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.failure_mode import FailureMode
from passmuster.records.judged import JudgeReport
from passmuster.records.record import Record
from passmuster.records.task import Task
from passmuster.records.version import FrozenVersion

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFact(Record):
    """A run that asked an LLM candidate: when it began, which cases it served, and the digest of its bars."""

    id: str
    started: float
    corpus: str
    rules: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutFact(Record):
    """What can be proved of a sealed holdout: `broken` findings, and the candidates of each opening."""

    cases: int
    head: str | None
    broken: tuple[str, ...] = ()
    openings: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineFact(Record):
    """The newest baseline file: of which candidate, how old, and whether git has it (None: there is no repository).

    `flaw` is why it cannot be read.
    """

    path: str
    candidate: str = ""
    digest: str = ""
    age_days: float | None = None
    committed: bool | None = None
    flaw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CiFact(Record):
    """A line of a CI configuration that runs an evaluation, and by which tool."""

    path: str
    line: int
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFacts:
    """Everything that the checklist is filled in from.

    `comparison` is None where no trial is stored. `folder` says whether the corpus is a folder, `versions` are its
    frozen states, `labelled` counts the cases that are scored, estimate production and have a reference. `modes` are
    the known failure modes, `guarded` counts the regression cases of each. `runs` are those that asked an LLM
    candidate, oldest first; `rules` is the digest of the bars of today. `records` are the files of recorded decisions,
    the newest last. `judges` are the metrics that ask one, with what is known of each. `traffic` says whether some was
    imported.
    """

    task: Task
    generated: str
    comparison: Comparison | None
    version: str
    folder: bool
    scored: int
    labelled: int
    from_production: int
    age_days: float | None
    coverage: float | None
    rules: str
    digests: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[FrozenVersion, ...] = ()
    modes: tuple[FailureMode, ...] = ()
    guarded: Mapping[str, int] = field(default_factory=dict)
    runs: tuple[RunFact, ...] = ()
    holdout: HoldoutFact | None = None
    open_holdout: bool = False
    baseline: BaselineFact | None = None
    ci: tuple[CiFact, ...] = ()
    judges: tuple[JudgeReport, ...] = ()
    traffic: bool = False
    records: tuple[str, ...] = ()

    @property
    def subject(self) -> CandidateReport | None:
        """The candidate that the checklist is about: the one chosen, else the incumbent; None where there is neither."""
        if self.comparison is None:
            return None
        wanted = self.comparison.decision.chosen or self.task.incumbent
        return next((row for row in self.comparison.candidates if row.name == wanted), None)
