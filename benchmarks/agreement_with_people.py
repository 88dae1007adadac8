"""How far metrics agree with people, on four public sets of human labels: each figure with its interval.

    python benchmarks/agreement_with_people.py FOLDER

FOLDER holds the data sets `summaries_frank`, `summaries_tofueval`, `factual_halueval` and `human_rating_alce`. Prints
a table of each in Markdown; `docs/judge/agreement.md` has them. Replies to one document or question are one group.
"""

import ast
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from passmuster.decide.judging.agreement import score_agreement, verdict_agreement
from passmuster.metrics.endings.reading import read_text
from passmuster.metrics.metric import Metric
from passmuster.metrics.quality.length import Length
from passmuster.metrics.quality.readability import Readability
from passmuster.metrics.summary.key_points import KeyPoints
from passmuster.records.case import Case, KeyPoint
from passmuster.records.score import Estimate, Score
from passmuster.records.trial import Reply

Table: TypeAlias = Mapping[str, Mapping[str, Estimate]]
"""Metric -> figure -> estimate."""

GOOD = 4
"""From this rating of 1 to 5 on, people found an answer useful."""


class Rated(NamedTuple):
    """A reply with what people said of it, its group, and what it is judged by."""

    case: Case
    text: str
    people: float
    group: str


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a compressed JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def values_of(metric: Metric, replies: Sequence[Rated]) -> list[float]:
    """Return the metric's value of each reply, NaN where it has none."""
    scores = [metric.score(each.case, Reply(text=each.text)) for each in replies]
    return [each.value if isinstance(each, Score) else float("nan") for each in scores]


def frank(folder: Path) -> dict[str, Table]:
    """Return how 15 automatic metrics of summaries go with the share of sentences that people found factual.

    Apart for the two sources of news, too: their summaries differ in both, which makes a correlation by itself.
    """
    rows = list(lines(folder / "summaries_frank" / "scores.jsonl.gz"))
    verdicts = verdict_agreement(
        [float(row["metrics"]["FactCC"] > 1 / 2) for row in rows],
        [float(row["human_factuality"] == 1) for row in rows],
        groups=[row["hash"] for row in rows],
    )
    parts = {name: [row for row in rows if row["dataset"] == name] for name in ("cnndm", "bbc")}
    return {
        "scores": _frank_scores(rows),
        **{f"scores, {name} alone": _frank_scores(own) for name, own in parts.items()},
        "verdicts": {"FactCC": verdicts},
    }


def _frank_scores(rows: Sequence[Mapping[str, Any]]) -> Table:
    people, groups = [row["human_factuality"] for row in rows], [row["hash"] for row in rows]
    return {
        name: score_agreement([row["metrics"][name] for row in rows], people, groups=groups, same_unit=False)
        for name in sorted(rows[0]["metrics"])
    }


def tofueval(folder: Path) -> dict[str, Table]:
    """Return how metrics of summaries go with the share of their sentences that linguists found faithful."""
    points = {
        f"{row['doc_id']}/{row['topic']}": tuple(
            KeyPoint(text=re.sub(r"^\s*\d+[.)]\s*", "", text)) for text in ast.literal_eval(row["key_points"])
        )
        for row in lines(folder / "summaries_tofueval" / "completeness.jsonl.gz")
        if row["key_points"].strip()
    }
    sentences = defaultdict(list)
    for row in lines(folder / "summaries_tofueval" / "sentence_labels.jsonl.gz"):
        sentences[row["model_name"], row["doc_id"], row["topic"]].append(row)
    replies = []
    for (_, document, topic), rows in sorted(sentences.items()):
        rows.sort(key=lambda row: int(row["sent_idx"]))
        case = Case(id=topic, input="", key_points=points.get(f"{document}/{topic}", ()))
        faithful = sum(row["sent_label"] == "yes" for row in rows) / len(rows)
        replies.append(Rated(case, " ".join(row["summ_sent"] for row in rows), faithful, document))
    return {"scores": _scores(replies, KeyPoints(), Length(), Readability())}


def halueval(folder: Path) -> dict[str, Table]:
    """Return how metrics of ChatGPT's answers go with whether people found nothing invented in them."""
    replies = [
        Rated(
            Case(id=row["ID"], input=row["user_query"]),
            row["chatgpt_response"],
            float(row["hallucination"] == "no"),
            row["user_query"],
        )
        for row in lines(folder / "factual_halueval" / "items.jsonl.gz")
    ]
    endings = [read_text(each.text) for each in replies]
    people, groups = [each.people for each in replies], [each.group for each in replies]
    verdicts = {
        "answers without a hedge": verdict_agreement(
            [float(each.kind == "answer") for each in endings], people, groups=groups
        )
    }
    return {"scores": _scores(replies, Length(), Readability()), "verdicts": verdicts}


def alce(folder: Path) -> dict[str, Table]:
    """Return how the automatic correctness of cited answers, and their length, go with how useful people found them."""
    every = lines(folder / "human_rating_alce" / "items.jsonl.gz")
    rows = [row for row in every if "utility_score" in row]  # 8 others are totals of a system
    groups = [row["id"] for row in rows]
    people = [float(row["utility_score"]) for row in rows]
    shares = [
        sum(parts) / len(parts) if (parts := row["automatic_correctness_scores"]) else float("nan")
        for row in rows
    ]
    replies = [
        Rated(
            Case(id=row["id"], input=row["question"]),
            row["output"],
            row["utility_score"],
            row["id"],
        )
        for row in rows
    ]
    correct = {
        "automatic correctness": score_agreement(shares, people, groups=groups, same_unit=False),
        **_scores(replies, Length()),
    }
    correct_throughout = [share if share != share else float(share == 1) for share in shares]  # noqa: PLR0124 - NaN stays NaN
    useful = [float(each >= GOOD) for each in people]
    verdicts = {"every part correct": verdict_agreement(correct_throughout, useful, groups=groups)}
    return {"scores": correct, "verdicts": verdicts}


def _scores(replies: Sequence[Rated], *metrics: Metric) -> Table:
    people, groups = [each.people for each in replies], [each.group for each in replies]
    return {
        metric.name: score_agreement(values_of(metric, replies), people, groups=groups, same_unit=False)
        for metric in metrics
    }


SETS = {
    "summaries_frank": frank,
    "summaries_tofueval": tofueval,
    "factual_halueval": halueval,
    "human_rating_alce": alce,
}


def main() -> None:
    """Print the tables of every data set in the folder."""
    for name, tables in SETS.items():
        for kind, table in tables(Path(sys.argv[1])).items():
            heads = list(next(iter(table.values())))
            print(f"### {name}: {kind}\n")
            print(f"| metric | n | {' | '.join(heads)} |")
            print(f"|---|---|{'---|' * len(heads)}")
            for metric, figures in table.items():
                n = figures["raw agreement" if kind == "verdicts" else "Pearson"].n
                print(f"| {metric} | {n:,} | {' | '.join(_cell(each) for each in figures.values())} |")
            print()


def _cell(found: Estimate) -> str:
    if found.value is None:
        return found.note or "-"
    known = found.low is not None and found.high is not None
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]" if known else f"{found.value:.2f}"


if __name__ == "__main__":
    main()
