"""The few-shot cases of a project's prompts: from the train split, never from what is scored."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from passmuster.corpus.egress import may_receive
from passmuster.corpus.few_shot import answer_text, drawn, given_away, is_solved
from passmuster.corpus.keys import Joined
from passmuster.errors import ConfigurationError
from passmuster.project.corpora import Cases
from passmuster.project.prompt_settings import FewShotSettings
from passmuster.project.validate import closest
from passmuster.project.yaml import Document, Path
from passmuster.records.candidate import Egress, Example
from passmuster.records.case import Case


class Shots:
    """Draws the few-shot cases of prompts; the same settings draw once.

    Args:
        document: The project file.
        cases: Reads the corpus; called only where a prompt shows cases.
    """

    def __init__(self, document: Document, cases: Callable[[], Cases]) -> None:
        self._document = document
        self._cases = cases
        self._made: dict[tuple[FewShotSettings, Egress | None], tuple[Example, ...]] = {}

    def of(self, settings: FewShotSettings, path: Path, egress: Egress | None) -> tuple[Example, ...]:
        """Return the cases that a prompt shows to a candidate which may receive what `egress` says.

        Raises:
            ConfigurationError: where the train split has too few, and for a named case that is none of it or that
                gives a scored case away.
        """
        key = (settings, egress)
        if key not in self._made:
            self._made[key] = tuple(_example(case) for case in self._chosen(settings, path, egress))
        return self._made[key]

    def _chosen(self, settings: FewShotSettings, path: Path, egress: Egress | None) -> Sequence[Case]:
        if (settings.k is None) == (not settings.cases):
            raise self._error("few_shot says either how many cases (`k`) or which (`cases`)", path)
        cases = self._cases()
        if settings.cases:
            return self._named(settings.cases, cases, path, egress)
        if not cases.train:
            raise self._error(
                "few-shot cases come from the train split, and this corpus has none",
                path,
                "Give the file a split (corpus: {path: cases.jsonl, split: {}}) or the folder a train.jsonl; "
                "`use: all` leaves none.",
            )
        wanted = settings.k or 0
        allowed = [case for case in cases.train if egress is None or _may_be_shown(egress, case)]
        found = drawn(allowed, _scored(cases), wanted, settings.seed, settings.by)
        if len(found) < wanted:
            raise self._error(
                f"few_shot asks for {wanted} cases, and train has {len(found)} that may be shown",
                path,
                "Those count that have a reference, may be sent to the candidate, and are neither alike nor like "
                "a case of eval or holdout.",
            )
        return found

    def _named(self, names: Sequence[str], cases: Cases, path: Path, egress: Egress | None) -> Sequence[Case]:
        train = {case.id: case for case in cases.train if case.id in set(names)}
        for place, name in enumerate(names):
            at = self._at(path, place)
            if name not in train:
                self._refuse_unknown(name, cases, at)
            if name in names[:place]:
                raise self._error(f"the case {name!r} is shown twice", at, "Name each case once.")
            if not is_solved(train[name]):
                raise self._error(f"the case {name!r} has no answer that a prompt could show", at)
            if egress is not None and not _may_be_shown(egress, train[name]):
                raise self._error(f"the case {name!r} may not be sent to this candidate (`egress`)", at)
        leaks = given_away(list(train.values()), _scored(cases))
        for place, name in enumerate(names):
            if name in leaks:
                raise self._error(
                    f"the case {name!r} in a prompt gives away {leaks[name]!r}, which is scored: the same input or group, "
                    "nearly the same text, or its text within this one",
                    self._at(path, place),
                    "Show another case, or take the scored one out of eval.",
                )
        return [train[name] for name in names]

    def _at(self, path: Path, place: int) -> Path:
        """Return where a named case stands: in the list itself, or under `cases`."""
        short: Path = (*path, place)
        return short if short in self._document.values else (*path, "cases", place)

    def _refuse_unknown(self, name: str, cases: Cases, at: Path) -> None:
        for what, held in (("eval", cases.version.cases), ("holdout", cases.aside)):
            if any(case.id == name for case in held):
                raise self._error(
                    f"the case {name!r} is one of {what}: a prompt that shows it gives its answer away",
                    at,
                    "Only train cases are shown: few_shot: {k: 4} draws some.",
                )
        known = [case.id for case in cases.train]
        raise self._error(f"train has no case {name!r}", at, closest(name, known))

    def _error(self, message: str, path: Path, hint: str | None = None) -> ConfigurationError:
        return ConfigurationError(message, place=self._document.value(path), hint=hint)


def _scored(cases: Cases) -> Sequence[Case]:
    """Return the cases of eval, the pools and a holdout that lies open; none of them is held."""
    return Joined(cases.version.cases, cases.aside)


def _may_be_shown(egress: Egress | None, case: Case) -> bool:
    """Return whether both the question and the answer of a case may be sent."""
    return may_receive(egress, case) and may_receive(egress, replace(case, input=answer_text(case)))


def _example(case: Case) -> Example:
    return Example(input=case.input, answer=answer_text(case))
