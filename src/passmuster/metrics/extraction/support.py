"""Which of the values that are claimed stand in the places that are cited for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from passmuster.metrics.answers import as_text
from passmuster.metrics.extraction.counting import MOST_SHOWN
from passmuster.metrics.extraction.rules import FieldRule
from passmuster.metrics.extraction.within import holds, single_values
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Support(Record):
    """What the citations of one claim hold of it, in words.

    Args:
        lacking: The first 20 values that none of them holds, each with the first 20 places that were looked at.
        idle: By citation: what it was to hold, where that is held by others and it holds no value at all.
    """

    lacking: tuple[str, ...]
    idle: Mapping[str, str]


def support(places: Mapping[str, str], values: Mapping[str, Json], rules: Mapping[str, FieldRule]) -> Support:
    """Return which values of a claim no place holds, and which places hold none of them.

    Each value, also of a list or an object, must stand in one of the places; where there is no place, nothing is said.

    Args:
        places: The text of each existing place that is cited for the claim.
        values: What is claimed, by field.
        rules: How the values of each field are found.

    Example:
        >>> rules = {"fee": FieldRule(kind="money"), "due": FieldRule(kind="date")}
        >>> places = {"4.1": "The fee is EUR 90.", "4.2": "It is due at once."}
        >>> support(places, {"fee": 90}, rules)
        Support(lacking=(), idle={'4.2': 'fee 90'})
        >>> support(places, {"fee": 80}, rules).lacking
        ('4.1, 4.2: fee 80',)
    """
    single = [
        (name, each, rule)
        for name, value in values.items()
        for each, rule in single_values(value, rules[name])
    ]
    found: set[int] = set()
    holding: set[str] = set()
    for citation, text in places.items():
        for number, (_, value, rule) in enumerate(single):
            # what is known already need not be searched for again
            if (number not in found or citation not in holding) and holds(text, value, rule):
                found.add(number)
                holding.add(citation)
    if not places:
        return Support(lacking=(), idle={})
    where = ", ".join(islice(places, MOST_SHOWN))
    told = [f"{name} {as_text(value)}" for name, value, _ in single]
    lacking = (f"{where}: {text}" for number, text in enumerate(told) if number not in found)
    held = ", ".join(islice((told[number] for number in sorted(found)), MOST_SHOWN))
    idle = {citation: held for citation in places if found and citation not in holding}
    return Support(lacking=tuple(islice(lacking, MOST_SHOWN)), idle=idle)
