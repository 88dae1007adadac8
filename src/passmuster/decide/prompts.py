"""Prompt variants of one model, compared on the same cases."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.comparison import PromptReport
from passmuster.records.score import Difference


def prompt_reports(
    candidates: Sequence[Candidate], difference: Callable[[str, str], Difference]
) -> tuple[PromptReport, ...]:
    """Compare each later prompt of a model with its first one, in the order of the project file.

    Candidates are variants of one another where all but the prompt is equal.

    Args:
        candidates: All candidates.
        difference: Gives the paired difference of the primary metric, first name minus second.
    """
    firsts: dict[str, Candidate] = {}
    reports = []
    for candidate in candidates:
        if candidate.prompt is None:
            continue
        first = firsts.setdefault(candidate_digest(replace(candidate, prompt=None)), candidate)
        if first is not candidate and first.prompt is not None and first.prompt != candidate.prompt:
            reports.append(
                PromptReport(
                    candidate=candidate.name,
                    prompt=candidate.prompt.name,
                    versus=first.name,
                    difference=difference(candidate.name, first.name),
                )
            )
    return tuple(reports)
