"""Traffic and cases are described by the same measures."""

from collections.abc import Sequence

from passmuster.adapters.topics import fit_topics
from passmuster.corpus.sampling.strata import StratumRule
from passmuster.corpus.sampling.topics import TopicSpace
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.describe import Bodies, Rule, describe

TEXTS = ("card stolen card blocked", "loan rate loan interest", "parcel late parcel lost")


def traffic(count: int) -> list[TrafficRecord]:
    return [TrafficRecord(id=str(n), input=TEXTS[n % 3], columns={"plan": "ab"[n % 2]}) for n in range(count)]


def topics(texts: Sequence[str]) -> TopicSpace:
    return TopicSpace(fit_topics(texts, 3))


def test_topics_of_both_are_placed_among_the_same_centroids() -> None:
    cases = [Case(id=str(n), input=TEXTS[0]) for n in range(10)]
    found = describe(Bodies(path="d", traffic=traffic(300), cases=cases), Rule(), topics)
    assert found.traffic is not None
    assert found.corpus is not None
    assert {part.share for part in found.traffic.topics} == {1 / 3}
    assert [part.share for part in found.corpus.topics] == [1.0]
    assert round(found.unlike["topics"], 2) == 0.67
    assert found.topics_from == 300


def test_topics_are_looked_for_among_the_cases_where_there_is_no_traffic() -> None:
    cases = [Case(id=str(n), input=TEXTS[n % 3]) for n in range(60)]
    found = describe(Bodies(path="d", cases=cases), Rule(), topics)
    assert found.corpus is not None
    assert len(found.corpus.topics) == 3


def test_a_case_keeps_its_stratum_unless_somebody_asks_for_another_rule_that_knows_it() -> None:
    cases = [Case(id="1", input="Where is my card?", stratum="gold")]
    by_plan = Rule(by="plan", of=StratumRule("plan"), chosen=True)
    by_language = Rule(by="language", of=StratumRule("language"), chosen=True)
    settled = Rule(by="language", of=StratumRule("language"))
    names = []
    for rule in (by_plan, by_language, settled):
        corpus = describe(Bodies(path="d", cases=cases), rule).corpus
        assert corpus is not None
        names.append(corpus.strata[0].name)
    assert names == ["gold", "en", "gold"]


def test_without_a_rule_traffic_has_no_strata_and_is_not_compared_by_them() -> None:
    found = describe(
        Bodies(path="d", traffic=traffic(9), cases=[Case(id="1", input="x", stratum="s")]), Rule()
    )
    assert found.traffic is not None
    assert found.traffic.strata == ()
    assert "strata" not in found.unlike
