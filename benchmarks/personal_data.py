"""How much of the personal data in a labelled set the built-in detector finds, by kind.

    python benchmarks/personal_data.py FOLDER      FOLDER holds pii_presidio/items.jsonl.gz; default: $PASSMUSTER_DATA

An identifier counts as found where a span covers all of it. Wrong is a span where the set has no personal data of
these kinds.
"""

import gzip
import json
import os
import sys
from collections import Counter
from pathlib import Path

from passmuster.corpus.personal.find import find_personal

KINDS = {
    "EMAIL_ADDRESS": "mail",
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
    "CREDIT_CARD": "card",
    "IP_ADDRESS": "ip",
    "US_SSN": "ssn",
}
"""The set's kinds that have a form, and ours; it has names, places, dates and the like besides."""


def measured(folder: Path) -> tuple[Counter[str], Counter[str], int]:
    """Return found and all identifiers by kind, and how many spans are wrong."""
    found: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    wrong = 0
    with gzip.open(folder / "pii_presidio" / "items.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = find_personal(row["text"])
            gold = [each for each in row["gold"] if each["entity_type"] in KINDS]
            for each in gold:
                kind = KINDS[each["entity_type"]]
                whole[kind] += 1
                start, end = each["start_position"], each["end_position"]
                found[kind] += any(span.start <= start and end <= span.end for span in spans)
            wrong += sum(
                not any(
                    span.start < each["end_position"] and each["start_position"] < span.end for each in gold
                )
                for span in spans
            )
    return found, whole, wrong


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PASSMUSTER_DATA", "data"))
    found, whole, wrong = measured(folder)
    for kind, count in whole.most_common():
        print(f"{kind:<6} {found[kind]:>4} of {count:>4}  {found[kind] / count:.1%}")
    print(f"all    {found.total():>4} of {whole.total():>4}  {found.total() / whole.total():.1%}")
    print(f"wrong  {wrong:>4}")


if __name__ == "__main__":
    main()
