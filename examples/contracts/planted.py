"""Write recorded answers with planted failures: `python examples/contracts/planted.py CASES.jsonl OUT.jsonl`.

Each answer fails in exactly one way, or in none, and its row says which in `planted`: so a metric, or a rule that
tells how an answer fails, can be compared with the truth, answer by answer. The same cases and the same seed give
the same file.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20261121

REFUSALS = (
    "I'm sorry, but I can't help with reading contracts.",
    "I am unable to assist with this request.",
    "As an AI model I cannot give legal advice, so I have to decline.",
)
HEDGES = (
    "It is hard to say. It might be {party}, possibly under clause {clause}, but I am not sure.",
    "I'm not certain about this one; perhaps clause {clause} applies, but it could be another.",
)
ESCALATIONS = (
    "I am passing this to a colleague of the legal team, who will read the extract.",
    "This needs a human reviewer. I have forwarded the contract to one.",
)

Answer = Mapping[str, Any]
Maker = Callable[[Answer, "np.random.Generator"], str]


def right(answer: Answer, rng: np.random.Generator) -> str:
    """Return the right answer, in one of two spellings."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if rng.integers(2) else f"```json\n{text}\n```"


def wrong_value(answer: Answer, rng: np.random.Generator) -> str:
    """Return an answer with another party: well-formed, plausible and wrong."""
    other = ("Norvik Freight Ltd", "Asten Foods GmbH", "Calder Mills plc")[rng.integers(3)]
    return right({**answer, "party": other}, rng)


def invented_citation(answer: Answer, rng: np.random.Generator) -> str:
    """Return the right values with a clause that no extract has."""
    return right({**answer, "clause": f"{60 + rng.integers(30)}.{10 + rng.integers(80)}"}, rng)


def malformed(answer: Answer, rng: np.random.Generator) -> str:
    """Return JSON that is none: without quotes around the names."""
    del rng
    return re.sub(r'"(\w+)":', r"\1:", json.dumps(answer, ensure_ascii=False))


def empty(answer: Answer, rng: np.random.Generator) -> str:
    """Return nothing, or white space."""
    del answer
    return ("", "  \n")[rng.integers(2)]


def truncated(answer: Answer, rng: np.random.Generator) -> str:
    """Return the beginning of the right answer, cut inside it."""
    text = json.dumps(answer, ensure_ascii=False)
    return text[: int(rng.integers(len(text) // 3, len(text) - 2))]


def _one_of(texts: Sequence[str]) -> Maker:
    return lambda answer, rng: texts[rng.integers(len(texts))].format(**answer)


KINDS: Mapping[str, Maker] = {
    "correct": right,
    "wrong_value": wrong_value,
    "invented_citation": invented_citation,
    "malformed": malformed,
    "empty": empty,
    "truncated": truncated,
    "refusal": _one_of(REFUSALS),
    "hedged": _one_of(HEDGES),
    "escalated": _one_of(ESCALATIONS),
}
"""What is planted; `wrong_value` and `invented_citation` are silent failures, those after them loud ones."""


def planted(cases: Sequence[Mapping[str, Any]], seed: int = SEED) -> list[dict[str, Any]]:
    """Return one recorded answer for each case, every kind of failure as often as any other."""
    rng = np.random.default_rng(seed)
    kinds = [list(KINDS)[number % len(KINDS)] for number in rng.permutation(len(cases))]
    rows = []
    for case, kind in zip(cases, kinds, strict=True):
        row = {"id": case["id"], "candidate": "planted", "output": KINDS[kind](case["reference"], rng)}
        rows.append({**row, "finish_reason": "length" if kind == "truncated" else "stop", "planted": kind})
    return rows


def main() -> None:
    """Read cases from the first file that is named, and write answers to the second."""
    cases = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in planted(cases))
    Path(sys.argv[2]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
