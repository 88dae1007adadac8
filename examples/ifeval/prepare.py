"""Write the cases and the recorded replies of this example beside this file, from a file of IFEval.

python prepare.py items.jsonl.gz
"""

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def case_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case whose reference lists its instructions, each with its options beside its name."""
    named = zip(row["instruction_id_list"], row["kwargs"], strict=True)
    return {
        "id": str(row["key"]),
        "input": row["prompt"],
        "reference": [{"id": name, **options} for name, options in named],
    }


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of the file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main(path: Path, folder: Path) -> None:
    """Write both files."""
    with (
        (folder / "cases.jsonl").open("w", encoding="utf-8") as cases,
        (folder / "recorded.jsonl").open("w", encoding="utf-8") as replies,
    ):
        for row in rows(path):
            cases.write(json.dumps(case_of(row), ensure_ascii=False) + "\n")
            reply = {"candidate": "gpt-4", "id": str(row["key"]), "output": row["gpt4_response"]}
            replies.write(json.dumps(reply, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), HERE)
