"""What traffic and a corpus are made of."""

import numpy as np
import pytest

from passmuster.corpus.overview.describe import MOST_NAMES, Profiler, Tally, by_chance, compared, description
from passmuster.corpus.sampling.reservoir import OTHER
from passmuster.records.case import Case
from passmuster.records.description import Profile
from passmuster.records.traffic import TrafficRecord

NOON = 1_700_049_600.0  # 2023-11-15 12:00 UTC, a Wednesday


def traffic(shares: dict[str, int]) -> Profile:
    profiler = Profiler(lambda record: str(record.columns["s"]))
    for name, count in shares.items():
        for number in range(count):
            profiler.record(TrafficRecord(id=f"{name}{number}", input="Where is it?", columns={"s": name}))
    return profiler.profile()


def corpus(shares: dict[str, int], **fields: float) -> Profile:
    profiler = Profiler()
    for name, count in shares.items():
        for number in range(count):
            profiler.case(Case(id=f"{name}{number}", input="Where is it?", stratum=name, **fields))  # type: ignore[arg-type]
    return profiler.profile()


def test_a_record_is_counted_in_every_respect() -> None:
    profiler = Profiler(lambda record: "s")
    profiler.record(
        TrafficRecord(
            id="1", input="Wo ist es?", time=NOON, model="m", feedback="up", error="boom", reference="a"
        )
    )
    profiler.record(TrafficRecord(id="2", input="", time=float("nan")))
    found = profiler.profile()
    assert (found.n, found.untimed, found.labelled, found.failed) == (2, 1, 1, 1)
    assert found.hours[12] == 1
    assert found.weekdays[2] == 1
    assert found.first == found.last == NOON
    assert [(part.name, part.count) for part in found.languages] == [("de", 1), ("und", 1)]
    assert found.models[0].name == "m"
    assert found.feedback[0].share == 1.0


def test_quantiles_are_order_statistics_and_long_texts_keep_two_digits() -> None:
    profiler = Profiler()
    for words in [*range(1, 20), 123_456]:
        profiler.record(TrafficRecord(id=str(words), input="w " * words))
    lengths = profiler.profile().lengths
    assert lengths is not None
    assert (lengths.least, lengths.p50, lengths.p95, lengths.most) == (1, 11, 120_000, 120_000)


def test_weights_give_the_shares_that_a_score_will_have() -> None:
    profiler = Profiler()
    profiler.case(Case(id="1", input="x", stratum="a", weight=30.0))
    profiler.case(Case(id="2", input="y", stratum="b", weight=10.0))
    parts = {part.name: (part.share, part.weighted) for part in profiler.profile().strata}
    assert parts == {"a": (0.5, 0.75), "b": (0.5, 0.25)}


def test_names_are_bounded() -> None:
    tally = Tally()
    for number in range(MOST_NAMES + 10):
        tally.add(str(number))
    assert tally.counts[OTHER] == 10
    assert len(tally.counts) == MOST_NAMES + 1


def test_unlike_is_the_part_that_would_have_to_move() -> None:
    unlike, shifts = compared(traffic({"a": 60, "b": 40}), corpus({"a": 30, "b": 40, "c": 30}))
    assert unlike["strata"] == pytest.approx(0.3)
    assert unlike["languages"] == pytest.approx(0.0)
    assert [(gap.name, gap.traffic, gap.corpus) for gap in shifts] == [("a", 0.6, 0.3), ("c", 0.0, 0.3)]


def test_a_corpus_as_it_would_come_by_chance_looks_like_its_traffic() -> None:
    found = description("d", traffic({"a": 60, "b": 40}), corpus({"a": 33, "b": 17}))
    assert found.headline == "The corpus looks like its traffic"
    assert found.by_chance["strata"] == pytest.approx(by_chance([0.6, 0.4], 50))


def test_a_corpus_that_leaves_out_a_stratum_does_not() -> None:
    found = description("d", traffic({"a": 60, "b": 40}), corpus({"a": 100}))
    assert found.headline == "By strata, 40% of the corpus lies elsewhere than its traffic"
    assert "stratum b: 40.0% of the traffic, 0.0% of the corpus" in found.remarks
    assert "1 of 2 strata, with 40.0% of the traffic, have no case" in found.remarks


def test_one_body_alone_is_described_too() -> None:
    assert description("d", traffic({"a": 3}), None).headline == "3 records of traffic, and no cases yet"
    assert description("d", None, corpus({"a": 3})).headline == "3 cases, and no traffic to compare them with"
    assert description("d", Profiler().profile(), None).headline == "Nothing to describe"


def test_the_expected_distance_by_chance_is_about_right() -> None:
    """The mean of 400 simulated distances is known to 3%; the formula is a normal approximation."""
    chance = np.random.default_rng(1)
    shares = np.array([0.5, 0.3, 0.1, 0.1])
    drawn = chance.multinomial(200, shares, size=400) / 200
    assert by_chance(shares, 200) == pytest.approx(np.abs(drawn - shares).sum(axis=1).mean() / 2, rel=0.1)
