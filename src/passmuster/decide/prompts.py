"""Prompt variants of one model, compared on the same cases."""

from collections.abc import Callable, Sequence

from passmuster.decide.factors.grid import model_key
from passmuster.records.candidate import Candidate
from passmuster.records.comparison import PromptReport
from passmuster.records.score import Difference


def prompt_reports(
    candidates: Sequence[Candidate], difference: Callable[[str, str], Difference]
) -> tuple[PromptReport, ...]:
    """Compare each later prompt of a model with its first one, in the order of the project file.

    Candidates are variants of one another where the project file lists them so, else where all but the prompt is equal.

    Args:
        candidates: All candidates.
        difference: Gives the paired difference of the primary metric, first name minus second.
    """
    firsts: dict[str, Candidate] = {}
    reports = []
    for candidate in candidates:
        key = model_key(candidate)
        if key is None or candidate.prompt is None:
            continue
        first = firsts.setdefault(key, candidate)
        if first is not candidate and first.prompt != candidate.prompt:
            reports.append(
                PromptReport(
                    candidate=candidate.name,
                    prompt=candidate.prompt.name,
                    versus=first.name,
                    difference=difference(candidate.name, first.name),
                )
            )
    return tuple(reports)
