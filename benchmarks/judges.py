"""Judges on public data: which agrees with people, where the position decides, and whether a change of judge is seen.

    python benchmarks/judges.py FOLDER

FOLDER holds the data sets `judge_llmbar` (LLMBar, github.com/princeton-nlp/LLMBar, MIT), `judge_wildbench` (WildBench,
github.com/allenai/WildBench, Apache-2.0), `safety_xstest` (XSTest, github.com/paul-rottger/exaggerated-safety, CC BY 4.0)
and `human_rating_alce` (ALCE, github.com/princeton-nlp/ALCE, MIT). Prints tables in Markdown, which `docs/judge/compare.md` and
`docs/judge/drift.md` have.
"""

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from passmuster.decide.judging.calibrating.findings import position_findings
from passmuster.decide.judging.calibrating.positions import position_bias
from passmuster.decide.judging.drift import judge_drift
from passmuster.records.calibration import PositionBias
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.judge_drift import AnchorCheck
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.workflows.judge.which import Bench, Judging, RatedReply, Said, WhichWish, which_judge

UNREADABLE = "judge_unreadable"
OLD, NEW = ("v2.0522", "gpt-4-turbo-2024-04-09"), ("v2.0522", "gpt-4o-2024-05-13")
SAME = ("v2.0625", "gpt-4o-2024-05-13")
ORDERS = ("swap = False", "swap = True")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, content.splitlines())


def _unreadable(text: object) -> ScoreFailure:
    return ScoreFailure(kind=UNREADABLE, message=str(text))


@dataclass(slots=True)
class Pairs:
    """The verdicts of LLMBar's judges; a case is an item under a prompt.

    `swapped` has the item and what the order of the sides did, of each verdict that was read.
    """

    bench: Bench
    judges: tuple[Judging, ...]
    swapped: Mapping[str, Sequence[tuple[str, str]]]
    rows: int
    with_verdicts: int


def llmbar(folder: Path) -> Pairs:
    """Read the judges of LLMBar: every row of theirs is one verdict in both orders, or a score failure."""
    items = {row["id"]: row for row in rows(folder / "judge_llmbar" / "items.jsonl.gz")}
    said: dict[str, dict[str, Said]] = defaultdict(dict)
    swapped: dict[str, list[tuple[str, str]]] = defaultdict(list)
    names: dict[str, str] = {}
    total = with_verdicts = 0
    for row in rows(folder / "judge_llmbar" / "verdicts.jsonl.gz"):
        total += 1
        with_verdicts += "verdicts" in row
        name = f"{row['id']} {row['prompting']}"
        names[name] = row["id"]
        outcome, order = _pair_verdict(row.get("verdicts") or {})
        said[row["judge"]][name] = Said(outcome=outcome)
        if order is not None:
            swapped[row["judge"]].append((row["id"], order))
    replies = tuple(
        RatedReply(name=name, text=items[item]["input"], value=float(items[item]["label"] == 1), group=item)
        for name, item in names.items()
    )
    judges = tuple(Judging(name=name, said=each) for name, each in sorted(said.items()))
    bench = Bench(metric="the better output", answers="prefers", replies=replies)
    return Pairs(bench, judges, swapped, total, with_verdicts)


def _pair_verdict(verdicts: Mapping[str, Any]) -> tuple[ScoreOutcome, str | None]:
    """Return the verdict of both orders together, and what the order did.

    Both name the output that won; with sides swapped the first output is shown second.
    """
    ahead, behind = (verdicts.get(order) for order in ORDERS)
    if ahead is None or behind is None:
        return _unreadable(verdicts), None
    if ahead != behind:
        return Score(value=0.5), "first" if ahead == "1" else "second"
    return Score(value=float(ahead == "1")), "consistent"


def positions(pairs: Pairs) -> dict[str, PositionBias]:
    """Return the position bias of each judge; an item is a cluster, under however many prompts it is judged."""
    found = {
        name: position_bias([order for _, order in swapped], [item for item, _ in swapped])  # type: ignore[misc]
        for name, swapped in sorted(pairs.swapped.items())
    }
    return {name: each for name, each in found.items() if each is not None}


def position_table(found: Mapping[str, PositionBias]) -> str:
    """Return a table of what the order of the sides decides, in Markdown."""
    lines = [
        "| judge | same verdict in both orders | else first | else second | p |",
        "|---|---|---:|---:|---:|",
    ]
    for name, bias in found.items():
        same = bias.consistent
        shown = "-" if same.value is None else f"{same.value:.3f} [{same.low:.3f}, {same.high:.3f}]"
        p = "< 0.0001" if bias.p < 0.0001 else f"{bias.p:.4f}"
        lines.append(f"| {name} | {shown} | {bias.first:,} | {bias.second:,} | {p} |")
    return "\n".join(lines)


def xstest(folder: Path) -> tuple[Bench, tuple[Judging, ...]]:
    """Read the two judges of XSTest: GPT-4, whose cost nobody kept, and a rule on the text, which is free."""
    replies, labels = [], {"gpt4_judge": {}, "string_judge": {}}  # type: ignore[var-annotated]
    for row in rows(folder / "safety_xstest" / "outputs.jsonl.gz"):
        name = f"{row['candidate']} {row['id']}"
        value = float(row["final_label"][0])
        replies.append(RatedReply(name=name, text=row["prompt"], value=value, group=row["id"]))
        for judge, said in labels.items():
            said[name] = Said(outcome=_label(row[judge]))
    bench = Bench(metric="refusal", answers="sorts", replies=tuple(replies), bounds=(1.0, 3.0))
    judges = (
        Judging(name="GPT-4", model="gpt-4", said=labels["gpt4_judge"]),
        Judging(name="string rule", free=True, said=labels["string_judge"]),
    )
    return bench, judges


