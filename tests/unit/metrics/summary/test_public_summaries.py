"""Summaries of six systems with a label for each sentence, and the key points of their topics."""

import ast
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from passmuster.metrics.summary.claims import Claims
from passmuster.metrics.summary.factual_precision import FactualPrecision
from passmuster.metrics.summary.key_points import OmissionRate
from passmuster.metrics.summary.labels import Claim, LabelledReply
from passmuster.records.case import Case, KeyPoint
from passmuster.records.score import Score
from passmuster.records.trial import Reply

pytestmark = pytest.mark.data

SENTENCES = {
    "Model-Extra": (982, 814),
    "model_A": (778, 619),
    "model_B": (819, 638),
    "model_C": (790, 614),
    "model_D": (793, 665),
    "model_E": (785, 631),
}
"""Sentences of each system, and those of them that linguists found faithful."""


class Summaries(NamedTuple):
    """Labelled summaries by system, and the key points of each topic."""

    labels: dict[str, list[LabelledReply]]
    points: dict[str, tuple[KeyPoint, ...]]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


@pytest.fixture(scope="module")
def summaries(data_folder: Path) -> Summaries:
    folder = data_folder / "summaries_tofueval"
    sentences: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows(folder / "sentence_labels.jsonl.gz"):
        sentences[row["model_name"], f"{row['doc_id']}/{row['topic']}"].append(row)
    labels: dict[str, list[LabelledReply]] = defaultdict(list)
    for (system, case), own in sentences.items():
        own.sort(key=lambda row: int(row["sent_idx"]))
        claims = tuple(
            Claim(text=row["summ_sent"], supported=row["sent_label"] == "yes", kind=row["type"] or None)
            for row in own
        )
        reply = " ".join(claim.text for claim in claims)
        labels[system].append(LabelledReply(case=case, reply=reply, claims=claims))
    points = {
        f"{row['doc_id']}/{row['topic']}": tuple(
            KeyPoint(text=re.sub(r"^\s*\d+[.)]\s*", "", text)) for text in ast.literal_eval(row["key_points"])
        )
        for row in rows(folder / "completeness.jsonl.gz")
        if row["key_points"].strip()
    }
    return Summaries(labels, points)


def test_factual_precision_adds_up_to_the_published_labels(summaries: Summaries) -> None:
    found = {}
    for system, labels in summaries.labels.items():
        metric, counts = FactualPrecision(labels=tuple(labels)), Counter[str]()
        for label in labels:
            score = metric.score(Case(id=label.case, input=""), Reply(text=label.reply))
            assert isinstance(score, Score)
            claims, supported = score.details["claims"], score.details["supported"]
            assert isinstance(claims, int)
            assert isinstance(supported, int)
            counts.update(claims=claims, supported=supported)
            assert score.value == pytest.approx(supported / claims)
        found[system] = (counts["claims"], counts["supported"])
    assert found == SENTENCES


def test_summaries_leave_out_nearly_all_points_of_other_documents_and_half_of_their_own(
    summaries: Summaries,
) -> None:
    """The words of a point tell it from others: by chance hardly any is found."""
    metric = OmissionRate()
    topics = sorted(summaries.points)
    own: list[float] = []
    strange: list[float] = []
    for labels in summaries.labels.values():
        for place, label in enumerate(labels):
            other = topics[(place * 37 + 11) % len(topics)]
            for case, kept in ((label.case, own), (other, strange)):
                points = summaries.points.get(case, ())
                if not points or (
                    kept is strange and other.partition("/")[0] == label.case.partition("/")[0]
                ):
                    continue
                score = metric.score(Case(id="x", input="", key_points=points), Reply(text=label.reply))
                assert isinstance(score, Score)
                kept.append(score.value)
    assert len(own) > 1500
    assert 0.4 < sum(own) / len(own) < 0.65
    assert sum(strange) / len(strange) > 0.99


def test_claims_that_are_listed_and_checked_as_linguists_did_give_their_figure_and_their_places(
    summaries: Summaries,
) -> None:
    """Each sentence is listed as a claim and checked as it was labelled: nothing is lost on the way through both rounds."""
    metric = Claims(asks="judge", batch=3)
    compared = 0
    for label in (label for own in summaries.labels.values() for label in own if label.claims):
        claims = list({claim.text: claim for claim in label.claims or ()}.values())
        case, reply = Case(id=label.case, input="The meeting."), Reply(text=label.reply)
        answers: list[Reply] = [Reply(text=listing([claim.text for claim in claims]))]
        checks = metric.read(case, reply, answers)
        assert isinstance(checks, tuple)
        batches = [claims[start : start + 3] for start in range(0, len(claims), 3)]
        assert len(checks) == len(batches)
        answers += [Reply(text=checking(batch)) for batch in batches]
        score = metric.read(case, reply, answers)
        assert isinstance(score, Score)
        told = FactualPrecision(labels=(replace(label, claims=tuple(claims)),)).score(case, reply)
        assert isinstance(told, Score)
        assert score.value == pytest.approx(told.value)
        assert score.details["unplaced"] == 0
        wrong = score.details["unsupported"]
        assert isinstance(wrong, list)
        assert [label.reply[each["start"] : each["end"]] for each in wrong] == [
            claim.text.strip() for claim in claims if not claim.supported
        ][:20]
        compared += len(claims)
    assert compared > 4_900


def listing(texts: Sequence[str]) -> str:
    return json.dumps({"claims": [{"quote": text, "claim": text} for text in texts]})


def checking(claims: Sequence[Claim]) -> str:
    rows = [
        {
            "number": number,
            "reason": "",
            "quote": None,
            "verdict": "supported" if claim.supported else "not in the source",
        }
        for number, claim in enumerate(claims, 1)
    ]
    return json.dumps({"claims": rows})
