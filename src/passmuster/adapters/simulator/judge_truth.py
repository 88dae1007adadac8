"""What is true of the replies that a simulated judge is asked about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean

from passmuster.records.rating import reply_digest
from passmuster.records.record import Json, Record
from passmuster.records.trial import Reply

LARGEST = 1e6
"""The greatest value that is one of a rubric, whose scales end long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth(Record):
    """What one reply is worth, in the unit of the rubric, with its criteria, and whose it is (`by`).

    `about` is the text of its case as judges are shown it; None: the reply is worth the same in any case.
    """

    value: float
    parts: Mapping[str, float] = field(default_factory=dict)
    by: str | None = None
    about: str | None = None


class Truths:
    """A table of what is true, by reply; of several rows of one reply to one case the mean holds.

    A row has the reply's `text`, or its digest as `reply` (so that a `ratings.jsonl` is such a table), and its `value`; it may
    have the values of criteria (`parts`), whose it is (`candidate`) and to which `case` it belongs. Other rows are passed over.

    Args:
        rows: The rows.
        inputs: The text of each case, by its id.

    Example:
        >>> truths = Truths([{"text": "Paris", "value": 1, "case": "7"}], {"7": "The capital of France?"})
        >>> truths.of("Paris", "The capital of Spain?") is None, truths.of("Paris", "The capital of France?").value
        (True, 1.0)
    """

    def __init__(
        self, rows: Iterable[Mapping[str, Json]] = (), inputs: Mapping[str, str] | None = None
    ) -> None:
        found: dict[tuple[str, str | None], list[Truth]] = defaultdict(list)
        for row in rows:
            truth = _read(row, inputs or {})
            if truth is not None:
                found[_digest(row), truth.about].append(truth)
        self._found = {
            key: replace(same[-1], value=fmean(truth.value for truth in same), parts=_means(same))
            for key, same in found.items()
        }

    def __len__(self) -> int:
        """Return how many replies it knows."""
        return len(self._found)

    def of(self, reply: str, about: str) -> Truth | None:
        """Return what is true of a reply to the case with this text; None where nothing is known."""
        digest = reply_digest(Reply(text=reply))
        return self._found.get((digest, about)) or self._found.get((digest, None))


def _read(row: Mapping[str, Json], inputs: Mapping[str, str]) -> Truth | None:
    value, parts, by, case = (row.get(name) for name in ("value", "parts", "candidate", "case"))
    number = _number(value)
    if number is None or not _digest(row):
        return None
    named = parts if isinstance(parts, Mapping) else {}
    found = {name: _number(part) for name, part in named.items()}
    return Truth(
        value=number,
        parts={name: part for name, part in found.items() if part is not None},
        by=by if isinstance(by, str) else None,
        about=inputs.get(case) if isinstance(case, str) else None,
    )


def _digest(row: Mapping[str, Json]) -> str:
    text, reply = row.get("text"), row.get("reply")
    if isinstance(text, str):
        return reply_digest(Reply(text=text))
    return reply if isinstance(reply, str) else ""


def _means(same: list[Truth]) -> Mapping[str, float]:
    names = dict.fromkeys(name for truth in same for name in truth.parts)
    return {name: fmean(truth.parts[name] for truth in same if name in truth.parts) for name in names}


def _number(value: Json) -> float | None:
    """Return a number, also one that a cell of a CSV file holds as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and abs(value) <= LARGEST else None
