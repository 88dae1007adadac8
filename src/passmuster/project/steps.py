"""What lies between the two steps of a project's metrics, looked up in its store."""

import hashlib
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from passmuster.adapters.store.sqlite import SqliteStore
from passmuster.errors import ConfigurationError
from passmuster.project.validate import closest
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.program import Execution, Program
from passmuster.records.record import Json
from passmuster.records.trial import Outcome, TrialKey
from passmuster.workflows.scoring import Kept, MayAsk


class ProgramKeys:
    """Names programs by all that is run: files of this machine among it count by their content.

    Args:
        folder: The project's folder, which their paths are relative to.
        around: What programs find where they are run, if it is not what they find everywhere: a Python, libraries.
    """

    def __init__(self, folder: Path, around: Mapping[str, Json] | None = None) -> None:
        self._folder = folder
        self._around = dict(around or {})
        self._known: dict[tuple[str, int, int], str] = {}

    def of(self, program: Program) -> str:
        """Return the digest that the store keeps runs of this program by."""
        if not program.inputs and not self._around:
            return digest(program)
        contents = {name: self._content(path) for name, path in program.inputs.items()}
        return digest([program, contents, *([self._around] if self._around else [])])

    def _content(self, path: str) -> str:
        """Return the digest of a file, read again only where it has changed; an empty text where there is none."""
        found = self._folder / path
        try:
            stat = found.stat()
            key = (path, stat.st_size, stat.st_mtime_ns)
            if key not in self._known:
                with found.open("rb") as stream:
                    self._known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, ValueError):
            return ""
        return self._known[key]


class StoredSteps:
    """Looks up answers of scorers and runs of programs; the store is opened for the first of them.

    Evidence is scored when somebody reads it, so there is no end at which the store could be closed: that is done
    when nothing holds this any more.

    Args:
        open_store: Opens the store.
        scorers: Gives the digest of each scorer by its name.
        candidates: Gives the digest of each candidate by its name.
        keys: Names programs.
        may_ask: Says whether a scorer may be sent a question.
    """

    def __init__(
        self,
        open_store: Callable[[], SqliteStore],
        scorers: Callable[[], Mapping[str, str]],
        candidates: Callable[[], Mapping[str, str]],
        keys: ProgramKeys,
        may_ask: MayAsk,
    ) -> None:
        self.keys = keys
        self._may_ask = may_ask
        self._open_store = open_store
        self._find_scorers = scorers
        self._find_candidates = candidates

    @property
    def kept(self) -> Kept:
        """Return the look-ups."""
        return Kept(answer=self.answer, execution=self.execution, reply=self.reply, may_ask=self._may_ask)

    def answer(self, scorer: str, question: Case) -> Outcome | None:
        """Return how a scorer answered a question, None where it was not asked.

        Raises:
            ConfigurationError: for a scorer that the project does not have.
        """
        return self._store.answer(TrialKey(case_digest(question), self.scorer(scorer), 0))

    def reply(self, candidate: str, case: Case) -> Outcome | None:
        """Return how a candidate's first trial on a case ended, None where it was not asked.

        Raises:
            ConfigurationError: for a candidate that the project does not have.
        """
        return self._store.answer(TrialKey(case_digest(case), self.candidate(candidate), 0))

    def candidate(self, name: str) -> str:
        """Return the digest of a candidate.

        Raises:
            ConfigurationError: for a candidate that the project does not have.
        """
        if name not in self._candidates:
            raise ConfigurationError(f"there is no candidate {name!r}", hint=closest(name, self._candidates))
        return self._candidates[name]

    def execution(self, program: Program) -> Execution | None:
        """Return how a program ended, None where it was not run."""
        return self._store.execution(self.keys.of(program))

    def scorer(self, name: str) -> str:
        """Return the digest of a scorer.

        Raises:
            ConfigurationError: for a scorer that the project does not have.
        """
        if name not in self._scorers:
            hint = closest(name, self._scorers) if self._scorers else "List it under `scorers:`."
            raise ConfigurationError(f"there is no scorer {name!r}", hint=hint)
        return self._scorers[name]

    @cached_property
    def _scorers(self) -> Mapping[str, str]:
        return self._find_scorers()

    @cached_property
    def _candidates(self) -> Mapping[str, str]:
        return self._find_candidates()

    @cached_property
    def _store(self) -> SqliteStore:
        store = self._open_store()
        weakref.finalize(self, store.close)
        return store
