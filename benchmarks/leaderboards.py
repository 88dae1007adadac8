"""Leaderboards against own scores of real models: python benchmarks/leaderboards.py FOLDER.

FOLDER holds the public data sets. The own tasks are GSM8K and the output of Python functions (CRUXEval), with the replies
of 33 and 24 models; the leaderboards are ZeroEval's of other tasks, Arena-Hard and aider's.
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np

from passmuster.adapters.ingest.leaderboards.table import read_leaderboard
from passmuster.decide.screening.agreement import agreement_report
from passmuster.decide.screening.filtering import FilterWish, filter_report
from passmuster.decide.screening.names import matches, settled
from passmuster.decide.screening.own import OwnScores
from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.leaderboard import PublicTable
from passmuster.records.score import Score
from passmuster.records.screening import FEWEST_MODELS, AgreementReport
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

ANSWER = {"json_path": "$.answer", "repaired": True}
TASKS = {"replay_gsm": "numeric", "replay_code_output": "exact_match"}
OPTIONS = {"numeric": {"extract": ANSWER}, "exact_match": {"extract": ANSWER, "normalise": ["quotes"]}}
TABLES = ("zeroeval_zebra-grid", "zeroeval_mmlu-redux", "zeroeval_math-l5")
OTHERS = ("arena_hard_leaderboard_20240731.csv", "aider_edit_leaderboard.jsonl")
NAMES = {"gemma-2-27b-it@together": ("gemma-2-27b-it",)}
SPLITS = 200


def own_of(data: Path, task: str) -> OwnScores:
    """Score the recorded replies of a task."""
    metric = build_metric(MetricSpec(name="m", kind=TASKS[task], options=OPTIONS[TASKS[task]]))
    cases, places = [], {}
    for line in gzip.decompress((data / task / "items.jsonl.gz").read_bytes()).splitlines():
        row = json.loads(line)
        gold = row["gold"].removeprefix("# ").replace(",", "") if task == "replay_gsm" else row["gold"]
        places[row["id"]] = len(cases)
        cases.append(Case(id=row["id"], input="", reference=gold))
    scores: dict[str, np.ndarray] = {}
    for line in gzip.decompress((data / task / "outputs.jsonl.gz").read_bytes()).splitlines():
        row = json.loads(line)
        column = scores.setdefault(row["candidate"], np.full(len(cases), np.nan))
        outcome = metric.score(cases[places[row["id"]]], Reply(text=row["output"]))
        column[places[row["id"]]] = outcome.value if isinstance(outcome, Score) else np.nan
    return OwnScores(names=tuple(scores), scores=np.column_stack(list(scores.values())), metric=TASKS[task])


def tables_of(data: Path, *, others: bool = False) -> list[PublicTable]:
    """Read the leaderboards."""
    files = [f"{name}.summary.json" for name in TABLES] + (list(OTHERS) if others else [])
    return [read_leaderboard(data / "leaderboards" / name) for name in files]


def held_against(own: OwnScores, tables: list[PublicTable]) -> AgreementReport:
    """Hold the tables against the own scores."""
    return agreement_report(own, tables, matches(_candidates(own), tables, NAMES))


def _candidates(own: OwnScores) -> list[Candidate]:
    return [Candidate(name=name, provider="openai", model=name) for name in own.names]


def dropped(
    own: OwnScores, table: PublicTable, risk: float, asked: int, splits: int
) -> tuple[float, float, float]:
    """Screen the models that have own scores, with the scores of some of them; return how often the best was dropped.

    Beside it: how many were kept on average, and how often the first five of the table hold the best.
    """
    rng = np.random.default_rng(20261122)
    who = settled(matches(_candidates(own), [table], NAMES), table.name)
    here = own.of([name for name in own.names if name in who])
    rows = tuple(row for row in table.rows if row.model in who.values())
    small = PublicTable(
        name=table.name, path="", columns=table.columns, rows=rows, lead=table.lead, rows_read=len(rows)
    )
    best = who[here.names[int(here.means().value.argmax())]]
    lead = table.lead or ""
    first = sorted(rows, key=lambda row: -row.figures[lead].value)[:5]
    lost, kept = 0, 0
    for _ in range(splits):
        some = [here.names[place] for place in rng.choice(len(here.names), asked, replace=False)]
        found = filter_report(small, lead, FilterWish(risk=risk), here.of(some), who)
        lost += best not in {model.model for model in found.models if model.kept}
        kept += found.kept
    return lost / splits, kept / splits, float(best not in {row.model for row in first})


def main(data: Path) -> None:
    """Print both tables."""
    for task in TASKS:
        own = own_of(data, task)
        report = held_against(own, tables_of(data, others=True))
        print(f"\n{task}: {len(own.names)} models, {len(own.scores):,} cases\n{report.sentence}\n")
        print("| column | models | tau (95%) | rho | p, corrected | above 80 | regret of its first |")
        print("|---|---:|---|---:|---:|---|---|")
        for column in report.columns:
            tau, gap, top = column.overall.tau, column.regret, column.above
            if (
                column.corrected_p is None
                or gap is None
                or tau.value is None
                or tau.low is None
                or tau.high is None
            ):
                continue
            some = top is not None and top.agreement.models >= FEWEST_MODELS
            above = f"{top.agreement.tau.value:+.2f} of {top.agreement.models}" if some and top else "-"
            print(
                f"| {column.table}: {column.column} | {column.overall.models} | {tau.value:+.2f} [{tau.low:+.2f},"
                f" {tau.high:+.2f}] | {column.overall.rho.value or 0:+.2f} | {column.corrected_p:.4f} | {above} |"
                f" {gap.regret.value or 0:.3f} [{gap.regret.low or 0:.3f}, {gap.regret.high or 0:.3f}] |"
            )
        for table in tables_of(data):
            for asked in (8, 12):
                lost, kept, _ = dropped(own, table, 0.1, asked, SPLITS)
                print(
                    f"{task}, {table.name}: own scores of {asked}, risk 10%: best dropped {lost:.1%}, kept {kept:.1f}"
                )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
