"""Requirements: hard bars on what is declared of candidates, such as the region that data stay in.

What is not declared is never taken as met: such a candidate waits, and is told what to declare.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from unicodedata import normalize

from passmuster.decide.phrases import counted, listed, seconds
from passmuster.records.candidate import Attribute, Candidate
from passmuster.records.record import Json
from passmuster.records.requirement import RequirementCheck, RequirementStatus
from passmuster.records.task import Requirement

DURATIONS = ("data_retention",)
"""Attributes that are times, kept in seconds."""

DATES = ("end_of_life",)
"""Attributes that are days (ISO 8601), or `none` where none is announced."""

NONE_ANNOUNCED = "none"
NEAR_DAYS = 90
"""An end of life within so many days is warned about."""

OLD_DAYS = 180
"""What was read longer ago than so many days is worth reading again."""

_SHOWN = 60


def requirement_checks(
    candidate: Candidate, requires: Sequence[Requirement], today: str
) -> tuple[RequirementCheck, ...]:
    """Return what became of each requirement.

    A text is compared whatever its upper and lower case; of several values (`region: [eu, us]`) each must be
    allowed. A day must be after the one asked for; an end of life may not have passed, and `none` is a day for it alone.

    Args:
        candidate: With its declared attributes.
        requires: What the task asks for.
        today: The day of now (ISO 8601).

    Example:
        >>> asked = (Requirement(attribute="region", one_of=("eu",)),)
        >>> stays = Candidate(name="a", provider="openai", attributes={"region": Attribute(value="EU")})
        >>> [check.status for check in requirement_checks(stays, asked, "2026-11-22")]
        ['meets']
        >>> requirement_checks(Candidate(name="b", provider="openai"), asked, "2026-11-22")[0].status
        'undeclared'
    """
    return tuple(_check(candidate.attributes.get(each.attribute), each, today) for each in requires)


def excluded(checks: Iterable[RequirementCheck]) -> bool:
    """Return whether a requirement is missed: such a candidate is not asked, and cannot pass."""
    return any(check.status == "misses" for check in checks)


def undeclared(checks: Iterable[RequirementCheck]) -> tuple[str, ...]:
    """Return the names of required attributes that are not declared."""
    return tuple(check.attribute for check in checks if check.status == "undeclared")


def requirement_text(requirement: Requirement) -> str:
    """Write a requirement as a condition.

    Example:
        >>> requirement_text(Requirement(attribute="region", one_of=("eu", "ch")))
        'region is eu or ch'
        >>> requirement_text(Requirement(attribute="end_of_life", after="2027-06-01"))
        'end_of_life after 2027-06-01'
        >>> requirement_text(Requirement(attribute="data_retention", at_most=2_592_000.0))
        'data_retention <= 30 days'
    """
    name = requirement.attribute
    if requirement.after is not None:
        return f"{name} after {requirement.after}"
    if requirement.at_most is not None:
        return f"{name} <= {value_text(name, requirement.at_most)}"
    return f"{name} is {' or '.join(value_text(name, value) for value in requirement.one_of)}"


def value_text(name: str, value: Json) -> str:
    """Write the value of an attribute.

    Example:
        >>> value_text("training_on_inputs", False), value_text("data_retention", 0.0), value_text("region", ["eu", "us"])
        ('false', 'none', 'eu and us')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if name in DURATIONS and isinstance(value, int | float):
        return seconds(value) if value else "none"
    if isinstance(value, list | tuple):
        return listed([value_text(name, each) for each in value]) or "nothing"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _check(declared: Attribute | None, asked: Requirement, today: str) -> RequirementCheck:
    text = requirement_text(asked)
    if declared is None or blank(declared.value):
        note = f"not declared: add {asked.attribute} to its attributes"
        return RequirementCheck(attribute=asked.attribute, requirement=text, status="undeclared", note=note)
    status, note = _judged(declared.value, asked, today)
    return RequirementCheck(
        attribute=asked.attribute,
        requirement=text,
        status=status,
        value=declared.value,
        source=declared.source,
        date=declared.date,
        note=note,
    )


