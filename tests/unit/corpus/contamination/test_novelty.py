"""Cases that are newer than a training cut-off."""

from passmuster.corpus.contamination.novelty import aged
from passmuster.records.case import Case


def test_a_case_of_the_very_moment_is_newer_and_one_without_a_time_is_not() -> None:
    cases = [Case(id=str(n), input="x", time=time) for n, time in enumerate((1.0, 2.0, 3.0, None))]
    assert aged(cases, 2.0).tolist() == [False, True, True, False]
