"""What is asked to find out whether candidates have seen the cases before, and of whom."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.versions import VersionFiles
from passmuster.corpus.contamination.canary import canary_case
from passmuster.corpus.contamination.completion import completion_case, halves
from passmuster.corpus.contamination.rephrase import (
    can_be_rephrased,
    pairs,
    rephrase_case,
    rephrased,
    wrong_with,
)
from passmuster.corpus.sample import first_cases
from passmuster.ports import Progress
from passmuster.project.corpus.contamination_runs import Job, ask, plain
from passmuster.project.corpus.opening import Corpus
from passmuster.project.load import Project
from passmuster.project.names import asked_candidates
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, case_digest
from passmuster.records.run import RunEnd
from passmuster.records.trial import Trial
from passmuster.workflows.corpus.contamination_probes import replies

Asked: TypeAlias = Literal["canary", "completion", "rephrase"]
"""The methods that make calls."""
Telling: TypeAlias = Callable[[], AbstractContextManager[Progress]]

REPHRASED = "rephrased.jsonl"
"""Where rephrasings lie that a candidate made, for people to read."""
NEWEST = 20
"""Frozen versions whose canaries are asked for, from the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be looked for, and how.

    `ask` names the methods that may make calls; what is stored is looked at in any case. `limit` is how many texts
    are completed and rephrased, drawn by `seed`. `source` is what the corpus would be called where it leaked;
    `rephrase_with` makes rephrasings, `older` is the candidate that others are compared with. `cutoffs` are
    training cut-offs by candidate, before those of the project file; `budget` is US dollars for all of it.
    """

    only: tuple[str, ...] = ()
    ask: tuple[Asked, ...] = ()
    limit: int = 50
    seed: int = 0
    source: str | None = None
    rephrase_with: str | None = None
    older: str | None = None
    cutoffs: Mapping[str, str] = field(default_factory=dict)
    learned: tuple[Path, ...] = ()
    budget: float | None = None


class Look:
    """A look at one corpus: what is asked, of whom, and what came of it."""

    def __init__(self, corpus: Corpus, project: Project, wish: Wish) -> None:
        self.corpus = corpus
        self.project = project
        self.wish = wish
        named = [name for name in (wish.older, wish.rephrase_with, *wish.cutoffs) if name is not None]
        asked_candidates(project, named)
        wanted = (*wish.only, wish.older) if wish.only and wish.older else wish.only
        self.candidates = asked_candidates(project, tuple(dict.fromkeys(wanted)))
        self.models = tuple(
            each for each in self.candidates if each.kind == "llm" and each.provider != "replay"
        )
        self.source = wish.source or f"{project.task.name}, {project.settings.corpus.path}/eval.jsonl"
        self.cases = corpus.folder.split("eval")
        self.cut = halves(self.cases, wish.limit, wish.seed)
        self.versions = VersionFiles(corpus.folder).versions()[-NEWEST:]
        self.runs: list[RunEnd] = []

    def pairs(self) -> list[tuple[Case, Case]]:
        """Return the originals with their rephrasings, those that the corpus carries and those made here."""
        path = self.corpus.folder.path / REPHRASED
        made = read_cases(path) if path.is_file() else ()
        return pairs([*self.corpus.folder.open_cases(), *made])

    def probes(self) -> Iterator[Job]:
        """Yield the questions for models without the task's prompt."""
        cases: list[Case] = []
        if "canary" in self.wish.ask:
            cases += [canary_case(each.version, each.canary) for each in self.versions]
        if "completion" in self.wish.ask:
            cases += [completion_case(half, name) for half in self.cut for name in (self.source, None)]
        if cases and self.models:
            yield Job(label="contamination", candidates=self.models, cases=cases, plain=True)

    def to_rephrase(self) -> Sequence[Case]:
        """Return the cases that a rephrasing is to be made of."""
        done = {original.id for original, _ in self.pairs()}
        fit = [case for case in self.cases if can_be_rephrased(case)]
        drawn = first_cases(fit, self.wish.limit, self.wish.seed) if fit else []
        return [case for case in drawn if case.id not in done]

    def rephrasing(self) -> Iterator[Job]:
        """Yield what the candidate that makes rephrasings is asked."""
        if "rephrase" in self.wish.ask and self.wish.rephrase_with is not None:
            cases = [rephrase_case(case) for case in self.to_rephrase()]
            makers = asked_candidates(self.project, [self.wish.rephrase_with])
            if cases:
                yield Job(label="rephrasing", candidates=makers, cases=cases, plain=True)

    def scored(self, found: Sequence[tuple[Case, Case]]) -> Iterator[Job]:
        """Yield the pairs for all candidates, as they are asked in any run."""
        cases = list({case.id: case for pair in found for case in pair}.values())
        if "rephrase" in self.wish.ask and cases:
            yield Job(label="rephrased cases", candidates=self.candidates, cases=cases, plain=False)

    def run(self, jobs: Iterator[Job], telling: Telling) -> None:
        """Make the calls of these jobs, as long as none was interrupted and there is money left."""
        for job in jobs:
            if self.runs and self.runs[-1].status == "interrupted":
                return
            with telling() as progress:
                self.runs.append(ask(self.project, job, self._left(), progress))

    def _left(self) -> float | None:
        whole = self.project.settings.budget if self.wish.budget is None else self.wish.budget
        return (
            None
            if whole is None
            else max(0.0, whole - sum((end.spend or 0.0) + end.at_risk for end in self.runs))
        )

    def keep_rephrasings(self) -> dict[str, int]:
        """Write what the candidate answered as rephrased cases, but for those that are plainly none.

        Returns:
            How many were written (`made`), and how many were dropped, by reason.
        """
        name = self.wish.rephrase_with
        if "rephrase" not in self.wish.ask or name is None:
            return {}
        (maker,) = asked_candidates(self.project, [name])
        said = replies(plain(maker), self.trials([plain(maker)])())
        path = self.corpus.folder.path / REPHRASED
        before = list(read_cases(path)) if path.is_file() else []
        made: list[Case] = []
        counts: Counter[str] = Counter()
        for case in self.to_rephrase():
            reply = said.get(case_digest(rephrase_case(case)), "")
            new = rephrased(case, reply, name)
            wrong = wrong_with(case, new) if reply.strip() else "there is no reply"
            counts[wrong or "made"] += 1
            made += [new] if wrong is None else []
        if made:
            write_cases(path, [*before, *made])
        return dict(counts)

    def trials(self, candidates: Sequence[Candidate]) -> Callable[[], Iterator[Trial]]:
        """Return what reads the stored trials of these candidates."""
        digests = list({candidate_digest(each): None for each in candidates})

        def read() -> Iterator[Trial]:
            if self.project.store_path.is_file():
                with self.project.store() as store:
                    yield from store.trials(digests)

        return read
