"""Summaries of six systems with a label for each sentence, and the key points of their topics."""

import ast
import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

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
