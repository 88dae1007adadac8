"""What a check sees in a corpus."""

from collections.abc import Sequence

from passmuster.adapters.duplicates import near_duplicates
from passmuster.records.case import Case
from passmuster.records.description import Readiness
from passmuster.workflows.corpus.check import CheckOrder, Held, check


def some(count: int, start: int = 0, **fields: object) -> list[Case]:
    return [
        Case(id=f"c{n}", input=f"alpha{n} beta{n} gamma{n}", reference="yes", **fields)  # type: ignore[arg-type]
        for n in range(start, start + count)
    ]


def checked(scored: Sequence[Case], **fields: object) -> Readiness:
    return check(Held(path="d", scored=scored, **fields), CheckOrder(), near_duplicates)  # type: ignore[arg-type]


def wrong(found: Readiness) -> list[str]:
    return [task.text for task in found.tasks if task.urgency == "wrong"]


def test_only_typical_cases_of_production_climb_the_ladder() -> None:
    cases = [*some(90), *some(60, 90, category="edge"), *some(60, 150, origin="synthetic", generator="m")]
    found = checked(cases)
    assert (found.n, [rung.reached for rung in found.ladder]) == (90, [False] * 4)
    assert [(part.name, part.count) for part in found.origins] == [("production", 150), ("synthetic", 60)]
    assert "60 cases do not come from production (60 synthetic): measured apart." in [
        task.text for task in found.tasks
    ]


def test_the_rung_of_now_lies_where_the_weights_put_it() -> None:
    cases = [*some(100, weight=1.0), *some(1, 100, weight=100.0)]
    found = checked(cases)
    assert round(found.effective, 2) == 3.96
    assert found.now is not None
    assert found.now.cases == 3


def test_major_strata_should_have_their_cases_and_minor_ones_need_not() -> None:
    cases = [*some(40, stratum="a", weight=10.0), *some(20, 40, stratum="b", weight=10.0)]
    cases += some(2, 60, stratum="c", weight=1.0)
    states = {each.name: (each.cases, each.wanted, each.missing) for each in checked(cases).strata}
    assert states == {"a": (40, 30, 0), "b": (20, 30, 10), "c": (2, 0, 0)}


def test_what_hangs_together_across_sides_is_wrong() -> None:
    train = [
        Case(id="t1", input="same words in both of these two"),
        Case(id="t2", input="x", group="jo"),
        Case(id="t3", input={"a": "x"}),
    ]
    scored = [
        Case(id="e1", input="Same words, in both of these two!", reference="r"),
        Case(id="e2", input="y", group="jo", reference="r"),
        Case(id="e3", input={"a": "x"}, reference="r"),
        Case(id="e4", input="nothing of the kind", reference="r"),
    ]
    [text] = wrong(checked(scored, train=train))
    assert text.startswith("3 cases of eval hang together")
    assert "e1 and t1; e2 and t2" in text


def test_conflicts_and_a_plain_holdout_are_wrong() -> None:
    scored = [Case(id="1", input="x", reference="a"), Case(id="2", input="x", reference="b")]
    assert len(wrong(checked(scored, holdout="unsealed"))) == 2


def test_cases_that_are_not_split_yet_are_looked_at_as_what_will_be_scored() -> None:
    found = checked([], waiting=some(150))
    assert (found.n, found.splits) == (150, {"not split yet": 150})
    assert found.tasks[0].command == "passmuster corpus split"


def test_an_empty_folder_is_told_where_to_begin() -> None:
    found = checked([])
    assert (found.n, found.now, found.effective) == (0, None, 0.0)
    assert len(found.tasks) == 1


def test_sealed_and_pooled_cases_are_counted_but_not_scored() -> None:
    found = checked(some(10), sealed=5, holdout="sealed", pools={"edge": some(2, 10, category="edge")})
    assert found.splits == {"eval": 10, "holdout (sealed)": 5}
    assert [(part.name, part.count) for part in found.categories] == [("typical", 10), ("edge", 2)]