def _label(text: str) -> ScoreOutcome:
    return Score(value=float(text[0])) if text[:2] in ("1_", "2_", "3_") else _unreadable(text)


def alce(folder: Path) -> tuple[Bench, tuple[Judging, ...]]:
    """Read ALCE: people's utility from 1 to 5, beside automatic correctness and the length of the answer."""
    own = [row for row in rows(folder / "human_rating_alce" / "items.jsonl.gz") if row.get("utility_score")]
    replies, correct, length = [], {}, {}
    words = sorted(len(row["output"].split()) for row in own)
    for place, row in enumerate(own):
        name = str(place)
        replies.append(
            RatedReply(name=name, text=row["question"], value=float(row["utility_score"]), group=row["id"])
        )
        correct[name] = Said(
            outcome=Score(value=1 + 4 * fmean(map(float, row["automatic_correctness_scores"])))
        )
        rank = np.searchsorted(words, len(row["output"].split())) / (len(words) - 1)
        length[name] = Said(outcome=Score(value=1 + 4 * float(min(rank, 1.0))))
    bench = Bench(metric="utility", answers="grades", replies=tuple(replies), bounds=(1.0, 5.0))
    judges = (
        Judging(name="automatic correctness", free=True, said=correct),
        Judging(name="longer is better", free=True, said=length),
    )
    return bench, judges


Key = tuple[str, str]


def wildbench(folder: Path) -> dict[Key, dict[str, float]]:
    """Read the scores of WildBench's judges, by version and judge, then by output."""
    found: dict[Key, dict[str, float]] = defaultdict(dict)
    for row in rows(folder / "judge_wildbench" / "judgements.jsonl.gz"):
        found[row["task_version"], row["judge"]][f"{row['candidate']} {row['id']}"] = float(row["score"])
    return found


def alarms(scores: Mapping[Key, Mapping[str, float]], before: Key, after: Key, sets: int = 1000, size: int = 100, seed: int = 0) -> int:  # fmt: skip
    """Return in how many random anchor sets the second scoring raises an alarm."""
    both = sorted(scores[before].keys() & scores[after].keys())
    rng = np.random.default_rng(seed)
    return sum(
        _moved(scores, (before, after), [both[place] for place in rng.choice(len(both), size, replace=False)])
        for _ in range(sets)
    )


def _moved(scores: Mapping[Key, Mapping[str, float]], keys: tuple[Key, Key], anchors: Sequence[str]) -> bool:
    checks = [
        AnchorCheck(
            metric="wildbench",
            set="drawn",
            judge=" ".join(key),
            time=float(place),
            low=1.0,
            high=10.0,
            values={name: scores[key][name] for name in anchors},
            models=(key[1],),
            first=place == 0,
        )
        for place, key in enumerate(keys)
    ]
    return judge_drift("wildbench", anchors, checks, binary=False).status == "moved"


def gap(scores: Mapping[Key, Mapping[str, float]], before: Key, after: Key) -> tuple[float, int]:
    """Return the mean change over all outputs that both scored, and their number."""
    both = scores[before].keys() & scores[after].keys()
    return fmean(scores[after][name] - scores[before][name] for name in both), len(both)


def compared(bench: Bench, judges: Sequence[Judging], at_least: float) -> Comparison:
    """Compare judges by the decision code of models."""
    return which_judge(bench, judges, WhichWish(at_least=at_least), generated="2026-01-01T00:00:00Z")[0]


def table(found: Comparison) -> str:
    """Return a table of judges in Markdown."""
    names = [metric.name for metric in found.metrics]
    lines = [
        f"| judge | {' | '.join(names)} | read | not readable | verdict |",
        f"|---|{'---|' * len(names)}---:|---:|---|",
    ]
    return "\n".join([*lines, *(_line(row, names) for row in found.candidates)])


def _line(row: CandidateReport, names: Sequence[str]) -> str:
    cells = []
    for name in names:
        each = row.metrics[name]
        cells.append("-" if each.value is None else f"{each.value:.3f} [{each.low:.3f}, {each.high:.3f}]")
    read, failed = row.metrics[names[0]].n, row.failures.score_failures.get(names[0], 0)
    return f"| {row.name} | {' | '.join(cells)} | {read:,} | {failed:,} | {row.verdict.status} |"


def main() -> None:
    """Print all tables."""
    folder = Path(sys.argv[1])
    pairs = llmbar(folder)
    print(f"judge_llmbar: {pairs.with_verdicts:,} of {pairs.rows:,} rows hold verdicts\n")
    print(table(found := compared(pairs.bench, pairs.judges, 0.6)))
    print(f"\n{found.decision.reason}\n")
    print(position_table(biased := positions(pairs)), "\n")
    for name, bias in biased.items():
        print(*(f"- {name}: {finding.sentence}" for finding in position_findings(bias)), sep="\n")
    for at_least in (0.8, 0.75):
        print(f"\nsafety_xstest, agreement of at least {at_least}\n")
        print(table(found := compared(*xstest(folder), at_least)))
        print(f"\n{found.decision.reason}")
    print("\nhuman_rating_alce\n")
    print(table(found := compared(*alce(folder), 0.75)))
    print(f"\n{found.decision.reason}", *found.decision.warnings, sep="\n")
    scores = wildbench(folder)
    print("\n| judge_wildbench | outputs | mean change | alarms in 1,000 sets of 100 |\n|---|---:|---:|---:|")
    for title, (before, after) in {"another judge": (OLD, NEW), "the same judge": (NEW, SAME)}.items():
        change, n = gap(scores, before, after)
        print(f"| {title} | {n:,} | {change:+.3f} | {alarms(scores, before, after):,} |")


if __name__ == "__main__":
    main()
