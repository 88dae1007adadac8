"""Cases with equal input share the repeats of one digest; a round is the repeat of one case."""

from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.runner.plan import plan

TWINS = [Case(id="a", input="x"), Case(id="b", input="x"), Case(id="c", input="y")]


def test_each_case_counts_its_own_rounds_while_twins_share_the_repeats() -> None:
    asks = list(plan(TWINS, [Candidate(name="m", provider="replay")], repeats=2))
    found = [(ask.case.id, ask.round, ask.key.repeat) for ask in asks]
    assert found == [("a", 0, 0), ("b", 0, 1), ("c", 0, 0), ("a", 1, 2), ("b", 1, 3), ("c", 1, 1)]
