"""What people said of replies: which of their claims are right, and which key points they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passmuster.errors import ConfigurationError
from passmuster.metrics.metric import shown
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Record):
    """One claim of a reply, such as a sentence: whether what was to be summed up says so, else the `kind` of error."""

    text: str
    supported: bool
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointLabel(Record):
    """Whether a reply makes a key point; `text` is the point's as the case has it."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledReply(Record):
    """The labels of one reply to one case, which is known by its id and the reply's text, white space apart.

    What is None was not labelled.
    """

    case: str
    reply: str
    claims: tuple[Claim, ...] | None = None
    key_points: tuple[PointLabel, ...] | None = None


class LabelBook:
    """Labels by case and reply.

    Raises:
        ConfigurationError: where the same reply to a case is labelled twice.
    """

    def __init__(self, labels: Sequence[LabelledReply]) -> None:
        self._by_key: Mapping[tuple[str, str], LabelledReply] = _indexed(labels)

    def of(self, case: str, reply: str) -> LabelledReply | None:
        """Return the labels of a reply to a case, None where it has none."""
        return self._by_key.get((case, _bare(reply)))


def _indexed(labels: Sequence[LabelledReply]) -> dict[tuple[str, str], LabelledReply]:
    found: dict[tuple[str, str], LabelledReply] = {}
    for label in labels:
        key = (label.case, _bare(label.reply))
        if key in found:
            raise ConfigurationError(
                f"a reply to case {label.case!r} is labelled twice: {shown(label.reply[:80])!r}",
                hint="keep one line for each reply",
            )
        found[key] = label
    return found


def _bare(text: str) -> str:
    return " ".join(text.split())