def _judged(value: Json, asked: Requirement, today: str) -> tuple[RequirementStatus, str]:
    shown = value_text(asked.attribute, value)
    if asked.after is not None:
        return _dated(asked.attribute, value, asked.after, today)
    if asked.at_most is not None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "undeclared", f"what is declared is no number: {shown}"
        return ("meets" if value <= asked.at_most else "misses"), f"{shown} is declared"
    values = list(value) if isinstance(value, list | tuple) else [value]
    allowed = [_form(each) for each in asked.one_of]
    met = all(_form(each) in allowed for each in values)
    return ("meets" if met else "misses"), f"{shown} {'is' if len(values) == 1 else 'are'} declared"


def _dated(name: str, value: Json, after: str, today: str) -> tuple[RequirementStatus, str]:
    ends = name in DATES
    if ends and isinstance(value, str) and value.casefold() == NONE_ANNOUNCED:
        return "meets", "none is announced"
    day, limit, now = day_of(value), day_of(after), day_of(today)
    if day is None or limit is None:
        return "undeclared", f"what is declared is no day: {value_text('', value)}"
    if ends and now is not None and day <= now:
        return "misses", f"{day} has passed"
    return ("meets" if day > limit else "misses"), f"{day} is declared"


def blank(value: Json) -> bool:
    """Return whether a value says nothing: none at all, an empty text or an empty list."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], ())


def _form(value: Json) -> tuple[str, str]:
    """Return a value so that equal ones are equal: true is not 1, and EU is eu."""
    if isinstance(value, bool):
        return "bool", str(value)
    if isinstance(value, int | float):
        return "number", str(float(value))
    return "text", normalize("NFC", str(value).strip()).casefold()


def day_of(value: object) -> date | None:
    """Return the day of a day or a time (ISO 8601); None for anything else.

    Example:
        >>> day_of("2026-11-22T08:00:00Z"), day_of("2026-11-22 or so")
        (datetime.date(2026, 11, 22), None)
    """
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        return None


def attribute_cautions(candidates: Iterable[Candidate], today: str) -> tuple[str, ...]:
    """Return what a reader must know of declared attributes: an end of life that is near or past, old declarations.

    Example:
        >>> soon = Candidate(name="a", provider="openai", attributes={"end_of_life": Attribute(value="2026-12-24")})
        >>> attribute_cautions([soon], "2026-11-22")
        ('a reaches its end of life on 2026-12-24, in 32 days.',)
    """
    now = day_of(today)
    if now is None:
        return ()
    found = []
    for candidate in candidates:
        found += _ending(candidate, now)
        found += _old(candidate, now)
    return tuple(found)


def _ending(candidate: Candidate, now: date) -> list[str]:
    said = []
    for name in DATES:
        day = day_of(candidate.attributes[name].value) if name in candidate.attributes else None
        if day is not None and day <= now:
            said.append(f"{candidate.name} reached its end of life on {day}.")
        elif day is not None and (day - now).days <= NEAR_DAYS:
            left = counted((day - now).days, "day")
            said.append(f"{candidate.name} reaches its end of life on {day}, in {left}.")
    return said


def _old(candidate: Candidate, now: date) -> list[str]:
    old, early = [], []
    for name, attribute in candidate.attributes.items():
        read = None if attribute.date is None else day_of(attribute.date)
        if read is None:
            continue
        if (now - read).days > OLD_DAYS:
            old.append(f"{name} ({read})")
        elif (read - now).days > 1:  # a day is left for clocks that are ahead of UTC
            early.append(f"{name} ({read})")
    told = ((f"more than {OLD_DAYS} days ago", old), ("on a day that has not come", early))
    return [f"{candidate.name}: read {when}, look again: {listed(found)}." for when, found in told if found]
