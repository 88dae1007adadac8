"""Accuracies that others published, computed again from the raw outputs: which policy of reading gives which number.

    python benchmarks/published_numbers.py FOLDER

FOLDER holds the data sets `replay_gsm` and `replay_code_output`: outputs of models in ZeroEval
(github.com/WildEval/ZeroEval, Apache-2.0) with the table that its authors published. Prints a table of each in
Markdown; `docs/metrics/published.md` has it.
"""

import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import correlation
from typing import Any

from passmuster.metrics.answers import Extract
from passmuster.metrics.json_text import find_json, parse_json
from passmuster.metrics.metric import Metric
from passmuster.metrics.structure.repair import repaired
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.metrics.text.numeric import Numeric
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

MENDED = Extract(json_path="$.answer", repaired=True)
FOUND = Extract(regex=r'"answer"\s*:\s*"?([^"}\n]*)', which="last")

POLICIES: Mapping[str, Mapping[str, Metric]] = {
    "replay_gsm": {
        "mended": Numeric(extract=MENDED, which="first"),
        "found": Numeric(extract=FOUND, which="first"),
    },
    "replay_code_output": {
        "mended": ExactMatch(extract=MENDED, normalise=("quotes",)),
        "strict": ExactMatch(extract=MENDED),
    },
}
"""Ways to read the answers of a data set, by name."""

OTHER_NAMES = {"gemma-2-27b-it@together": "gemma-2-27b-it"}
"""Candidates that the published table calls otherwise; `deepseek-chat` is not in it."""


@dataclass(slots=True)
class Row:
    """What one candidate got: counts of replies by policy, and in percent what was published."""

    published: float | None = None
    replies: int = 0
    right: Counter[str] = field(default_factory=Counter)
    json: Counter[str] = field(default_factory=Counter)
    """How many replies are JSON as they stand, without their fence, and an object with an answer after repairs."""

    def percent(self, policy: str) -> float:
        """Return the accuracy of a policy in percent."""
        return 100 * self.right[policy] / self.replies

    def readable(self, form: str) -> float:
        """Return the share of replies that are JSON in this form, in percent."""
        return 100 * self.json[form] / self.replies


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a compressed JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def table(folder: Path) -> dict[str, Row]:
    """Return the row of each candidate of a data set."""
    policies = POLICIES[folder.name]
    published = {
        row["Model"]: float(row["Acc"]) for row in json.loads((folder / "published_scores.json").read_text())
    }
    cases = {
        row["id"]: Case(id=row["id"], input="", reference=row["gold"])
        for row in lines(folder / "items.jsonl.gz")
    }
    rows: dict[str, Row] = defaultdict(Row)
    for line in lines(folder / "outputs.jsonl.gz"):
        name, text = line["candidate"], line["output"]
        row = rows[name]
        row.published = published.get(OTHER_NAMES.get(name, name))
        row.replies += 1
        for policy, metric in policies.items():
            outcome = metric.score(cases[line["id"]], Reply(text=text))
            row.right[policy] += int(isinstance(outcome, Score) and outcome.value)
        row.json["raw"] += not isinstance(parse_json(text), Unreadable)
        row.json["unfenced"] += not isinstance(find_json(text), Unreadable)
        row.json["repaired"] += _has_answer(text)
    return dict(sorted(rows.items()))


def _has_answer(text: str) -> bool:
    found = repaired(text)
    return not isinstance(found, Unreadable) and isinstance(found.value, dict) and "answer" in found.value


def main() -> None:
    """Print the table of every data set in the folder."""
    for name, policies in POLICIES.items():
        print(f"### {name}\n")
        heads = [f"{policy} (difference)" for policy in policies]
        print(f"| candidate | published | {' | '.join(heads)} | JSON: raw | without fence | repaired |")
        print(f"|---|---|{'---|' * (len(heads) + 3)}")
        rows = table(Path(sys.argv[1]) / name)
        for candidate, row in rows.items():
            figures = [_figure(row, policy) for policy in policies]
            forms = [f"{row.readable(form):.1f}" for form in ("raw", "unfenced", "repaired")]
            known = "-" if row.published is None else f"{row.published:.2f}"
            print(f"| {' | '.join([candidate, known, *figures, *forms])} |")
        kept = ", ".join(f"{policy} {rank_correlation(rows, policy):.3f}" for policy in policies)
        print(f"\nSpearman's rank correlation with the published column: {kept}.\n")


def rank_correlation(rows: Mapping[str, Row], policy: str) -> float:
    """Return how alike the published accuracies and those of a policy order the candidates, in [-1, 1]."""
    known = [(row.published, row.percent(policy)) for row in rows.values() if row.published is not None]
    return correlation(*(_ranks(values) for values in zip(*known, strict=True)))


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value; equal ones share the mean of theirs."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


def _figure(row: Row, policy: str) -> str:
    value = row.percent(policy)
    return (
        f"{value:.2f}"
        if row.published is None
        else f"{value:.2f} ({round(value - row.published, 2) + 0.0:+.2f})"
    )


if __name__ == "__main__":
    main()
