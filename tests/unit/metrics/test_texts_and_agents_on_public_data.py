"""Metrics of texts and of agents on public data: real replies against others' programs and verdicts."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from passmuster.adapters.providers.wire.steps import read_steps
from passmuster.metrics.agents.steps import Steps
from passmuster.metrics.agents.stopping import Escalated, GaveUp
from passmuster.metrics.agents.tool_arguments import ToolArguments
from passmuster.metrics.metric import Metric
from passmuster.metrics.text.choices import read_choice
from passmuster.metrics.text.rouge import RougeScore
from passmuster.metrics.text.translation import Bleu, Chrf
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

pytestmark = pytest.mark.data

WRITES = (
    "book_reservation",
    "cancel_reservation",
    "send_certificate",
    "update_reservation_baggages",
    "update_reservation_flights",
    "update_reservation_passengers",
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def value(metric: Metric, case: Case, reply: Reply) -> float:
    outcome = metric.score(case, reply)
    assert isinstance(outcome, Score)
    return outcome.value


@pytest.fixture(scope="module")
def pairs(data_folder: Path) -> list[tuple[str, str]]:
    """Return what one model said to a question, with what it said to the next: real texts of 100 to 2,000 letters."""
    said = [
        row["output"].strip() for row in islice(rows(data_folder / "replay_gsm" / "outputs.jsonl.gz"), 6000)
    ]
    return list(zip(said[::30], said[1::30], strict=True))


def test_rouge_of_real_replies_is_that_of_rouge_score(pairs: list[tuple[str, str]]) -> None:
    for stemmed in (False, True):
        scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=stemmed)
        metric = RougeScore(stemmed=stemmed)
        for answer, reference in pairs:
            outcome = metric.score(Case(id="1", input="", reference=reference), Reply(text=answer))
            assert isinstance(outcome, Score)
            theirs = scorer.score(reference, answer)
            parts = [theirs[name].fmeasure for name in ("rouge1", "rouge2", "rougeL")]
            ours: Any = outcome.details["parts"]
            assert [ours[name] for name in ("rouge_1", "rouge_2", "rouge_l")] == pytest.approx(
                parts, abs=1e-9
            )


def test_bleu_and_chrf_of_real_replies_are_those_of_sacrebleu(pairs: list[tuple[str, str]]) -> None:
    for answer, reference in pairs:
        case, reply = Case(id="1", input="", reference=reference), Reply(text=answer)
        bleu, chrf = (
            sacrebleu.sentence_bleu(answer, [reference]),
            sacrebleu.sentence_chrf(answer, [reference]),
        )
        assert value(Bleu(), case, reply) == pytest.approx(bleu.score / 100, abs=1e-9)
        assert value(Chrf(), case, reply) == pytest.approx(chrf.score / 100, abs=1e-9)


def test_the_choices_of_23_models_are_read_as_the_authors_read_them(data_folder: Path) -> None:
    folder = data_folder / "replay_mmlupro"
    options = {row["id"]: row["options"] for row in rows(folder / "items.jsonl.gz")}
    agreed, stated = Counter[bool](), Counter[bool]()
    for row in rows(folder / "outputs.jsonl.gz"):
        offered = options[row["id"]]
        found = read_choice(row["output"], "ABCDEFGHIJ"[: len(offered)], offered, "first")
        same = (found.letter if found else None) == row["published_pred"]
        agreed[same] += 1
        if found is not None and found.by == "stated" and row["published_pred"] is not None:
            stated[same] += 1

    assert agreed.total() == 23_020
    assert agreed[True] / agreed.total() >= 0.964
    assert stated[True] / stated.total() >= 0.998


def test_the_calls_of_an_agent_are_right_where_it_was_rewarded(data_folder: Path) -> None:
    metric = ToolArguments(tools=WRITES, extra=True, failed="^Error")
    right = Counter[tuple[bool, bool]]()
    stopped = Counter[bool]()
    for row in rows(data_folder / "repeats_tau_bench" / "gpt4o_airline_4trials.jsonl.gz"):
        case = Case(id=str(row["task_id"]), input=row["instruction"], reference=row["gold_actions"])
        reply = Reply(text=row["last_assistant"] or "", steps=read_steps(row["traj"], str))
        right[value(metric, case, reply) == 1, bool(row["reward"])] += 1
        assert value(Steps(), case, reply) == row["n_tool_calls"]
        outcome = Escalated().score(case, reply)
        assert isinstance(outcome, Score)
        wanted = any(call["name"] == "transfer_to_human_agents" for call in row["gold_actions"])
        assert outcome.details["expected"] is wanted
        stopped[bool(value(GaveUp(), case, reply))] += 1

    assert right == {(True, True): 83, (False, False): 112, (True, False): 4, (False, True): 1}
    assert stopped[True] == 2
