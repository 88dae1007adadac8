"""The decision in sentences, for those who read no tables."""

from collections.abc import Iterator

from passmuster.records.decided import DecisionRecord
from passmuster.report.escape import cut, visible

SENTENCE_LIMIT = 1200
OTHERS_SHOWN = 12
UNKNOWN_SHOWN = 8


def paragraphs(record: DecisionRecord) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the decision as titles with sentences under them, each one harmless line; what is empty is left out."""
    chosen = [option.sentence for option in record.options if option.name == record.chosen]
    others = [option.sentence for option in record.options if option.name != record.chosen]
    made = (
        (_headline(record), (record.reason,)),
        ("What it is for", tuple(each for each in (record.purpose,) if each)),
        ("Why this one", tuple(chosen)),
        ("The others" if chosen else "The candidates", _some(others, OTHERS_SHOWN)),
        ("Worth an LLM?", tuple(each for each in (record.worth,) if each)),
        ("What would change it", record.turning),
        ("Next", tuple(_next(record))),
        ("What is not known", _some(list(record.unknown), UNKNOWN_SHOWN)),
        ("Look again", (_again(record), *record.sooner)),
    )
    return tuple((line_of(title), tuple(map(line_of, said))) for title, said in made if said)


def _headline(record: DecisionRecord) -> str:
    owner = "" if record.owner is None else f" (owner: {record.owner})"
    return f"{record.task}: {record.answer}{owner}"


def _next(record: DecisionRecord) -> Iterator[str]:
    if record.next_step is not None and record.next_step not in record.reason:
        yield record.next_step


def _again(record: DecisionRecord) -> str:
    return f"By {record.review} at the latest."


def _some(said: list[str], most: int) -> tuple[str, ...]:
    more = len(said) - most
    if more <= 0:
        return tuple(said)
    return (*said[:most], f"And {more:,} more: passmuster compare shows all.")


def line_of(text: str) -> str:
    """Return a sentence as one harmless line."""
    return visible(cut(text, SENTENCE_LIMIT))
