"""`corpus add`: a failure becomes a regression case, which names its failure mode."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal, NamedTuple

from passmuster.corpus.alike import alike
from passmuster.errors import UsageError
from passmuster.records.addition import AddedCase, Alike
from passmuster.records.case import Case, case_digest
from passmuster.records.failure_mode import FailureMode
from passmuster.records.run import Run

POOL: Literal["regression"] = "regression"


class Failure(NamedTuple):
    """A case that went wrong, and where it was found: for people."""

    case: Case
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What is to be written: the new pool, train where a case was taken out of it, and what to tell."""

    pool: tuple[Case, ...]
    train: tuple[Case, ...] | None
    added: tuple[AddedCase, ...]
    present: tuple[tuple[str, str], ...]
    taken: tuple[str, ...]


def find_mode(modes: Sequence[FailureMode], name: str) -> FailureMode:
    """Return the failure mode of this name.

    Raises:
        UsageError: where there is none, with the closest name and how to add one.
    """
    for mode in modes:
        if mode.name == name:
            return mode
    names = [mode.name for mode in modes]
    close = get_close_matches(name, names, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else f"There are: {', '.join(names)}. " if names else ""
    raise UsageError(
        f"there is no failure mode {name!r}",
        hint=f"{meant}To add it: --new-mode {name} --severity high --description 'What goes wrong'",
    )


def find_served(run: Run, name: str) -> str:
    """Return the digest of the case with this id in a run.

    Raises:
        UsageError: where the run served no such case.
    """
    for own, digest, _ in run.cases:
        if own == name:
            return digest
    close = get_close_matches(name, [own for own, _, _ in run.cases], n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    raise UsageError(
        f"run {run.id} has no case {name!r}",
        hint=f"{meant}Its cases: passmuster show {run.id} --disagreements",
    )


def additions(
    failures: Sequence[Failure],
    held: Mapping[str, Sequence[Case]],
    mode: FailureMode,
    *,
    from_train: bool = False,
) -> Additions:
    """Return the regression pool with these failures in it.

    A case that is in eval or another pool stays there as well: taken out of eval, what went wrong would no
    longer weigh on the estimate of production. One whose input stands in the regression pool is not added again.

    Args:
        failures: What went wrong.
        held: The cases of each part of the corpus.
        mode: The failure mode that they stand for.
        from_train: Whether a case that stands in train is taken out of it.

    Raises:
        UsageError: where a case stands in train and is not to be taken out.
    """
    pool, train = list(held.get(POOL, ())), list(held.get("train", ()))
    known = {case_digest(case): case.id for case in pool}
    learned: defaultdict[str, list[str]] = defaultdict(list)
    for case in train:
        learned[case_digest(case)].append(case.id)
    ids = {case.id for cases in held.values() for case in cases}
    likes = alike([each.case for each in failures], held)
    added: list[AddedCase] = []
    present: list[tuple[str, str]] = []
    taken: list[str] = []
    for failure, like in zip(failures, likes, strict=True):
        key = case_digest(failure.case)
        if key in known:
            present.append((failure.case.id, known[key]))
            continue
        if key in learned:
            if not from_train:
                raise _stands_in_train(failure.case.id, learned[key][0])
            taken += learned[key]
        new = _regression(failure.case, mode, ids - set(taken))
        ids.add(new.id)
        known[key] = new.id
        pool.append(new)
        added.append(_told(failure, new, like, taken))
    return Additions(
        pool=tuple(pool),
        train=tuple(case for case in train if case.id not in taken) if taken else None,
        added=tuple(added),
        present=tuple(present),
        taken=tuple(taken),
    )


def _stands_in_train(name: str, learned: str) -> UsageError:
    return UsageError(
        f"case {name!r} stands in train, as {learned!r}: fitted baselines and few-shot prompts may have learned it",
        hint="It would show nothing. To take it out of train: --take-from-train",
    )


def _regression(case: Case, mode: FailureMode, taken: set[str]) -> Case:
    name, number = case.id, 1
    while name in taken:
        name = f"regression-{case.id}" + ("" if number == 1 else f"-{number}")
        number += 1
    parent = case.id if name != case.id else case.parent
    return replace(case, id=name, category=POOL, mode=mode.name, weight=None, parent=parent)


def _told(failure: Failure, case: Case, like: Sequence[Alike], taken: Sequence[str]) -> AddedCase:
    warnings = []
    if case.reference is None:
        warnings.append("it has no reference, so nobody can be right or wrong on it: --reference ANSWER")
    near = [each.case for each in like if each.part == "train" and each.case not in taken]
    if near:
        warnings.append(
            f"nearly the same stands in train, as {', '.join(near[:3])}: who learned that may know it"
        )
    return AddedCase(
        id=case.id,
        source=failure.source,
        reference=case.reference,
        alike=tuple(each for each in like if each.case not in taken),
        warnings=tuple(warnings),
    )
