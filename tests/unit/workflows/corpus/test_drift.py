"""Both sides of drift: which cases, which records, which cells; and stored candidates in today's mix."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from passmuster.adapters.topics import fit_topics
from passmuster.corpus.drift.texts import Reading
from passmuster.corpus.sampling.strata import StratumRule
from passmuster.corpus.sampling.topics import NO_TOPIC, TopicSpace
from passmuster.errors import UsageError
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord
from passmuster.workflows.corpus.drift import DriftOptions, DriftPorts, drift, watched
from passmuster.workflows.corpus.sample import SampleOrder, sample

WORDS = {"card": "my card was stolen today", "loan": "which loan rate applies here"}


def likeness(given: Sequence[str]) -> np.ndarray:
    kinds = np.array([text.split()[1] for text in given])
    return np.where(kinds[:, None] == kinds[None, :], 0.8, 0.1) + 0.2 * np.eye(len(given))


def presence(given: Sequence[str]) -> tuple[list[str], np.ndarray]:
    return [], np.zeros((len(given), 0), dtype=np.bool_)


def ports(topics: TopicSpace | None = None) -> DriftPorts:
    reading = Reading(clean=str, likeness=likeness, presence=presence, language=lambda _text: "en")
    return DriftPorts(
        reading=reading, topics=topics, fit_topics=lambda texts: TopicSpace(fit_topics(texts, 2))
    )


def cases(counts: dict[str, int], *, strata: bool = True) -> list[Case]:
    return [
        Case(
            id=f"{kind}{n}",
            input=f"{WORDS[kind]} {n}",
            stratum=kind if strata else None,
            group=f"user{kind}{n}",
        )
        for kind, count in counts.items()
        for n in range(count)
    ]


def records(counts: dict[str, int]) -> list[TrafficRecord]:
    return [
        TrafficRecord(
            id=f"t{kind}{n}",
            input=f"{WORDS[kind]} {n}",
            columns={"kind": kind},
            time=float(n),
            user=f"u{kind}{n}",
        )
        for kind, count in counts.items()
        for n in range(count)
    ]


OPTIONS = DriftOptions(rule="kind")


def test_pools_and_other_origins_do_not_say_what_production_looks_like() -> None:
    held = cases({"card": 40, "loan": 40})
    held += [Case(id="edge", input="x y", category="edge"), Case(id="made", input="x y", origin="synthetic")]
    found = watched(held, records({"card": 40, "loan": 40}), OPTIONS, ports())
    assert len(found.cases) == 80
    assert found.notes == ()
    expert = [replace(case, origin="expert") for case in cases({"card": 40, "loan": 40})]
    assert "stand in for it" in watched(expert, records({"card": 40}), OPTIONS, ports()).notes[0]


def test_the_same_mix_is_no_drift_and_another_is() -> None:
    found = watched(cases({"card": 60, "loan": 60}), records({"card": 60, "loan": 60}), OPTIONS, ports())
    assert drift(found, OPTIONS, ports()).status == "none"
    found = watched(cases({"card": 60, "loan": 60}), records({"card": 20, "loan": 100}), OPTIONS, ports())
    report = drift(found, OPTIONS, ports())
    assert report.status == "found"
    assert report.summary[0] == "83% of today's traffic lies where 50% of the test set is: loan."
    assert (report.corpus.effective, report.traffic.effective) == (120, 120)


def test_only_the_time_that_is_asked_for_and_a_uniform_sample_of_it_are_compared() -> None:
    traffic = [
        *records({"card": 400}),
        TrafficRecord(id="untimed", input="my card", columns={"kind": "card"}),
    ]
    options = replace(OPTIONS, since=100.0, until=300.0, most=50)
    found = watched(cases({"card": 40}), traffic, options, ports())
    assert found.seen == 200
    assert len(found.traffic) == 50
    assert all(100 <= time < 300 for time in found.times)
    assert found.notes == ("50 of 200 records were compared, drawn by the seed.",)


def test_frozen_topics_part_both_sides_and_texts_without_their_words_are_left_out() -> None:
    texts = [case.input for case in cases({"card": 50, "loan": 50})]
    space = TopicSpace(fit_topics([str(text) for text in texts], 2))
    strange = [TrafficRecord(id=f"s{n}", input=f"zzz qqq{n} xxx") for n in range(40)]
    options = DriftOptions()
    found = watched(
        cases({"card": 50, "loan": 50}, strata=False),
        [*records({"card": 50, "loan": 50}), *strange],
        options,
        ports(space),
    )
    assert found.by == "topics"
    assert sum(each.cell == NO_TOPIC for each in found.traffic) == 40
    report = drift(found, options, ports(space))
    mix = next(test for test in report.tests if test.name == "topics")
    assert mix.p is not None
    assert mix.p > 0.5
    assert next(test for test in report.tests if test.name == "new").drift


def test_without_strata_topics_are_found_in_both_together_and_that_is_said() -> None:
    found = watched(
        cases({"card": 40, "loan": 40}, strata=False), records({"card": 40, "loan": 40}), OPTIONS, ports()
    )
    assert found.by == "topics"
    assert len(found.notes) == 2
    with pytest.raises(UsageError, match="no strata"):
        watched(
            cases({"card": 9}, strata=False), records({"card": 9}), replace(OPTIONS, by="strata"), ports()
        )


def test_texts_without_any_topic_are_compared_by_themselves() -> None:
    held = [Case(id=str(n), input=f"{n} 00") for n in range(40)]
    traffic = [TrafficRecord(id=str(n), input=f"{n} 00") for n in range(40)]
    report = drift(watched(held, traffic, DriftOptions(), ports()), DriftOptions(), ports())
    assert report.by is None
    assert report.status == "none"
    assert report.tests[0].note == "no strata, and no topics in these texts"


def test_neither_cases_nor_traffic_is_an_error_with_the_next_step() -> None:
    with pytest.raises(UsageError, match="no cases"):
        watched([], records({"card": 9}), OPTIONS, ports())
    with pytest.raises(UsageError, match="no traffic"):
        watched(cases({"card": 9}), [], OPTIONS, ports())


def test_the_same_seed_gives_the_same_report() -> None:
    found = watched(cases({"card": 30, "loan": 50}), records({"card": 50, "loan": 30}), OPTIONS, ports())
    assert drift(found, OPTIONS, ports()) == drift(found, OPTIONS, ports())


def test_more_strata_than_are_kept_apart_are_no_drift() -> None:
    def record(number: int) -> TrafficRecord:
        return TrafficRecord(id=f"r{number}", input=f"my card {number}", columns={"kind": f"k{number % 300}"})

    old = sample(map(record, range(6000)), SampleOrder(size=600, minimum=1), stratum=StratumRule("kind"))
    found = drift(watched(old.cases, [record(n) for n in range(3000)], OPTIONS, ports()), OPTIONS, ports())
    strata = next(test for test in found.tests if test.name == "strata")
    assert not strata.drift
    assert found.moved is not None
    assert found.moved < 0.1


def test_a_stratum_that_is_called_other_hides_no_new_one() -> None:
    held = [replace(case, stratum="other") for case in cases({"card": 40})] + cases({"loan": 40})
    found = watched(held, records({"card": 40, "loan": 40}), OPTIONS, ports())
    assert {each.cell for each in found.traffic} == {"card", "loan"}
