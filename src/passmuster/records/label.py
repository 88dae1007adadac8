"""Labels: what somebody says the right answer of a case is, and who it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Json, Record

Annotator: TypeAlias = Literal["human", "machine"]
Stage: TypeAlias = Literal["given", "adjudicated", "settled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Record):
    """One answer to one case, with who gave it; a line of `labels.jsonl`.

    `case` is the case's id, `input` the digest of what was looked at (None: not stated). `value` None says that
    the annotator saw the case and gave no answer. `annotator` is a person's name or the model's, `kind` which of
    the two; `time` is in seconds since the epoch, `source` the file or tool it came by, `confidence` in [0, 1].

    `stage` is `given` for an independent look, `adjudicated` for the word that ends a dispute, and `settled` for
    the record of a reference that was written: `was` is the one before it, `by` whose labels decided it.

    Example:
        >>> Label(case="7", value="refund", annotator="ana", kind="human").stage
        'given'
    """

    case: str
    value: Json
    annotator: str
    kind: Annotator
    time: float | None = None
    input: str | None = None
    source: str | None = None
    confidence: float | None = None
    note: str | None = None
    saw: str | None = None
    stage: Stage = "given"
    was: Json = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelForm(Record):
    """How a file of labels is read: whose they are where its rows do not say, which column holds what.

    `question` is the one of a labelling tool that asked several.
    """

    kind: Annotator = "human"
    annotator: str | None = None
    columns: Mapping[str, str] | None = None
    question: str | None = None
